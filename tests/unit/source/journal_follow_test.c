// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Journals that change: entries come while they are read, files are rotated and
 * vacuumed away, under our eyes and while nobody looks.  Nothing is lost that
 * was there to be read, and nothing comes twice.
 */
#include "journal_maker.h"

#define NOON	1700000000u
#define L(text)	"h sshd[7]: " text "\n"

static bool is_failing(struct follower *f)
{
	return stats_of(f).state == SOURCE_FAILING;
}

static void test_live(void)
{
	struct follower f;
	struct maker m;

	MAKE_FILE("live/old.journal", NOON, "one");
	maker_open(&m, "live/system.journal", NOON + 10);
	follower_open(&f, NULL);
	follow_journal(&f, .path = "live", .match = "_COMM=sshd");
	expect(&f, "what is there", L("one"));
	make_message(&m, "two");
	expect(&f, "what is written", L("two"));
	make(&m, "_COMM=other\nMESSAGE=x");
	make_message(&m, "three");
	expect(&f, "and fits", L("three"));
	t_is("live", stats_of(&f).state, SOURCE_LIVE);
	t_is("since the first end", f.caught_up, 1);
	maker_close(&m);
	follower_close(&f);
}

static bool has_any(struct follower *f)
{
	return f->lines.len;
}

/*
 * Its end is cut off while it is being read: journald does that to files that it
 * archives.  Without the guard this is deadly.
 */
static void test_cut(void)
{
	enum { MANY = 4000 };
	struct follower f;
	struct maker m;

	maker_open(&m, "cut/old.journal", NOON);
	for (int i = 0; i < MANY; i++)
		make_message(&m, "one");
	maker_close(&m);
	MAKE_FILE("cut/system.journal", NOON + 2 * MANY, "two", "three");
	follower_open(&f, NULL);
	follow_journal(&f, .path = "cut");
	t_ok("some are read", follower_run(&f, has_any));
	t_ok("not all", f.lines.len < MANY * strlen(L("one")));
	t_is("cut", truncate("cut/old.journal", 8192), 0);
	str_reset(&f.lines);
	expect(&f, "those of the other file", L("two") L("three"));
	t_ok("all is well", !is_failing(&f));
	follower_close(&f);
}

/* Whoever begins at the end, or later, gets what comes. */
static void test_nothing_yet(void)
{
	const struct journal_wish wishes[] = {
		{ .path = "empty", .tail = true },
		{ .path = "empty", .tail = true, .match = "_COMM=sshd" },
		{ .path = "empty", .since = { (NOON + 100) * US_PER_S } },
	};
	struct follower f[ARRAY_SIZE(wishes)];
	struct maker m;

	MAKE_FILE("empty/old.journal", NOON, "old");
	maker_open(&m, "empty/system.journal", NOON + 200);
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		follower_open(&f[i], NULL);
		follow_wish(&f[i], wishes[i]);
		expect_nothing(&f[i], "nothing yet");
	}
	make_message(&m, "new");
	maker_close(&m);
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		expect(&f[i], "what comes", L("new"));
		follower_close(&f[i]);
	}
}

/* The position after each entry is one that a restart goes on from. */
static void test_positions(void)
{
	enum { N = 6 };
	struct follower f, after[N];
	struct str want = { 0 };
	struct maker m;
	char text[16];

	maker_open(&m, "pos/system.journal", NOON);
	follower_open(&f, NULL);
	follow_journal(&f, .path = "pos");
	for (int i = 0; i < N; i++) {
		snprintf(text, sizeof(text), "%d", i);
		make_message(&m, text);
		str_reset(&want);
		str_printf(&want, L("%d"), i);
		expect(&f, "an entry", want.s);
		follower_open(&after[i], NULL);
		take_cursor(&f, &after[i]);
	}
	maker_close(&m);
	for (int i = 0; i < N; i++) {
		str_reset(&want);
		str_puts(&want, "");
		for (int k = i + 1; k < N; k++)
			str_printf(&want, L("%d"), k);
		follow_journal(&after[i], .path = "pos", .match = "_COMM=sshd");
		expect(&after[i], "exactly the rest", want.s);
		expect_nothing(&after[i], "and no more");
		follower_close(&after[i]);
	}
	str_fini(&want);
	follower_close(&f);
}

/* ---- rotation ----------------------------------------------------------------- */

/* As journald does it: rename, and a new file under the old name. */
static void rotate(const char *dir, int n)
{
	char from[64], to[96];

	snprintf(from, sizeof(from), "%s/system.journal", dir);
	snprintf(to, sizeof(to), "%s/system@0123456789abcdef0123456789abcdef-%016x-%016x.journal",
		 dir, n, n);
	t_ok("rotate", !rename(from, to));
}

static void test_rotation(const struct journal_wish *wish, const char *dir)
{
	struct follower f, later, last;
	struct maker old, new;
	char file[64];

	t_ok(dir, !mkdir(dir, 0755));
	snprintf(file, sizeof(file), "%s/system.journal", dir);
	maker_open(&old, file, NOON);
	make_message(&old, "first");
	follower_open(&f, NULL);
	/* The file is there when somebody else has read from it. */
	follow_journal(&f, .path = dir);
	expect(&f, "before", L("first"));
	follower_close(&f);

	follower_open(&f, NULL);
	follow_wish(&f, *wish);
	expect(&f, "before", L("first"));
	follower_open(&later, NULL);
	take_cursor(&f, &later);
	make_message(&old, "unread");
	maker_close(&old);
	rotate(dir, 1);
	maker_open(&new, file, NOON + 100);
	make_message(&new, "new");
	expect(&f, "all in order", L("unread") L("new"));
	t_ok("the rotation was seen", stats_of(&f).rotations > 0);
	make_message(&new, "more");
	expect(&f, "and on", L("more"));
	maker_close(&new);
	rotate(dir, 2);
	MAKE_FILE(file, NOON + 200, "newest");
	expect(&f, "once more", L("newest"));
	expect_nothing(&f, "and each once");

	follow_wish(&later, *wish);
	expect(&later, "also by who slept", L("unread") L("new") L("more") L("newest"));
	follower_open(&last, NULL);
	take_cursor(&later, &last);
	follow_wish(&last, *wish);
	expect_nothing(&last, "who was there has nothing to read");
	follower_close(&last);
	follower_close(&later);
	follower_close(&f);
}

/* What a crash left behind is renamed too, and holds what was not read yet. */
static void test_unclean(void)
{
	struct follower f, next;

	MAKE_FILE("crash/system.journal", NOON, "one", "two");
	follower_open(&f, NULL);
	follow_journal(&f, .files = "crash/system.journal", .match = "MESSAGE=one");
	expect(&f, "one", L("one"));
	follower_open(&next, NULL);
	take_cursor(&f, &next);
	follower_close(&f);
	t_ok("rename", !rename("crash/system.journal", "crash/system@1-2.journal~"));
	MAKE_FILE("crash/system.journal", NOON + 10, "three");
	follow_journal(&next, .files = "crash/system.journal");
	expect(&next, "the rest", L("two") L("three"));
	follower_close(&next);
}

/* ---- vacuum ------------------------------------------------------------------- */

static void test_vacuum(void)
{
	struct follower f, next;
	struct maker m;

	MAKE_FILE("vac/system@1.journal", NOON, "a", "b");
	MAKE_FILE("vac/system@2.journal", NOON + 10, "c");
	maker_open(&m, "vac/system.journal", NOON + 20);
	make_message(&m, "d");
	follower_open(&f, NULL);
	follow_journal(&f, .path = "vac");
	expect(&f, "all", L("a") L("b") L("c") L("d"));
	t_ok("vacuum", !unlink("vac/system@1.journal"));
	make_message(&m, "e");
	expect(&f, "goes on", L("e"));
	t_ok("vacuum", !unlink("vac/system@2.journal"));
	expect_nothing(&f, "nothing again");
	maker_close(&m);

	/* And where the stored place is gone. */
	follower_open(&next, NULL);
	take_cursor(&f, &next);
	follower_close(&f);
	t_ok("vacuum", !unlink("vac/system.journal"));
	MAKE_FILE("vac/system.journal", NOON + 30, "f", "g");
	follow_journal(&next, .path = "vac");
	expect(&next, "at the next entry", L("f") L("g"));
	follower_close(&next);
}

static void test_vacuumed_place(void)
{
	struct follower f, next;

	MAKE_FILE("place/system@1.journal", NOON, "a", "b");
	MAKE_FILE("place/system.journal", NOON + 10, "c", "d");
	follower_open(&f, NULL);
	follow_journal(&f, .path = "place", .match = "MESSAGE=a");
	expect(&f, "one", L("a"));
	follower_open(&next, NULL);
	take_cursor(&f, &next);
	follower_close(&f);
	t_ok("vacuum", !unlink("place/system@1.journal"));
	follow_journal(&next, .path = "place", .match = "_COMM=sshd");
	expect(&next, "what is left", L("c") L("d"));
	follower_close(&next);
}

/* journald copies what it wrote to /run when /var is there. */
static void test_copied(void)
{
	struct follower f;
	struct maker m;

	MAKE_FILE("copy/system@1.journal", NOON, "a", "b");
	follower_open(&f, NULL);
	follow_journal(&f, .path = "copy", .match = "_COMM=sshd");
	expect(&f, "all", L("a") L("b"));
	maker_open(&m, "copy/system.journal", NOON);
	make_message(&m, "a");
	make_message(&m, "b");
	make_message(&m, "c");
	expect(&f, "goes on in the copy", L("c"));
	t_ok("flushed", !unlink("copy/system@1.journal"));
	make_message(&m, "d");
	maker_close(&m);
	expect(&f, "and there alone", L("d"));
	expect_nothing(&f, "each once");
	follower_close(&f);
}

/* ---- no journal ------------------------------------------------------------------ */

static void test_appearing(void)
{
	static const struct source_options quick = { .poll_ns = 1000000 };
	const struct journal_wish wishes[] = {
		{ .path = "later" }, { .files = "later/*.journal" },
	};
	struct follower f[ARRAY_SIZE(wishes)];

	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		follower_open(&f[i], &quick);
		follow_wish(&f[i], wishes[i]);
		t_ok("waits for it", follower_run(&f[i], is_failing));
		t_is("because", stats_of(&f[i]).error, ENOENT);
	}
	t_ok("later", !mkdir("later", 0755));
	MAKE_FILE("later/system.journal", NOON, "one");
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		expect(&f[i], "there it is", L("one"));
		t_is("live", stats_of(&f[i]).state, SOURCE_LIVE);
	}
	t_ok("it goes", !system("rm -r later"));
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++)
		t_ok("which is noticed", follower_run(&f[i], is_failing));
	t_ok("and comes", !mkdir("later", 0755));
	MAKE_FILE("later/system.journal", NOON + 10, "two");
	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++) {
		expect(&f[i], "and goes on", L("two"));
		follower_close(&f[i]);
	}
}

/* A system without journald, or a namespace without service. */
static void test_missing(void)
{
	struct follower f;

	follower_open(&f, NULL);
	follow_journal(&f, .namespace = "xdpban-test-none");
	t_ok("is said", follower_run(&f, is_failing));
	t_is("with a reason", stats_of(&f).error, ENOENT);
	follower_close(&f);
}

static void test_damaged(void)
{
	struct follower f;

	MAKE_FILE("bad/good.journal", NOON, "one", "two");
	put("bad/system.journal", O_TRUNC, "this is no journal");
	t_ok("a cut one", !system("head -c 100000 bad/good.journal >bad/cut.journal"));
	follower_open(&f, NULL);
	follow_journal(&f, .path = "bad");
	expect(&f, "others are read", L("one") L("two"));
	t_ok("a good one", !unlink("bad/system.journal"));
	MAKE_FILE("bad/system.journal", NOON + 10, "three");
	expect(&f, "and what replaces it", L("three"));
	follower_close(&f);
}

int main(void)
{
	static const char *const dirs[] = {
		"live", "empty", "pos", "crash", "vac", "place", "copy", "bad", "cut",
	};
	char dir[T_DIR];

	if (maker_is_missing())
		return 77;
	enter_directory(dir);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		t_ok(dirs[i], !mkdir(dirs[i], 0755));
	test_live();
	test_cut();
	test_nothing_yet();
	test_positions();
	test_rotation(&(struct journal_wish){ .path = "rot" }, "rot");
	test_rotation(&(struct journal_wish){ .files = "rof/system.journal" }, "rof");
	test_unclean();
	test_vacuum();
	test_vacuumed_place();
	test_copied();
	test_appearing();
	test_missing();
	test_damaged();
	leave_directory(dir);
	return t_done();
}
