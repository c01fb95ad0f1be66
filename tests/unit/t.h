/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * t.h - the few lines a table-driven test needs.
 * Each check prints a line only when it fails; t_done() closes with the
 * `N passed, N failed` that tests/run.sh adds up, and gives the exit status.
 */
#pragma once
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static int t_passed, t_failed;

static inline int t_ok_at(const char *file, int line, const char *what, bool ok)
{
	if (ok) {
		t_passed++;
		return 0;
	}
	t_failed++;
	printf("%s:%d: FAILED: %s\n", file, line, what);
	return 1;
}

static inline int t_is_at(const char *file, int line, const char *what,
			  int64_t got, int64_t want)
{
	if (got == want)
		return t_ok_at(file, line, what, true);
	t_failed++;
	printf("%s:%d: FAILED: %s: got %" PRId64 ", want %" PRId64 "\n",
	       file, line, what, got, want);
	return 1;
}

static inline int t_str_at(const char *file, int line, const char *what,
			   const char *got, const char *want)
{
	if ((got && want && !strcmp(got, want)) || (!got && !want))
		return t_ok_at(file, line, what, true);
	t_failed++;
	printf("%s:%d: FAILED: %s:\n  got  \"%s\"\n  want \"%s\"\n", file, line,
	       what, got ? got : "(null)", want ? want : "(null)");
	return 1;
}

#define t_ok(what, cond)	t_ok_at(__FILE__, __LINE__, what, cond)
#define t_is(what, got, want)	t_is_at(__FILE__, __LINE__, what, got, want)
#define t_str(what, got, want)	t_str_at(__FILE__, __LINE__, what, got, want)

/*
 * A directory of the test's own in $TMPDIR, which tests/run.sh removes however
 * the test ends; @dir gets its path.  False: there is none.
 */
enum { T_DIR = 96 };

static inline bool t_dir(char dir[static T_DIR])
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(dir, T_DIR, "%s/%s.XXXXXX", tmp ? tmp : "/tmp",
			 program_invocation_short_name);

	return n < T_DIR && mkdtemp(dir);
}

static inline int t_done(void)
{
	printf("%d passed, %d failed\n", t_passed, t_failed);
	return t_failed || !t_passed;
}
