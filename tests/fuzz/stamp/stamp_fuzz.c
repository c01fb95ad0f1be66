// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines against date patterns.  The first line of the input is a pattern of the
 * fuzzer's own, or "=N" for one of those below; every other line is searched,
 * with the hand-written matchers and without: both must find the same.
 */
#include "regex/regex.h"
#include "stamp/stamp.h"

#include <stdio.h>
#include <stdlib.h>

#define PATTERN_MAX	200
#define NOW		((wall_t){ 1124013600 * US_PER_S })

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const known[] = {
	"{DEFAULT}", "{^LN-BEG}", "{^LN-BEG}Epoch", "^[^\\[]*\\[({DATE})",
	"%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\\.%f)?(?: %z)?",
	"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\\s*%z)?",
	"(?:%a )?%b %d %k:%M:%S(?:\\.%f)?(?: %ExY)?", "LEpoch", "{NONE}",
	"%I:%M %p %j %Exz",
};

static void expect(bool ok, const char *what, const char *line, size_t len)
{
	if (ok)
		return;
	fprintf(stderr, "%s differs on \"%.*s\"\n", what, (int)len, line);
	abort();
}

static void check_line(struct stamp *fast, struct stamp *slow, const char *line,
		       size_t len)
{
	struct stamp_date a, b;
	wall_t t = { 0 }, u = { 0 };
	bool found = stamp_find(fast, line, len, &a);

	expect(found == stamp_find(slow, line, len, &b), "what is found", line, len);
	if (!found)
		return;
	expect(a.start == b.start && a.end == b.end, "the place", line, len);
	expect(a.start <= a.end && a.end <= len && a.limit <= len, "the end", line, len);
	if (a.start == a.end)
		return;
	expect(stamp_compute(fast, line, &a, NOW, &t) ==
	       stamp_compute(slow, line, &b, NOW, &u) && t.us == u.us,
	       "the moment", line, len);
}

static void check_lines(struct stamp *fast, struct stamp *slow, const char *p,
			const char *end)
{
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((eol ? eol : end) - p);
		char *line = malloc(len + !len);

		/* A copy of its own, so that one byte too many is noticed. */
		if (!line)
			return;
		memcpy(line, p, len);
		check_line(fast, slow, line, len);
		free(line);
		p += len + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	const char *eol = size ? memchr(p, '\n', size) : NULL;
	struct text text = { NULL, "fuzz", 1 };
	struct stamp_spec spec = { &text, 1, { 0 } };
	struct stamp *fast = NULL, *slow = NULL;
	struct regex_env *env;
	char own[PATTERN_MAX];

	if (!eol || eol - p >= PATTERN_MAX)
		return 0;
	memcpy(own, p, (size_t)(eol - p));
	own[eol - p] = '\0';
	text.s = own;
	if (own[0] == '=')
		text.s = known[(unsigned char)(own[1] - '0') % ARRAY_SIZE(known)];
	env = regex_env_new();
	if (!env)
		return 0;
	if (!stamp_new(&fast, &spec, env, NOW, NULL) &&
	    !stamp_new(&slow, &spec, env, NOW, NULL)) {
		stamp_slow(slow);
		check_lines(fast, slow, eol + 1, end);
	}
	stamp_free(fast);
	stamp_free(slow);
	regex_env_free(env);
	return 0;
}
