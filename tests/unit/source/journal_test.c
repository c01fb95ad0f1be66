// SPDX-License-Identifier: GPL-2.0-or-later
/* Journals that lie still: what is read, in which form, and where it begins. */
#include "journal_maker.h"

#define NOON	1700000000u

static void test_reading(void)
{
	struct follower f;

	MAKE_FILE("j/system.journal", NOON, "one", "two", "three");
	follower_open(&f, NULL);
	follow_journal(&f, .path = "j");
	expect(&f, "all entries", "h sshd[7]: one\nh sshd[7]: two\nh sshd[7]: three\n");
	expect_nothing(&f, "each of them once");
	t_is("with its time", f.last_time.us, (NOON + 2) * US_PER_S);
	t_is("the end was seen", f.caught_up, 1);
	t_is("live", stats_of(&f).state, SOURCE_LIVE);
	t_is("counted", (int64_t)stats_of(&f).entries, 3);
	t_ok("a journal", source_is_journal(sources_first(f.all)));
	t_str("its name", source_name(sources_first(f.all)), "journal path=j");
	t_is("is not rewound", source_rewind(sources_first(f.all), &f, 0), -EOPNOTSUPP);
	follower_close(&f);
}

static void make_kinds(const char *file)
{
	struct maker m;

	maker_open(&m, file, NOON);
	make(&m, "_COMM=a\n_UID=1\nMESSAGE=a1");
	make(&m, "_COMM=a\n_UID=2\nMESSAGE=a2");
	make(&m, "_COMM=b\n_UID=1\nMESSAGE=b1");
	make(&m, "_COMM=two words\n_UID=3\nMESSAGE=w3");
	maker_close(&m);
}

static void test_matches(void)
{
	static const struct { const char *match, *want; } cases[] = {
		{ NULL, "a: a1\na: a2\nb: b1\ntwo words: w3\n" },
		{ "", "a: a1\na: a2\nb: b1\ntwo words: w3\n" },
		{ "_COMM=a", "a: a1\na: a2\n" },
		{ "_COMM=a _UID=1", "a: a1\n" },
		{ "_COMM=a _COMM=b", "a: a1\na: a2\nb: b1\n" },
		{ "_COMM=a _COMM=b _UID=1", "a: a1\nb: b1\n" },
		{ "_COMM=a _UID=2 + _COMM=b", "a: a2\nb: b1\n" },
		{ "_COMM=a _UID=2\n_COMM=b", "a: a2\nb: b1\n" },
		{ "'_COMM=two words'", "two words: w3\n" },
		{ "_COMM=\"two words\" + _UID=2\n\n+", "a: a2\ntwo words: w3\n" },
	};
	struct follower f;

	make_kinds("kinds/system.journal");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		follower_open(&f, NULL);
		follow_journal(&f, .path = "kinds", .match = cases[i].match);
		expect(&f, cases[i].match ? cases[i].match : "(none)", cases[i].want);
		expect_nothing(&f, "no more");
		follower_close(&f);
	}
}

static void test_odd_entries(void)
{
	static char huge[70000], *text = huge + 1;
	struct follower f;
	struct str want = { 0 };
	struct maker m;

	memset(huge, 'x', sizeof(huge));
	maker_open(&m, "odd/system.journal", NOON);
	make_begin(&m);
	make_field(&m, "MESSAGE", "a\nb\n", 4);
	make_end(&m);
	make_begin(&m);
	make_field(&m, "_HOSTNAME", "h", 1);
	make_field(&m, "MESSAGE", "\x01\xff\t\"=\r", 6);
	make_end(&m);
	make(&m, "_HOSTNAME=h\n_COMM=c");
	make(&m, "_HOSTNAME=h\n_COMM=c\n_SOURCE_REALTIME_TIMESTAMP=1600000000000007\nMESSAGE=t");
	make_begin(&m);
	make_field(&m, "MESSAGE", huge, sizeof(huge));
	make_end(&m);
	make_begin(&m);
	make_field(&m, "MESSAGE", text, 65536);
	make_end(&m);
	make(&m, "MESSAGE=last");
	maker_close(&m);

	text[65536] = '\0';
	str_printf(&want, "a\\nb\\n\nh \x01\xff\t\"=\r\nh c: \nh c: t\n%s\nlast\n", text);
	follower_open(&f, NULL);
	follow_journal(&f, .path = "odd");
	expect(&f, "odd entries", want.s);
	t_is("what is too long is counted", (int64_t)stats_of(&f).too_long, 1);
	t_is("the others too", (int64_t)stats_of(&f).entries, 6);
	str_fini(&want);
	follower_close(&f);
}

static void test_source_time(void)
{
	struct follower f;

	follower_open(&f, NULL);
	follow_journal(&f, .path = "odd", .match = "_SOURCE_REALTIME_TIMESTAMP=1600000000000007");
	expect(&f, "that one", "h c: t\n");
	t_is("the time of the source counts", f.last_time.us, 1600000000000007);
	follower_close(&f);
}

static void test_many(void)
{
	struct str want = { 0 };
	struct follower f;
	struct maker m;
	char text[32];

	maker_open(&m, "many/system.journal", NOON);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "MESSAGE=%d", i);
		make(&m, text);
		str_printf(&want, "%d\n", i);
	}
	maker_close(&m);
	follower_open(&f, NULL);
	follow_journal(&f, .path = "many");
	expect(&f, "more than one turn can take", want.s);
	str_fini(&want);
	follower_close(&f);
}

/* ---- where reading begins --------------------------------------------------- */

static void test_beginning(void)
{
	const struct {
		const char *what;
		struct journal_wish wish;
		const char *want;
	} cases[] = {
		{ "since the second", { .since = { (NOON + 1) * US_PER_S } },
		  "h sshd[7]: two\nh sshd[7]: three\n" },
		{ "since between", { .since = { (NOON + 1) * US_PER_S + 1 } },
		  "h sshd[7]: three\n" },
		{ "since later than all", { .since = { (NOON + 9) * US_PER_S } }, "" },
		{ "before the epoch", { .since = { -5 } },
		  "h sshd[7]: one\nh sshd[7]: two\nh sshd[7]: three\n" },
		{ "at the end", { .tail = true }, "" },
		{ "at the end of nothing", { .tail = true, .match = "_COMM=none" }, "" },
	};
	struct follower f;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct journal_wish wish = cases[i].wish;

		wish.path = "j";
		follower_open(&f, NULL);
		follow_wish(&f, wish);
		expect(&f, cases[i].what, cases[i].want);
		expect_nothing(&f, cases[i].what);
		t_is("the end was seen", f.caught_up, 1);
		follower_close(&f);
	}
}

static void test_resume(void)
{
	static const char *const want[] = {
		"h sshd[7]: two\nh sshd[7]: three\n", "h sshd[7]: three\n", "",
	};
	char match[64];
	struct follower f, next;

	for (int i = 0; i < 3; i++) {
		/* The cursor of the i-th entry is where somebody stops who wants only it. */
		follower_open(&f, NULL);
		follower_open(&next, NULL);
		snprintf(match, sizeof(match), "MESSAGE=%s",
			 (const char *[]){ "one", "two", "three" }[i]);
		follow_journal(&f, .path = "j", .match = match);
		follower_run(&f, has_wanted);
		expect_at(__FILE__, __LINE__, &f, "one entry", (const char *[]){
			  "h sshd[7]: one\n", "h sshd[7]: two\n", "h sshd[7]: three\n" }[i]);
		take_cursor(&f, &next);
		follow_journal(&next, .path = "j");
		expect(&next, "those behind it", want[i]);
		expect_nothing(&next, "and no other");
		follower_close(&f);
		follower_close(&next);
	}
}

static void test_no_position(void)
{
	struct source_position p;
	struct follower f;

	follower_open(&f, NULL);
	follow_journal(&f, .path = "j", .match = "_COMM=none");
	expect_nothing(&f, "nothing matches");
	t_ok("no position", !source_position(sources_first(f.all), &p));
	follower_close(&f);

	follower_open(&f, NULL);
	f.resume = (struct source_position){ .cursor = "rubbish" };
	f.resuming = true;
	follow_journal(&f, .path = "j", .since = { (NOON + 2) * US_PER_S });
	expect(&f, "a stored cursor that is none", "h sshd[7]: three\n");
	follower_close(&f);
}

/* ---- who reads ---------------------------------------------------------------- */

static void test_sharing(void)
{
	struct source_follow *first;
	struct sources_stats st;
	struct follower f;

	follower_open(&f, NULL);
	follow_journal(&f, .path = "j", .match = "_COMM=sshd", .tail = true);
	first = f.follow;
	follow_journal(&f, .path = "j", .match = " '_COMM=sshd'",
		       .since = { (NOON + 2) * US_PER_S });
	follow_journal(&f, .path = "j", .match = "_COMM=sshd",
		       .since = { (NOON + 1) * US_PER_S });
	sources_stats(f.all, &st);
	t_is("one reader for equal wishes", (int64_t)st.journals, 1);
	expect(&f, "from where the first of them begins", "h sshd[7]: two\nh sshd[7]: three\n");
	for (const struct source_user *u = source_users(sources_first(f.all)); u; u = u->next)
		t_ok("all of them read", u->reading && u->live);
	follow_journal(&f, .path = "j", .match = "_PID=7", .since = { (NOON + 2) * US_PER_S });
	sources_stats(f.all, &st);
	t_is("another for another", (int64_t)st.journals, 2);
	expect(&f, "which begins by itself", "h sshd[7]: three\n");
	sources_unfollow(f.all, f.follow);
	sources_unfollow(f.all, first);
	sources_stats(f.all, &st);
	t_is("and goes alone", (int64_t)st.journals, 1);
	follower_close(&f);
}

static void test_places(void)
{
	struct follower f;

	MAKE_FILE("files/system.journal", NOON, "system");
	MAKE_FILE("files/user-1000.journal", NOON + 10, "user");
	MAKE_FILE("files/other.journal", NOON + 20, "other");

	follower_open(&f, NULL);
	follow_journal(&f, .path = "files");
	expect(&f, "a directory", "h sshd[7]: system\nh sshd[7]: user\nh sshd[7]: other\n");
	follower_close(&f);

	follower_open(&f, NULL);
	follow_journal(&f, .path = "files", .flags = "4");
	expect(&f, "the system's alone", "h sshd[7]: system\n");
	t_str("its name", source_name(sources_first(f.all)), "journal path=files flags=4");
	follower_close(&f);

	follower_open(&f, NULL);
	follow_journal(&f, .files = "files/o*.journal, files/user-1000.journal");
	expect(&f, "some files", "h sshd[7]: user\nh sshd[7]: other\n");
	t_str("its name", source_name(sources_first(f.all)),
	      "journal file=files/o*.journal file=files/user-1000.journal");
	follower_close(&f);
}

static void test_refusals(void)
{
	static const struct {
		const char *what;
		struct journal_wish wish;
		const char *why;
	} cases[] = {
		{ "no field", { .path = "j", .match = "sshd" },
		  "journalmatch: \"sshd\" is not FIELD=value, with a field in capitals that "
		  "does not begin with __" },
		{ "a path", { .path = "j", .match = "_COMM=a + /usr/sbin/sshd" },
		  "journalmatch: \"/usr/sbin/sshd\" is not FIELD=value, with a field in "
		  "capitals that does not begin with __" },
		{ "an open quote", { .path = "j", .match = "_COMM='a" },
		  "journalmatch: the closing ' is missing" },
		{ "no number", { .path = "j", .flags = "4x" }, "journalflags is not a number" },
		{ "no files", { .files = " , " }, "journalfiles names no file" },
		{ "two places", { .path = "j", .files = "j/system.journal" },
		  "only one of journalpath, journalfiles and namespace can be given" },
		{ "flags that do not fit", { .path = "j", .flags = "2" },
		  "libsystemd refuses \"journal path=j flags=2\"" },
	};
	struct source_follow *follow;
	struct sources_stats st;
	struct follower f;
	char why[256];

	follower_open(&f, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		*why = '\0';
		t_is(cases[i].what, sources_follow_journal(f.all, &cases[i].wish, NULL, &follow,
							   why, sizeof(why)), -EINVAL);
		t_str(cases[i].what, why, cases[i].why);
	}
	sources_stats(f.all, &st);
	t_is("nothing is followed", (int64_t)st.journals, 0);
	follower_close(&f);
}

int main(void)
{
	char dir[T_DIR];

	if (maker_is_missing())
		return 77;
	enter_directory(dir);
	t_ok("directories", !mkdir("j", 0755) && !mkdir("kinds", 0755) && !mkdir("odd", 0755) &&
	     !mkdir("many", 0755) && !mkdir("files", 0755));
	test_reading();
	test_matches();
	test_odd_entries();
	test_source_time();
	test_many();
	test_beginning();
	test_resume();
	test_no_position();
	test_sharing();
	test_places();
	test_refusals();
	leave_directory(dir);
	return t_done();
}
