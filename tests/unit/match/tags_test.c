// SPDX-License-Identifier: GPL-2.0-or-later
#include "match/tags.h"

#include "../t.h"

static const struct {
	const char *what, *regex, *expanded;
	bool names;
} cases[] = {
	{ "no tag at all", "^a<b>c d< e$", "^a<b>c d< e$" },
	{ "a group of one's own", "<F-USER>\\S+</F-USER>", "(?P<user>\\S+)" },
	{ "a name with digits and underscores", "<F-ALT_USER_2>x</F-ALT_USER_2>",
	  "(?P<alt_user_2>x)" },
	{ "ID is fid", "<F-ID>x</F-ID>", "(?P<fid>x)" },
	{ "PORT is fport", "<F-PORT>x</F-PORT>", "(?P<fport>x)" },
	{ "a short id", "<F-ID/>", "(?P<fid>\\S+)" },
	{ "a short port", "<F-PORT/>", "(?P<fport>\\w+)" },
	{ "only upper case is a tag", "<F-user>", "<F-user>" },
	{ "a closing tag without its opening one", "a</F-USER>", "a</F-USER>" },
	{ "an opening tag behind it does not help", "</F-A><F-A>", "</F-A>(?P<a>" },
	{ "two closing tags for one", "<F-A>(</F-A></F-A>", "(?P<a>())" },
	{ "a short tag that is none", "<F-USER/>", "<F-USER/>" },
	{ "brackets around a tag", "<<CIDR>>", "<(?P<cidr>\\d+)>" },
	{ "tags in a tag", "<F-ID><CIDR>:<F-PORT/></F-ID>",
	  "(?P<fid>(?P<cidr>\\d+):(?P<fport>\\w+))" },
	{ "skipped lines are numbered", "a<SKIPLINES>b<SKIPLINES>",
	  "a\\n(?P<skiplines0>(?:(?:.*\\n)*?))b\\n(?P<skiplines1>(?:(?:.*\\n)*?))" },
	{ "a name", "<DNS>", "(?P<dns>[\\w\\-.^_]*\\w)" },
	{ "an unfinished tag", "<HOST", "<HOST" },
	{ "an empty one", "<>", "<>" },
};

static void test_expand(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct tags t;

		t_is(cases[i].what, tags_expand(&t, cases[i].regex, cases[i].names), 0);
		t_str(cases[i].what, t.text.s, cases[i].expanded);
		tags_fini(&t);
	}
}

static void test_names(void)
{
	struct tags t;

	tags_expand(&t, "<HOST>", true);
	t_ok("HOST takes names", strstr(t.text.s, "(?P<dns>") != NULL);
	t_ok("and addresses", strstr(t.text.s, "(?P<ip4>") && strstr(t.text.s, "(?P<ip6>"));
	tags_fini(&t);
	tags_expand(&t, "<HOST>", false);
	t_ok("HOST without names", strstr(t.text.s, "(?P<dns>") == NULL);
	tags_fini(&t);
}

/* An offset in the expanded text leads back to what the operator wrote. */
static void test_places(void)
{
	const char *regex = "^a<CIDR>b<F-X>c</F-X>d";
	static const struct {
		const char *find;
		size_t place;
	} places[] = {
		{ "^a", 0 }, { "a(?P<cidr", 1 }, { "(?P<cidr", 2 }, { "d+)b", 2 },
		{ "b(?P<x>", 8 }, { "(?P<x>", 9 }, { "c)", 14 }, { ")d", 15 }, { "", 22 },
	};
	struct tags t;

	tags_expand(&t, regex, true);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *at = places[i].find[0] ? strstr(t.text.s, places[i].find)
						   : t.text.s + t.text.len;

		t_is(places[i].find, (int64_t)tags_place(&t, (size_t)(at - t.text.s)),
		     (int64_t)places[i].place);
	}
	tags_fini(&t);
}

int main(void)
{
	test_expand();
	test_names();
	test_places();
	return t_done();
}
