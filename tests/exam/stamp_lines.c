// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stamp_lines - what stamp makes of each line on standard input.
 *
 *	stamp_lines NOW TIMEZONE SLOW [PATTERN...] <LINES
 *
 * Prints "START END TIME" for each line: the bytes cut out, and the seconds
 * they mean, or "nodate" or "nozone"; "-" for a line without a date.  TIMEZONE
 * may be empty; SLOW is 1 for expressions only.
 */
#include "regex/regex.h"
#include "stamp/stamp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PATTERNS_MAX 20

static void print_line(struct stamp *s, const char *line, size_t len, wall_t now)
{
	struct stamp_date date;
	wall_t when;
	int ret;

	if (!stamp_find(s, line, len, &date)) {
		puts("-");
		return;
	}
	if (date.start == date.end) {
		printf("%zu %zu empty\n", date.start, date.end);
		return;
	}
	ret = stamp_compute(s, line, &date, now, &when);
	printf("%zu %zu ", date.start, date.end);
	if (ret)
		puts(ret == -ENOENT ? "nozone" : "nodate");
	else
		printf("%.6f\n", wall_to_s(when));
}

int main(int argc, char **argv)
{
	struct text patterns[PATTERNS_MAX];
	struct stamp_spec spec = { patterns, 0, { 0 } };
	struct regex_env *env = regex_env_new();
	struct diag d = { 0 };
	struct stamp *s;
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	wall_t now;

	if (argc < 4 || argc > 4 + PATTERNS_MAX)
		return 2;
	now = wall_from_s(strtod(argv[1], NULL));
	if (*argv[2])
		spec.timezone.s = argv[2];
	for (int i = 4; i < argc; i++)
		patterns[spec.n++] = (struct text){ argv[i], NULL, 0 };
	if (stamp_new(&s, &spec, env, now, &d)) {
		for (size_t i = 0; i < d.n; i++)
			fprintf(stderr, "%s\n", d.entries[i].text);
		return 1;
	}
	if (*argv[3] == '1')
		stamp_slow(s);
	while ((len = getline(&line, &size, stdin)) > 0) {
		if (line[len - 1] == '\n')
			len--;
		print_line(s, line, (size_t)len, now);
	}
	free(line);
	stamp_free(s);
	regex_env_free(env);
	diag_fini(&d);
	return 0;
}
