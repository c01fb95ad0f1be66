// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex/literals.h"

#include "../random.h"
#include "../t.h"
#include "regex/regex.h"
#include "base/str.h"

#define ADDR "(?:\\d{1,3}\\.){3}\\d{1,3}"

/* "a|b c" are two sets, the first of two texts; a "~" is before any_case ones. */
static const struct {
	const char *what, *pattern, *want;
} cases[] = {
	{ "plain text", "abc def", "abc_def" },
	{ "what is escaped", "a\\.b\\x2dc\\[", "a.b-c[" },
	{ "places take no text", "^abc\\b$", "abc" },
	{ "classes end a text", "abc\\s+def\\w*ghi", "abc def ghi" },
	{ "short texts do not count", "ab.cd.efg", "efg" },
	{ "long texts are cut", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF",
	  "stuvwxyz0123456789ABCDEF" },
	{ "branches", "^(?:abc|defg) x", "abc_x|defg_x" },
	{ "branches with more in them", "(?:abc.d|.*defg) xy", "abc|defg _xy" },
	{ "a branch that needs nothing", "(?:abc|.*) xyz", "_xyz" },
	{ "an empty branch", "(?:|abc)defg", "defg|abcdefg" },
	{ "branches of all", "abc|^def|gh.ijk", "abc|def|ijk" },
	{ "maybe", "a(?:bc)?def", "abcdef|adef" },
	{ "maybe a long one", "abc(?:x.y)?def", "abc def" },
	{ "any number", "abc(?:def)*ghi", "abc ghi" },
	{ "at least one", "abc(?:def)+ghi", "def abc ghi" },
	{ "a number of times", "x(?:ab){2}y", "xababy" },
	{ "a range of times", "(?:abc){1,2}(?:def){0,1}ghi", "abc defghi|ghi" },
	{ "not at all", "abc(?:def){0}ghi", "abcghi" },
	{ "too often", "(?:abcdefgh){9}", "abcdefgh" },
	{ "small sets", "IPV[46]/x", "IPV4/x|IPV6/x" },
	{ "large sets", "IPV[0-9]/x[^a]y", "IPV" },
	{ "a bracket in a set", "ab[]]cd[\\]x]ef", "ab]cd]ef|ab]cdxef" },
	{ "captures", "^user (?P<u>\\S+|.*?) from (?P<h>" ADDR ") port",
	  "user_ _from_ _port" },
	{ "looking ahead", "abc(?=def)(?!ghi)(?<=j)(?<!k)lmn", "abclmn" },
	{ "a condition", "(?P<q>\")?abc(?(q)\"|x)def", "\"abc\"def|\"abcxdef|abc\"def|abcxdef" },
	{ "half a condition", "(?P<q>\")?abc(?(q)\")def", "\"abc\"def|\"abcdef|abc\"def|abcdef" },
	{ "a condition of more", "(x)?(?(1)abc.*|def.*)ghi", "abc|def ghi" },
	{ "half a condition of more", "(x)?(?(1)abc.*)ghi", "ghi" },
	{ "a back reference", "(abc)\\1def", "abc def" },
	{ "any case", "(?i)abc def", "~abc_def" },
	{ "any case has relatives of k and s", "(?i)foo kilo mistook", "~foo_ ~ilo_mi ~too" },
	{ "any case for a while", "abc (?i:de)fg", "~abc_defg" },
	{ "any case but for a while", "(?i)ab(?-i:sk)cd", "~abskcd" },
	{ "beyond ASCII", "abc\xc3\xa9" "def", "abc def" },
	{ "a newline", "abc\\ndef", "abc def" },
	{ "possessive and lazy", "abc(?:def)+?ghi(?>jkl)", "def abc ghijkl" },
	{ "many branches", "(?:1a|2a|3a|4a|5a|6a|7a|8a|9a|0a|1b|2b|3b|4b|5b|6b|7b)xyz", "xyz" },
	{ "many combinations", "(?:abc|def)(?:g|h)(?:i|j)(?:k|l)(?:m|n)",
	  "abcgik|abcgil|abcgjk|abcgjl|abchik|abchil|abchjk|abchjl|"
	  "defgik|defgil|defgjk|defgjl|defhik|defhil|defhjk|defhjl" },
	{ "nothing", ".*", "" },
	{ "empty", "", "" },
};

static void put_set(struct str *out, const struct literals *set)
{
	for (unsigned int i = 0; i < set->n; i++) {
		if (i)
			str_putc(out, '|');
		if (set->v[i].any_case)
			str_putc(out, '~');
		for (unsigned int k = 0; k < set->v[i].len; k++)
			str_putc(out, set->v[i].s[k] == ' ' ? '_' : set->v[i].s[k]);
	}
}

static void test_sets(struct regex_env *env)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct literal_sets sets;
		struct regex_error err;
		struct str got = { 0 };
		struct regex *re;

		if (t_is(cases[i].what, regex_new(&re, env, cases[i].pattern, 0, &err), 0))
			continue;
		t_is(cases[i].what, regex_literals(re, &sets), 0);
		str_puts(&got, "");
		for (size_t k = 0; k < sets.n; k++) {
			if (k)
				str_putc(&got, ' ');
			put_set(&got, &sets.v[k]);
		}
		t_str(cases[i].what, got.s, cases[i].want);
		str_fini(&got);
		literals_fini(&sets);
		regex_free(re);
	}
}

/* ---- what matches holds a text of each set ---- */

static bool holds(const char *s, size_t len, const struct literal *l)
{
	for (size_t i = 0; i + l->len <= len; i++)
		if (l->any_case ? !strncasecmp(s + i, l->s, l->len)
				: !memcmp(s + i, l->s, l->len))
			return true;
	return false;
}

static bool holds_all(const char *s, size_t len, const struct literal_sets *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		const struct literals *set = &sets->v[i];
		unsigned int k = 0;

		while (k < set->n && !holds(s, len, &set->v[k]))
			k++;
		if (k == set->n)
			return false;
	}
	return true;
}

/*
 * A random expression of few letters, so that random subjects often match it.
 * The letters are those that are special under the flag i.
 */
static void put_random(struct str *out, uint64_t *random, int depth)
{
	static const char *const atoms[] = {
		"a", "b", "k", "S", " ", ".", "[ab]", "[^a]", "\\s", "ab", "aab", "\\b",
		"\xc3\xa9", "^", "$", "abaabbaab", "(?:abaabbaab|ab){3}",
	};
	static const char *const times[] = { "?", "*", "+", "{2}", "{1,2}", "{0}", "+?", "??" };
	uint32_t n = 1 + random_below(random, 4);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t what = random_below(random, depth ? 10 : 6);
		static const char *const open[] = { "(?:", "(", "(?i:", "(?=" };

		if (what < 6) {
			str_puts(out, atoms[random_below(random, ARRAY_SIZE(atoms))]);
			if (out->s[out->len - 1] == '^' || out->s[out->len - 1] == '$')
				continue;
		} else {
			str_puts(out, open[random_below(random, ARRAY_SIZE(open))]);
			put_random(out, random, depth - 1);
			str_putc(out, ')');
		}
		if (out->s[out->len - 1] != 'b' && random_below(random, 4) == 0)
			str_puts(out, times[random_below(random, ARRAY_SIZE(times))]);
		if (random_below(random, 8) == 0)
			str_putc(out, '|');
	}
}

static size_t random_subject(char *buf, uint64_t *random)
{
	static const char *const pieces[] = {
		"a", "b", "aab", "ab", "A", "B", "k", "K", "\xe2\x84\xaa", "s", "S",
		"\xc5\xbf", " ", "\xc3\xa9", "\xc3\x89", "abaabbaab", "abaabbaababaabbaab",
	};
	uint32_t n = random_below(random, 14);
	size_t len = 0;

	for (uint32_t i = 0; i < n; i++)
		len += (size_t)sprintf(buf + len, "%s",
				       pieces[random_below(random, ARRAY_SIZE(pieces))]);
	return len;
}

static void test_random(struct regex_env *env)
{
	uint64_t random = 20261123;
	unsigned int matched = 0, useful = 0;
	bool all = true;

	for (int round = 0; round < 4000; round++) {
		struct literal_sets sets;
		struct regex_error err;
		struct str pattern = { 0 };
		struct regex *re;

		str_puts(&pattern, "");
		put_random(&pattern, &random, 3);
		if (!regex_new(&re, env, pattern.s, 0, &err)) {
			regex_literals(re, &sets);
			useful += sets.n > 0;
			for (int k = 0; k < 40; k++) {
				struct regex_span span;
				char subject[512];
				size_t len = random_subject(subject, &random);

				if (!regex_match(re, subject, len, 0, &span, 1))
					continue;
				matched++;
				if (holds_all(subject, len, &sets))
					continue;
				printf("'%s' matches '%s'\n", pattern.s, subject);
				all = false;
			}
			literals_fini(&sets);
			regex_free(re);
		}
		str_fini(&pattern);
	}
	t_ok("what matches holds a text of each set", all);
	t_ok("many random expressions match", matched > 10000);
	t_ok("many random expressions need texts", useful > 500);
}

int main(void)
{
	struct regex_env *env = regex_env_new();

	test_sets(env);
	test_random(env);
	regex_env_free(env);
	return t_done();
}
