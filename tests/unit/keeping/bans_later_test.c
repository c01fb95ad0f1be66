// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A ban is told at once.  One that only grows longer, while it is in force for a
 * while anyway, is told once, with the last of its ends: and always before a commit,
 * a comparison and the end.
 */
#include "../ban/db_dir.h"
#include "../t.h"
#include "base/log.h"
#include "base/loop.h"
#include "bystanders.h"
#include "keeping/bans_private.h"

/* What the kernel has heard. */
static size_t calls;
static uint64_t last_end;

static int take(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	(void)e;
	calls += n;
	last_end = n && bans[n - 1].n ? bans[n - 1].ends[0].until.ns : 0;
	return 0;
}

static const struct enforcer_ops ops = {
	.name = "none", .add = take, .resync_step = find_nothing_wrong,
};

struct stage {
	struct db_dir dir;
	struct config_settings settings;
	struct enforcer enforcer;
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	wall_t start;
};

static void set_up(struct stage *s)
{
	struct ban_db_params db = { .path = s->dir.file, .max_history = 1000,
				    .max_queue = 1 << 20 };
	struct bans_params bans = { .settings = &s->settings, .enforcer = &s->enforcer,
				    .spares = spares_nobody, .banned = banned };

	s->settings.max_bans = 10000;
	s->enforcer.ops = &ops;
	s->loop = bans.loop = loop_new();
	t_is("a database", ban_db_open(&s->db, &db), 0);
	bans.db = s->db;
	t_is("bans", bans_new(&s->bans, &bans), 0);
	t_is("begun", bans_begin(s->bans, true), 0);
	s->start = loop_wall(s->loop);
	calls = last_end = 0;
}

static void tear_down(struct stage *s)
{
	bans_free(s->bans);
	ban_db_close(s->db);
	loop_free(s->loop);
}

/* @number of 192.0.2.0/24 fails again, @after seconds later. */
static int fails(struct stage *s, uint8_t number, int after, int bantime, uint32_t failures)
{
	struct ban_wish w = {
		.who = { .bytes = { 192, 0, 2, number }, .family = 4, .prefix = 32 },
		.jail = "sshd", .since = { s->start.us + after * US_PER_S },
		.bantime_us = bantime * US_PER_S, .failures = failures,
	};

	return bans_add(s->bans, &w, NULL);
}

static uint64_t end_of(struct stage *s, uint8_t number)
{
	struct ipaddr who = { .bytes = { 192, 0, 2, number }, .family = 4, .prefix = 32 };
	struct ban b;

	return ban_store_find(bans_store(s->bans), &who, "sshd", &b) ? b.until.ns : 0;
}

static void test_told_once(struct stage *s)
{
	t_is("banned", fails(s, 1, 0, 600, 5), BAN_NEW);
	t_is("at once", (int64_t)calls, 1);
	for (int i = 1; i <= 10; i++)
		t_is("again", fails(s, 1, i, 600, 5), BAN_PROLONGED);
	t_is("not now", (int64_t)calls, 1);
	t_is("known here", fails(s, 1, 10, 600, 5), BAN_SAME);
	bans_tell_all(s->bans);
	t_is("once", (int64_t)calls, 2);
	t_ok("the last end", last_end == end_of(s, 1));
	bans_tell_all(s->bans);
	t_is("and no more", (int64_t)calls, 2);
}

static void test_what_does_not_wait(struct stage *s)
{
	size_t before;

	fails(s, 2, 0, 600, 5);
	before = calls;
	t_is("by hand", fails(s, 2, 20, 600, 0), BAN_PROLONGED);
	t_is("at once", (int64_t)(calls - before), 1);
	fails(s, 3, 0, 2, 5);
	before = calls;
	t_is("about to end", fails(s, 3, 20, 600, 5), BAN_PROLONGED);
	t_is("at once", (int64_t)(calls - before), 1);
	before = calls;
	t_is("waits", fails(s, 3, 30, 600, 5), BAN_PROLONGED);
	t_is("for the comparison", bans_resync(s->bans), 0);
	t_is("at the latest", (int64_t)(calls - before), 1);
	before = calls;
	t_is("waits", fails(s, 3, 40, 600, 5), BAN_PROLONGED);
	t_ok("for a part of one", bans_resync_step(s->bans));
	t_is("just as well", (int64_t)(calls - before), 1);
	t_ok("the last end", last_end == end_of(s, 3));
}

static void test_ended_meanwhile(struct stage *s)
{
	struct ipaddr who = { .bytes = { 192, 0, 2, 4 }, .family = 4, .prefix = 32 };
	size_t before;

	fails(s, 4, 0, 600, 5);
	fails(s, 4, 5, 600, 5);
	t_is("lifted", (int64_t)bans_lift(s->bans, &who, NULL), 1);
	before = calls;
	bans_tell_all(s->bans);
	t_is("nobody to tell of", (int64_t)(calls - before), 0);
}

/* While a ban waits to be told, the lines that it has will do. */
static void test_lines(struct stage *s)
{
	struct ipaddr who = { .bytes = { 192, 0, 2, 6 }, .family = 4, .prefix = 32 };
	struct ban_wish w = {
		.who = who, .jail = "sshd", .since = s->start, .bantime_us = 600 * US_PER_S,
		.failures = 5, .lines = "first",
	};
	struct ban b;

	t_ok("of a new one", bans_wants_lines(s->bans, "sshd", &who));
	bans_add(s->bans, &w, NULL);
	t_ok("of the first that is longer", bans_wants_lines(s->bans, "sshd", &who));
	w.since.us += US_PER_S;
	w.lines = "second";
	bans_add(s->bans, &w, NULL);
	t_ok("not of the next", !bans_wants_lines(s->bans, "sshd", &who));
	t_ok("of another jail's", bans_wants_lines(s->bans, "web", &who));
	w.since.us += US_PER_S;
	w.lines = NULL;
	w.failures = 7;
	t_is("without lines", bans_add(s->bans, &w, NULL), BAN_PROLONGED);
	ban_store_find(bans_store(s->bans), &who, "sshd", &b);
	t_str("it has those from before", b.lines, "second");
	t_is("and counts on", b.failures, 7);
	bans_tell_all(s->bans);
	t_ok("of the next that is told", bans_wants_lines(s->bans, "sshd", &who));
}

/* More than there is room for to wait. */
static void test_many(struct stage *s)
{
	size_t before = calls, wrong = 0;

	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 5000; i++) {
			struct ban_wish w = {
				.who = { .bytes = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i },
					 .family = 4, .prefix = 32 },
				.jail = "sshd", .failures = 5, .bantime_us = 600 * US_PER_S,
				.since = { s->start.us + round * US_PER_S },
			};

			wrong += bans_add(s->bans, &w, NULL) != (round ? BAN_PROLONGED : BAN_NEW);
		}
	bans_tell_all(s->bans);
	t_is("each as it should", (int64_t)wrong, 0);
	t_is("each told of each time", (int64_t)(calls - before), 15000);
}

/* The timer's turn: nobody asks. */
static void stop(void *ctx)
{
	loop_stop(ctx);
}

static void test_by_itself(struct stage *s)
{
	struct loop_timer end = { .fn = stop, .ctx = s->loop };
	size_t before;

	fails(s, 5, 0, 600, 5);
	before = calls;
	fails(s, 5, 5, 600, 5);
	loop_timer_in(s->loop, &end, 3 * NS_PER_S);
	t_is("the loop", loop_run(s->loop), 0);
	t_is("told", (int64_t)(calls - before), 1);
	t_ok("the last end", last_end == end_of(s, 5));
}

int main(void)
{
	static struct stage s;

	if (!db_dir_make(&s.dir))
		return 1;
	log_plain(LOG_LEVEL_WARNING);
	set_up(&s);
	test_told_once(&s);
	test_what_does_not_wait(&s);
	test_ended_meanwhile(&s);
	test_lines(&s);
	test_many(&s);
	test_by_itself(&s);
	tear_down(&s);
	db_dir_clear(&s.dir, "");
	rmdir(s.dir.dir);
	return t_done();
}
