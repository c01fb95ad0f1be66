// SPDX-License-Identifier: GPL-2.0-or-later
#include "scene.h"

#include <errno.h>

/* Whom a line is about. */
static const struct scene scenes[] = {
	{ "the date is cut out", .failregex = { "^\\[\\] bad <ADDR>$" }, .steps = {
		{ "[{2024-01-01}] bad 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "[2024-01-01] bad 192.0.2.1", NULL },
	} },
	{ "what is before and behind the date becomes one", .failregex = { "^ab <ADDR>$" },
	  .steps = {
		{ "a{2024}b 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "and so does a text that an expression needs", .failregex = { "^x? ?needle <ADDR>$" },
	  .steps = {
		{ "n{2024}eedle 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "needl{2024}e 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "x needl{2024}e 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "need{needle}l 192.0.2.1", NULL },
	} },
	{ "also that of an earlier one", .failregex = { "^abcd <ADDR>", " <ADDR>", "wxyz <ADDR>" },
	  .steps = {
		{ "ab{2024}cd 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "ab{2024} 192.0.2.1", "192.0.2.1 1 1 ip4=192.0.2.1" },
	} },
	{ "a newline is always there", .failregex = { "<ADDR>\\n\\Z" }, .steps = {
		{ "192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "the first failregex wins", .failregex = { "^a <ADDR>", "<ADDR>", "b <ADDR>" },
	  .steps = {
		{ "a 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "b 192.0.2.1", "192.0.2.1 1 1 ip4=192.0.2.1" },
		{ "c", NULL },
	} },
	{ "spellings of addresses", .failregex = { "^from <HOST>(?::\\d+)?$" }, .steps = {
		{ "from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from [192.0.2.1]:5060", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from ::ffff:192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from ::FFFF:192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from ::ffff:c000:201", "192.0.2.1 0 1 ip6=::ffff:c000:201" },
		{ "from 0:0:0:0:0:FFFF:192.0.2.1",
		  "192.0.2.1 0 1 ip6=0:0:0:0:0:FFFF:192.0.2.1" },
		{ "from 2001:DB8:0::1", "2001:db8::1 0 1 ip6=2001:DB8:0::1" },
		{ "from [2001:db8::1]:5060", "2001:db8::1 0 1 ip6=2001:db8::1" },
		{ "from 64:ff9b::192.0.2.1", "64:ff9b::c000:201 0 1 ip6=64:ff9b::192.0.2.1" },
		{ "from fe80::1%eth0.5", "fe80::1 0 1 ip6=fe80::1%eth0.5" },
		{ "from 2001:db8::", "2001:db8:: 0 1 ip6=2001:db8::" },
	} },
	{ "what only looks like an address", .failregex = { "^from <HOST>$" },
	  .names = FILTER_NAMES_RESOLVE, .steps = {
		{ "from 999.1.1.1", "999.1.1.1 0 1 bogus ip4=999.1.1.1" },
		{ "from 010.0.0.1", "010.0.0.1 0 1 bogus ip4=010.0.0.1" },
		{ "from 1234.1.1.1", "1234.1.1.1 0 1 bogus dns=1234.1.1.1" },
		{ "from 127.1", "127.1 0 1 bogus dns=127.1" },
		{ "from 0x7f.0x1", "0x7f.0x1 0 1 bogus dns=0x7f.0x1" },
		{ "from 2130706433", "2130706433 0 1 bogus dns=2130706433" },
		{ "from 1:2:3", "1:2:3 0 1 bogus ip6=1:2:3" },
		{ "from ::ffff:1.2.3.400", "1.2.3.400 0 1 bogus ip4=1.2.3.400" },
		{ "from \xd9\xa1.2.3.4", "\xd9\xa1.2.3.4 0 1 bogus dns=\xd9\xa1.2.3.4" },
	} },
	{ "names to be resolved", .failregex = { "^from <HOST>$" },
	  .names = FILTER_NAMES_RESOLVE, .steps = {
		{ "from a.example", "a.example 0 1 dns dns=a.example" },
		{ "from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "names as they are", .failregex = { "^from <HOST>$" },
	  .names = FILTER_NAMES_RAW, .steps = {
		{ "from a.example", "a.example 0 1 text dns=a.example" },
		{ "from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "no names", .failregex = { "^from <HOST>$", "^name <DNS>$" }, .steps = {
		{ "from a.example", NULL },
		{ "name a.example", NULL },
		{ "name 192.0.2.1", "192.0.2.1 1 1 dns=192.0.2.1" },
	} },
	{ "networks", .failregex = { "^from <SUBNET>$", "^net <ADDR> <CIDR>$" }, .steps = {
		{ "from 192.0.2.77/24", "192.0.2.0/24 0 1 ip4=192.0.2.77 cidr=24" },
		{ "from [2001:db8::ff/64]", "2001:db8::/64 0 1 ip6=2001:db8::ff cidr=64" },
		{ "net 192.0.2.1 32", "192.0.2.1 1 1 ip4=192.0.2.1 cidr=32" },
		{ "from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from 192.0.2.1/33", "192.0.2.1 0 1 bogus ip4=192.0.2.1 cidr=33" },
		{ "from 192.0.2.1/0", "192.0.2.1 0 1 bogus ip4=192.0.2.1 cidr=0" },
	} },
	{ "an id of its own", .failregex = { "^user <F-ID>\\w+</F-ID>(?: at <ADDR>)?$",
	  "^id <F-ID><ADDR></F-ID>$" }, .steps = {
		{ "user bob", "bob 0 1 text fid=bob" },
		{ "user bob at 192.0.2.1", "bob 0 1 text fid=bob ip4=192.0.2.1 ip=192.0.2.1" },
		{ "id 192.0.2.1", "192.0.2.1 1 1 fid=192.0.2.1 ip4=192.0.2.1" },
		{ "id [2001:db8::1]",
		  "2001:db8::1 1 1 fid=[2001:db8::1] ip6=2001:db8::1 ip=2001:db8::1" },
	} },
	{ "alternatives fill what is empty", .failregex = {
	  "^<ADDR>(?: a=<F-ALT_USER_2>\\w*</F-ALT_USER_2>)?(?: b=<F-ALT_USER_1>\\w*</F-ALT_USER_1>)?"
	  "(?: u=<F-USER>\\w*</F-USER>)?$" }, .steps = {
		{ "192.0.2.1 a=x", "192.0.2.1 0 1 ip4=192.0.2.1 user=x alt_user_2=x" },
		{ "192.0.2.1 a=x b=y",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=y alt_user_2=x alt_user_1=y" },
		{ "192.0.2.1 a=x u=", "192.0.2.1 0 1 ip4=192.0.2.1 user=x alt_user_2=x" },
		{ "192.0.2.1 a=x u=z", "192.0.2.1 0 1 ip4=192.0.2.1 user=z alt_user_2=x" },
	} },
	{ "tuples", .failregex = {
	  "^<F-TUPLE_ID_1>\\S+</F-TUPLE_ID_1> <F-ID><ADDR>:<F-PORT/></F-ID> "
	  "<F-TUPLE_ID_2>\\S+</F-TUPLE_ID_2>" }, .names = FILTER_NAMES_RAW, .steps = {
		{ "left [192.0.2.4]:12 ri'ght", "('[192.0.2.4]:12', 'left', \"ri'ght\") 0 1 text "
		  "fid=('[192.0.2.4]:12', 'left', \"ri'ght\") ip4=192.0.2.4 tuple_id_1=left "
		  "fport=12 tuple_id_2=ri'ght ip=192.0.2.4" },
	} },
	{ "an expression that captures nobody ends the line", .failregex = {
	  "^bad(?: <ADDR>)?", "^bad <F-ID>\\w+</F-ID>" }, .steps = {
		{ "bad bob", NULL },
	} },

	/* prefregex */
	{ "a prefregex narrows the text", .prefregex = "^srv: <F-CONTENT>.+</F-CONTENT>$",
	  .failregex = { "^from <ADDR>$" }, .steps = {
		{ "srv: from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "from 192.0.2.1", NULL },
		{ "srv: srv: from 192.0.2.1", NULL },
	} },
	{ "content ends where it ends", .prefregex = "^<F-CONTENT>.+</F-CONTENT> end$",
	  .failregex = { "from <ADDR>$" }, .steps = {
		{ "from 192.0.2.1 end", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "its captures count", .prefregex = "^<ADDR> <F-USER>\\w*</F-USER> <F-CONTENT>.*</F-CONTENT>$",
	  .failregex = { "^bad(?: <F-USER>\\w+</F-USER>)?$" }, .steps = {
		{ "192.0.2.1 eve bad", "192.0.2.1 0 1 ip4=192.0.2.1 user=eve" },
		{ "192.0.2.1 eve bad bob", "192.0.2.1 0 1 ip4=192.0.2.1 user=bob" },
	} },
	{ "empty content is no content", .prefregex = "^<F-CONTENT></F-CONTENT>x",
	  .failregex = { "^x <ADDR>" }, .steps = {
		{ "x 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },

	/* ignoreregex */
	{ "as many as failregexes: asked about matches", .prefregex = "^p <F-CONTENT>.+</F-CONTENT>",
	  .failregex = { "<ADDR>" }, .ignoreregex = { "^good" }, .steps = {
		{ "p good 192.0.2.1", NULL },
		{ "p bad 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "clearly fewer: asked about whole lines too", .prefregex = "^p <F-CONTENT>.+</F-CONTENT>",
	  .failregex = { "a <ADDR>", "b <ADDR>", "c <ADDR>", "d <ADDR>" },
	  .ignoreregex = { "^p a" }, .steps = {
		{ "p a 192.0.2.1", NULL },
		{ "p b 192.0.2.1", "192.0.2.1 1 1 ip4=192.0.2.1" },
	} },
	{ "not fewer enough: only about matches", .prefregex = "^p <F-CONTENT>.+</F-CONTENT>",
	  .failregex = { "a <ADDR>", "b <ADDR>", "c <ADDR>" },
	  .ignoreregex = { "^p a" }, .steps = {
		{ "p a 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
	} },
	{ "an ignored match ends the line", .failregex = { "a <ADDR>", "<ADDR>" },
	  .ignoreregex = { "a" }, .steps = {
		{ "a 192.0.2.1", NULL },
	} },

	/* maxlines */
	{ "several lines", .maxlines = 3, .failregex = {
	  "^begin <F-ID>\\w+</F-ID><SKIPLINES>end <ADDR>$" }, .steps = {
		{ "begin a", NULL },
		{ "other", NULL },
		{ "end 192.0.2.1", "a 0 2 text fid=a ip4=192.0.2.1 skiplines0=other\n ip=192.0.2.1" },
		{ "end 192.0.2.1", NULL },
	} },
	{ "skipped lines stay for another match", .maxlines = 5, .failregex = {
	  "^begin (?P<n>\\w)<SKIPLINES>end (?P=n) <ADDR>$" }, .steps = {
		{ "begin a", NULL },
		{ "begin b", NULL },
		{ "end a 192.0.2.1", "192.0.2.1 0 2 ip4=192.0.2.1 n=a skiplines0=begin b\n" },
		{ "end b 192.0.2.2", "192.0.2.2 0 2 ip4=192.0.2.2 n=b skiplines0=" },
	} },
	{ "the buffer is no longer than maxlines", .maxlines = 2, .failregex = {
	  "^begin<SKIPLINES>end <ADDR>$" }, .steps = {
		{ "begin", NULL },
		{ "other", NULL },
		{ "end 192.0.2.1", NULL },
	} },
	{ "one line of several matches", .maxlines = 3, .failregex = { "^x <ADDR>$" }, .steps = {
		{ "y", NULL },
		{ "x 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1" },
		{ "y", NULL },
	} },
	{ "ignored lines leave the buffer", .maxlines = 3, .failregex = {
	  "^begin<SKIPLINES>end <ADDR>$" }, .ignoreregex = { "end 192.0.2.1" }, .steps = {
		{ "begin", NULL },
		{ "end 192.0.2.1", NULL },
		{ "end 192.0.2.2", NULL },
	} },
	{ "content replaces the buffer", .maxlines = 3,
	  .prefregex = "^p <F-CONTENT>\\w+</F-CONTENT>", .failregex = { "^b <ADDR>$" },
	  .steps = {
		{ "p a", NULL },
		{ "p b", NULL },
	} },
};

/* What a peer may write, in front of a filter that reads strictly from the left. */
static const struct scene hostile[] = {
	{ "a foreign address in a name", .failregex = {
	  "^login failed for '<F-USER>[^']*</F-USER>' from <ADDR>:\\d+$" }, .steps = {
		{ "login failed for 'x' from 192.0.2.66:1' from 192.0.2.1:5", NULL },
		{ "login failed for '192.0.2.66' from 192.0.2.1:5",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=192.0.2.66" },
		{ "login failed for 'x\r\nlogin failed for y' from 192.0.2.1:5",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=x\r\nlogin failed for y" },
		{ "login failed for '\x1b[2Jx' from 192.0.2.1:5",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=\x1b[2Jx" },
		{ "login failed for 'x\xe2\x80\xaey' from 192.0.2.1:5",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=x\xe2\x80\xaey" },
		{ "login failed for '<HOST> %s $x (?P<ip4>' from 192.0.2.1:5",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=<HOST> %s $x (?P<ip4>" },
	} },
	{ "bytes that are no UTF-8 hide nobody", .failregex = {
	  "^bad <F-USER>.*</F-USER> from <ADDR>$" }, .steps = {
		{ "bad \xff from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd" },
		{ "bad \xc3 from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd" },
		{ "bad \xe2\x82 from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd" },
		{ "bad \xed\xa0\x80 from 192.0.2.1",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "bad \xc0\xaf from 192.0.2.1",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd\xef\xbf\xbd" },
		{ "bad \xf4\x90\x80\x80 from 192.0.2.1",
		  "192.0.2.1 0 1 ip4=192.0.2.1 user=\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "bad \xc3\xa9 from 192.0.2.1", "192.0.2.1 0 1 ip4=192.0.2.1 user=\xc3\xa9" },
		{ "bad x from 192.0.2.1\xff", NULL },
	} },
};

/* ---- what a table of C strings cannot say ---- */

static const struct scene nul_scene = {
	"nul", .failregex = { "^bad '<F-USER>[^']*</F-USER>' from <ADDR>$" },
};

static void test_nul(struct regex_env *env)
{
	static const char text[] = "bad 'x\0' from 192.0.2.66' from 192.0.2.1";
	static const char fine[] = "bad 'x\0y' from 192.0.2.1";
	struct filter_line l = { .s = text, .len = sizeof(text) - 1, .when = scene_when };
	struct diag d = { 0 };
	const struct hit_field *fields;
	struct filter *f;
	struct hit hit;

	t_is("filter", scene_filter(&f, &nul_scene, env, &d), 0);
	t_is("a NUL ends nothing", filter_match(f, &l, &hit), 0);
	l.s = fine;
	l.len = sizeof(fine) - 1;
	t_is("a NUL in a name", filter_match(f, &l, &hit), 1);
	t_is("has its fields", (int64_t)filter_fields(f, &hit, &fields), 2);
	t_is("is part of it", (int64_t)fields[1].value.len, 3);
	filter_free(f);
}

static const struct scene long_scene = {
	"long", .failregex = { "^bad (?:\\w|-)+ \\S+ <F-USER>.*?</F-USER> from <ADDR>$",
			       "^(?:a+)+$(?P<fid>)" },
};

static void test_long(struct regex_env *env)
{
	size_t size = 64 << 10;
	char *text = malloc(size);
	struct filter_line l = { .s = text, .len = size, .when = scene_when };
	uint64_t before = regex_env_limited(env);
	struct diag d = { 0 };
	struct filter *f;
	struct hit hit;

	t_is("filter", scene_filter(&f, &long_scene, env, &d), 0);
	memset(text, 'a', size);
	memcpy(text, "bad ", 4);
	memcpy(text + size - 19, " x y from 192.0.2.1", 19);
	t_is("a long line matches", filter_match(f, &l, &hit), 1);
	t_is("without reaching the limit", (int64_t)(regex_env_limited(env) - before), 0);
	memset(text, 'a', size);
	text[size - 1] = '!';
	t_is("the limit is no match", filter_match(f, &l, &hit), 0);
	t_is("and is counted", (int64_t)(regex_env_limited(env) - before), 1);
	filter_free(f);
	free(text);
}

static void test_counts(struct regex_env *env)
{
	static const struct scene scene = {
		"counts", .prefregex = "^p", .failregex = { "a <ADDR>", "b <ADDR>" },
		.ignoreregex = { "good" },
	};
	static const char *const lines[] = {
		"p a 192.0.2.1", "p b 192.0.2.1", "p b 999.0.2.1", "p good a 192.0.2.1", "x",
	};
	wall_t now = { 0 };
	struct diag d = { 0 };
	struct filter *f;
	struct hit hit;
	char buf[64];

	t_is("filter", scene_filter(&f, &scene, env, &d), 0);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct filter_line l = scene_line(lines[i], buf, &now);

		filter_match(f, &l, &hit);
	}
	t_is("prefregex", (int64_t)filter_hits(f, FILTER_PREF, 0), 4);
	t_is("first failregex", (int64_t)filter_hits(f, FILTER_FAIL, 0), 1);
	t_is("second failregex", (int64_t)filter_hits(f, FILTER_FAIL, 1), 2);
	t_is("ignoreregex", (int64_t)filter_hits(f, FILTER_IGNORE, 0), 1);
	t_is("ignored", (int64_t)filter_stats(f).ignored, 1);
	t_is("bogus", (int64_t)filter_stats(f).bogus, 1);
	t_is("failregexes", (int64_t)filter_count(f, FILTER_FAIL), 2);
	t_str("as configured", filter_regex(f, FILTER_FAIL, 0), "a <ADDR>");
	filter_free(f);
}

/* Each of these is refused, and says where and why. */
static const struct {
	const char *what;
	struct scene scene;
	const char *errors[3];		/* parts of the messages, in order */
} refused[] = {
	{ "the place is the operator's", { .failregex = { "^<HOST> (x" } },
	  { "failregex: the group is not closed, at character 9: \"(x\"" } },
	{ "all errors at once",
	  { .prefregex = "a**", .failregex = { "<ADDR>[", "<ADDR>" }, .ignoreregex = { "\\h" } },
	  { "prefregex: repeats", "failregex: the set is not closed", "ignoreregex: unknown escape" } },
	{ "nobody is named", { .failregex = { "<ADDR>", "^user <F-USER>x</F-USER>$" } },
	  { "names nobody" } },
	{ "two addresses", { .failregex = { "<HOST> <ADDR>" } }, { "a second group \"ip4\"" } },
	{ "an empty expression", { .failregex = { "<ADDR>" }, .ignoreregex = { " " } },
	  { "ignoreregex is empty" } },
	{ "a name that Python refuses", { .failregex = { "<ADDR><F-A-B>x</F-A-B>" } },
	  { "at character 7: \"<F-A-B>" } },
};

static void test_refused(struct regex_env *env)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct diag d = { 0 };
		struct filter *f = NULL;
		size_t n = 0;

		t_is(refused[i].what, scene_filter(&f, &refused[i].scene, env, &d), -EINVAL);
		for (; n < 3 && refused[i].errors[n]; n++)
			if (n >= d.n || !strstr(d.entries[n].text, refused[i].errors[n]))
				t_str(refused[i].what, n < d.n ? d.entries[n].text : NULL,
				      refused[i].errors[n]);
		t_is(refused[i].what, (int64_t)d.n, (int64_t)n);
		diag_fini(&d);
	}
}

static void test_many_names(struct regex_env *env)
{
	struct scene scene = { .what = "names" };
	struct str regex = { 0 };
	struct diag d = { 0 };
	struct filter *f = NULL;

	str_puts(&regex, "<ADDR>");
	for (int i = 0; i < 80; i++)
		str_printf(&regex, "<F-N%d>x</F-N%d>", i, i);
	scene.failregex[0] = regex.s;
	t_is("too many names", scene_filter(&f, &scene, env, &d), -EINVAL);
	t_ok("says so", d.n == 1 && strstr(d.entries[0].text, "different names"));
	diag_fini(&d);
	str_fini(&regex);
}

int main(void)
{
	struct regex_env *env = regex_env_new();

	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++)
		scene_play(&scenes[i], env);
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++)
		scene_play(&hostile[i], env);
	test_nul(env);
	test_long(env);
	test_counts(env);
	test_refused(env);
	test_many_names(env);
	regex_env_free(env);
	return t_done();
}
