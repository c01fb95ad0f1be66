// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Expressions for lines (REGEX_LINE) are compiled from another text where a line
 * is plain.  What they find must be what the text as it was written finds.
 */
#include <stdlib.h>

#include "../random.h"
#include "../t.h"
#include "regex/regex.h"

enum { GROUPS = 6, LONG = 64000 };

static const char *const patterns[] = {
	".+$", ".*$", "^.+$", "^(.+)$", "^(?:a(.*))?$", "^\\s*(.*)$", "(.+)$|b",
	"^(a)?(?(1).+$|b.*)$", "^(a)?(b.+(?=c)|.+$)(?(1)c)$", "(?:.+)+$", "(?:x|.*)?$",
	"(?=.+)$", "(?=.*)a", "a(?!.+$)", "(?<=a).*$", "(?>.*)$", "((a|.+)?)$", ".+?$",
	".++$", ".*+$", "(.+)*$", "(.+){2}$", "(a.+)?$", "[.]+$", "\\.+$", "[^.+$]+",
	"(?s).+$", "(?m).+$", "(?s:.+)$", "(?i:A.+)$", ".+\\Z", ".*\\n", ".+$\\n", ".*$(\\n)?",
	"^.*'", "'.*'", "('.*')", "'(.*)'", "'.+'b", ".*\"b", "<.+>", "\\(.*\\)", ".*[']",
	".*'?a", ".*'+a", ".+'{1,2}b", "(.*'a)*b", "(?:.*')?(b)", "(?!.*')a", "a(?=.+')",
	"^(a)?.*'(?(1)(?<=b'))", "(.)\\1.*'", ".*'.*'.*$", "(?s).*'", "[^'].*'", ".*'a|b.*'",
	".*\\n'", "\\s.*'\\s", "a.*'\\s*$", "(?x) .* ' $",
};

static void make_subject(char *out, size_t len, uint64_t *random)
{
	static const char letters[] = "ab'\"<>() \t.+c";

	for (size_t i = 0; i < len; i++)
		out[i] = letters[random_below(random, sizeof(letters) - 1)];
	out[len] = '\n';
}

static bool same(const struct regex *re, const char *subject, size_t len)
{
	struct regex_span fast[GROUPS], slow[GROUPS];
	int found;

	found = regex_match(re, subject, len, 0, fast, GROUPS);
	if (found != regex_match_known(re, subject, len, false, 0, slow, GROUPS))
		return false;
	return !found || !memcmp(fast, slow, sizeof(fast));
}

static void test_pattern(struct regex_env *env, const char *pattern, uint64_t *random)
{
	char subject[32];
	struct regex_error err;
	struct regex *re;
	bool all = true;

	if (t_is(pattern, regex_new(&re, env, pattern, REGEX_LINE, &err), 0))
		return;
	for (int i = 0; i < 20000 && all; i++) {
		size_t len = random_below(random, i % 2 ? 6 : 20);

		make_subject(subject, len, random);
		all = same(re, subject, len + 1);
		if (!all)
			printf("# %s: %.*s", pattern, (int)len + 1, subject);
	}
	t_ok(pattern, all);
	regex_free(re);
}

/* What regex_match() has to find out by itself. */
static void test_other_subjects(struct regex_env *env)
{
	struct regex_error err;
	struct regex_span s;
	struct regex *re;

	t_is("compiles", regex_new(&re, env, "a.+$", REGEX_LINE, &err), 0);
	t_is("no newline at all", regex_match(re, "abc", 3, 0, &s, 1), 1);
	t_is("its end", (int64_t)s.end, 3);
	t_is("another one inside", regex_match(re, "ab\nc\n", 5, 0, &s, 1), 0);
	t_is("nothing", regex_match(re, "", 0, 0, &s, 1), 0);
	regex_free(re);
}

/* As many marks as a line can have. */
static void test_long(struct regex_env *env)
{
	char *subject = malloc(LONG);
	struct regex_error err;
	struct regex_span s;
	struct regex *re;

	memset(subject, '\'', LONG);
	subject[LONG - 1] = '\n';
	t_is("compiles", regex_new(&re, env, "^'.*'$", REGEX_LINE, &err), 0);
	t_is("64,000 marks", regex_match(re, subject, LONG, 0, &s, 1), 1);
	t_is("the last one", (int64_t)s.end, LONG - 1);
	regex_free(re);
	free(subject);
}

int main(void)
{
	struct regex_env *env = regex_env_new();
	uint64_t random = 20261123;

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		test_pattern(env, patterns[i], &random);
	test_other_subjects(env);
	test_long(env);
	t_is("nothing was cut off", (int64_t)regex_env_limited(env), 0);
	regex_env_free(env);
	return t_done();
}
