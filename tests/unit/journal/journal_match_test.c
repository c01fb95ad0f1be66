// SPDX-License-Identifier: GPL-2.0-or-later
/* journalmatch: split as a shell would, then terms. */
#include <errno.h>

#include "journal/journal_match.h"
#include "../t.h"

static const struct { const char *match, *want; } good[] = {
	{ NULL, "" },
	{ "", "" },
	{ " \n\t\n", "" },
	{ "+", "" },
	{ "+ + \n +", "" },
	{ "A=b", "A=b" },
	{ "  A=b\t_C1=d  ", "A=b _C1=d" },
	{ "A=b + C=d", "A=b + C=d" },
	{ "A=b\nC=d", "A=b + C=d" },
	{ "\nA=b +\n\n+ C=d +\n", "A=b + C=d" },
	{ "A=b+c", "\"A=b+c\"" },
	{ "A=", "A=" },
	{ "A=b=c", "A=b=c" },
	{ "'A=b c'", "\"A=b c\"" },
	{ "A='b c'\"d e\"f", "\"A=b cd ef\"" },
	{ "A=b\\ c", "\"A=b c\"" },
	{ "\"A=\\\"\\\\\\n\"", "\"A=\\\"\\\\\\\\n\"" },
	{ "'A=\\'", "\"A=\\\\\"" },
	{ "A=\\+", "\"A=+\"" },
	{ "A=b # c=d", NULL },
	{ "A=b '+' C=d", "A=b + C=d" },
};

static const struct { const char *match, *why; } bad[] = {
	{ "a=b", "journalmatch: \"a=b\" is not FIELD=value, with a field in capitals that does "
		 "not begin with __" },
	{ "A", "journalmatch: \"A\" is not FIELD=value, with a field in capitals that does not "
	       "begin with __" },
	{ "=b", "journalmatch: \"=b\" is not FIELD=value, with a field in capitals that does not "
		"begin with __" },
	{ "__CURSOR=b", "journalmatch: \"__CURSOR=b\" is not FIELD=value, with a field in capitals "
			"that does not begin with __" },
	{ "A=b ''", "journalmatch: \"\" is not FIELD=value, with a field in capitals that does not "
		    "begin with __" },
	{ "A=b \"C=d", "journalmatch: the closing \" is missing" },
	{ "A=b\n'C=d\nE='", "journalmatch: the closing ' is missing" },
	{ "A=b\\", "journalmatch: nothing follows the \\" },
	{ "\"A=b\\", "journalmatch: the closing \" is missing" },
};

static void test_good(void)
{
	struct journal_match m;
	struct str text = { 0 };
	char why[256];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const char *match = good[i].match;
		int want = good[i].want ? 0 : -EINVAL;

		t_is(match ? match : "(none)", journal_match_parse(&m, match, why, sizeof(why)),
		     want);
		str_reset(&text);
		str_puts(&text, "");
		journal_match_print(&m, &text);
		t_str(match ? match : "(none)", text.s, good[i].want ? good[i].want : "");
		journal_match_fini(&m);
	}
	str_fini(&text);
}

static void test_bad(void)
{
	struct journal_match m;
	char why[256];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		t_is(bad[i].match, journal_match_parse(&m, bad[i].match, why, sizeof(why)),
		     -EINVAL);
		t_str(bad[i].match, why, bad[i].why);
		t_is("nothing is left", (int64_t)m.n, 0);
		t_is("nobody asks why", journal_match_parse(&m, bad[i].match, NULL, 0), -EINVAL);
	}
}

static void test_many(void)
{
	struct journal_match m;
	struct str s = { 0 };

	for (int i = 0; i < JOURNAL_TERMS_MAX; i++)
		str_puts(&s, "A=b ");
	t_is("as many as there may be", journal_match_parse(&m, s.s, NULL, 0), 0);
	t_is("all of them", (int64_t)m.n, JOURNAL_TERMS_MAX);
	journal_match_fini(&m);
	str_puts(&s, "A=b");
	t_is("one more", journal_match_parse(&m, s.s, NULL, 0), -EINVAL);
	str_fini(&s);
}

int main(void)
{
	test_good();
	test_bad();
	test_many();
	return t_done();
}
