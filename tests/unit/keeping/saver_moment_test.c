// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in the file is the state of one moment, however long it takes to write it
 * and whatever happens meanwhile; what happened meanwhile follows by itself.  A file
 * that was lost is given everything, again if that fails, and nobody is told before.
 * The clock is ours, and far behind the machine's: it goes on whenever somebody looks
 * at it, and the loop's timers never have to wait.
 */
#include "saver_stage.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"

enum {
	IDS	= 9000,		/* several slices */
	BANS	= 7000,		/* the same */
};

static _Atomic uint64_t the_time = NS_PER_S;	/* the database's thread looks, too */

/* Instead of those of base/clock.c. */
boot_t boot_now(void)
{
	const uint64_t step = NS_PER_S / 1000;

	return (boot_t){ atomic_fetch_add(&the_time, step) + step };
}

wall_t wall_now(void)
{
	return (wall_t){ 1700000000 * US_PER_S + (int64_t)(the_time / 1000) };
}

static struct db_dir dir;

static const struct config_jail jail = {
	.name = "sip-sensor", .loaded = true, .enabled = true, .backend = LOG_SENSOR,
	.maxretry = 5, .findtime = 1e6, .bantime = 600, .evidence = EVIDENCE_ANY,
};

static bool raise_here(struct stage *s)
{
	return raise_stage(s, &(struct stage_of){ .file = dir.file, .max_bans = 2 * BANS,
						  .max_queue = 8 << 20, .jail = &jail });
}

static void end(struct stage *s)
{
	strike_stage(s);
	db_dir_clear(&dir, "");
}

static struct window *counts(struct stage *s)
{
	return jail_window(lane_jail(pipeline_find(s->pipeline, jail.name)));
}

/* Address @i has failed once more. */
static void fail(struct stage *s, uint32_t i)
{
	struct now now = { loop_boot(s->loop), loop_wall(s->loop) };
	struct report r = { .who = stage_addr(i), .when = now.wall, .text = "x", .len = 1 };

	if (lane_report(pipeline_find(s->pipeline, jail.name), &r, &now))
		t_ok("counted", false);
}

/* ---- the loop, round by round ---------------------------------------------------- */

static void on_turn(void *ctx)
{
	loop_stop(ctx);
}

static void turn(struct stage *s)
{
	struct loop_timer t = { .fn = on_turn, .ctx = s->loop };

	loop_timer_in(s->loop, &t, 0);
	loop_run(s->loop);
}

/* Of the machine, as ours may stand still when nothing goes on. */
static bool is_late(time_t since)
{
	return time(NULL) > since + 60;
}

/* Until there are so many commits; true if there are. */
static bool commits(struct stage *s, uint64_t n)
{
	time_t since = time(NULL);

	while (ban_db_state(s->db).commits < n && !is_late(since))
		turn(s);
	return ban_db_state(s->db).commits == n;
}

/* One ban, many counts, of which some have been exported and some have not. */
static bool go_half_way(struct stage *s)
{
	int turns = 0;

	if (t_ok("a start", raise_here(s)))
		return false;
	for (uint32_t i = 0; i < IDS; i++)
		fail(s, i);
	ban_some(s, 0, 1);
	/* Each turn is some milliseconds: without the hurry there would be hundreds. */
	saver_touch(s->saver);
	saver_hurry(s->saver);
	while (window_dirty(counts(s)) == IDS && turns < 50) {
		turn(s);
		turns++;
	}
	t_ok("at once", turns < 50);
	return !t_ok("half-way", window_dirty(counts(s)) > 0);
}

/* Half-way, more happens. */
static void more_happens(struct stage *s)
{
	fail(s, 0);
	fail(s, IDS - 1);
	ban_some(s, 1, 1);
	saver_touch(s->saver);
}

/* ---- what another start finds ----------------------------------------------------- */

struct seen { int64_t bans, ids, first, last; };

static int64_t count_of(struct stage *s, uint32_t i)
{
	struct window_id id = { .addr = stage_addr(i) };

	return window_count(counts(s), &id, loop_wall(s->loop));
}

static struct seen look(void)
{
	struct stage s;
	struct seen seen = { 0 };

	if (t_ok("another start", raise_here(&s)))
		return seen;
	seen.bans = (int64_t)ban_store_stats(bans_store(s.bans)).bans;
	seen.ids = (int64_t)window_stats(counts(&s)).ids;
	seen.first = count_of(&s, 0);
	seen.last = count_of(&s, IDS - 1);
	strike_stage(&s);
	return seen;
}

static void is_before(void)
{
	struct seen seen = look();

	t_is("the ban of before", seen.bans, 1);
	t_is("all counts", seen.ids, IDS);
	t_is("as they were", seen.first, 1);
	t_is("whether they were written by then or not", seen.last, 1);
}

static void is_after(void)
{
	struct seen seen = look();

	t_is("both bans", seen.bans, 2);
	t_is("all counts", seen.ids, IDS);
	t_is("as they are", seen.first, 2);
	t_is("both of them", seen.last, 2);
}

/* ---- while it is written ------------------------------------------------------------ */

static void test_moment(void)
{
	struct stage s;

	if (!go_half_way(&s))
		return;
	more_happens(&s);
	t_ok("a commit", commits(&s, 1));
	is_before();
	t_ok("another one by itself", commits(&s, 2));
	is_after();
	end(&s);
}

/* Counts alone are nothing that the database has heard of by then. */
static void test_counts_alone(void)
{
	struct stage s;
	struct seen seen;

	if (!go_half_way(&s))
		return;
	fail(&s, 0);
	saver_touch(s.saver);
	t_ok("a commit", commits(&s, 1));
	is_before();
	t_ok("another one by itself", commits(&s, 2));
	seen = look();
	t_is("with the one that changed", seen.first, 2);
	t_is("and the others as they were", seen.last, 1);
	end(&s);
}

static void test_flush(void)
{
	struct stage s;

	if (!go_half_way(&s))
		return;
	more_happens(&s);
	t_is("the end comes half-way", saver_flush(s.saver), 0);
	is_after();
	end(&s);
}

/* A new configuration comes: what is under way must not look at lanes that go. */
static void test_settle(void)
{
	struct stage s;

	if (!go_half_way(&s))
		return;
	saver_settle(s.saver);
	t_is("nothing is left to export", (int64_t)window_dirty(counts(&s)), 0);
	more_happens(&s);
	t_ok("a commit", commits(&s, 1));
	is_before();
	t_ok("another one by itself", commits(&s, 2));
	is_after();
	end(&s);
}

/* A count alone, while the database's thread waits for another program's lock. */
static void test_busy(void)
{
	time_t since = time(NULL);
	sqlite3 *other;
	struct stage s;

	if (t_ok("a start", raise_here(&s)))
		return;
	ban_some(&s, 0, 1);
	t_is("written", saver_flush(s.saver), 0);
	sqlite3_open(dir.file, &other);
	t_is("locked", sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	ban_some(&s, 1, 1);
	saver_hurry(s.saver);
	while (ban_db_queued(s.db) && !is_late(since))
		turn(&s);
	fail(&s, 0);
	saver_hurry(s.saver);
	for (int i = 0; i < 20; i++)
		turn(&s);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);
	while (window_dirty(counts(&s)) && !is_late(since))
		turn(&s);
	t_is("it goes when the database is ready", (int64_t)window_dirty(counts(&s)), 0);
	t_is("the end", saver_flush(s.saver), 0);
	t_is("it is there", look().first, 1);
	end(&s);
}

/* ---- everything anew --------------------------------------------------------------- */

/* One session of a filter, as it is written down: "k", born in 1970, with nothing. */
static const uint8_t session[] = { 1, 1, 'k', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

struct rows { int64_t counts, sessions, neighbours, other; };

static int count_row(void *ctx, const char *owner, const void *key, size_t key_len,
		     const void *value, size_t value_len)
{
	struct rows *rows = ctx;

	(void)value, (void)value_len;
	if (streq(owner, NEIGHBOURS_OWNER))
		rows->neighbours++;
	else if (!streq(owner, jail.name))
		rows->other++;
	else if (key_len == sizeof("sessions") && !memcmp(key, "sessions", key_len))
		rows->sessions++;
	else
		rows->counts++;
	return 0;
}

static void has_rows(const char *what, int64_t ids, int64_t others)
{
	struct ban_db_params p = { .path = dir.file, .max_history = 1 };
	struct rows rows = { 0 };
	struct ban_db_reader r = { .state = count_row, .ctx = &rows };
	struct ban_db *db;

	t_is(what, ban_db_open(&db, &p), 0);
	t_is(what, ban_db_load(db, &r, boot_now(), wall_now()), 0);
	ban_db_close(db);
	t_is(what, rows.counts, ids);
	t_is(what, rows.sessions, others);
	t_is(what, rows.neighbours, 1);
	t_is(what, rows.other, 0);
}

struct told { struct stage *stage; struct saver_wait wait; int64_t bans; int times; };

static void on_saved(void *ctx)
{
	struct told *t = ctx;

	t->times++;
	t->bans = (int64_t)bans_in_file(t->stage);
}

/* Some of everything, in the file. */
static bool begin_all(struct stage *s)
{
	struct ban one = { .who = stage_addr(1), .jail = jail.name, .failures = 5 };
	struct filter *f;

	if (t_ok("a start", raise_here(s)))
		return false;
	f = lane_filter(pipeline_find(s->pipeline, jail.name));
	for (uint32_t i = 0; i < IDS; i++)
		fail(s, i);
	t_is("a session", filter_restore(f, session, sizeof(session)), 0);
	filter_touch(f);
	one.since = loop_wall(s->loop);
	neighbours_note(s->neighbours, &one);
	ban_some(s, 0, BANS);
	t_is("written", saver_flush(s->saver), 0);
	has_rows("once", IDS, 1);
	return true;
}

/* The file goes, and it is noticed; then until somebody is told. */
static void lose_file(struct stage *s, struct told *t)
{
	time_t since = time(NULL);

	*t = (struct told){ .stage = s, .wait = { .saved = on_saved, .ctx = t } };
	db_dir_clear(&dir, "");
	ban_some(s, BANS, 1);
	saver_wait(s->saver, &t->wait);
	while (!ban_db_wants_all(s->db) && !is_late(since))
		turn(s);
	t_ok("the file lacks everything", ban_db_wants_all(s->db));
	t_is("so nobody is told", t->times, 0);
}

/* He has nothing to wait for, but does not know. */
static void test_nothing_new(void)
{
	struct told t = { 0 };
	time_t since = time(NULL);
	struct stage s;

	if (t_ok("a start", raise_here(&s)))
		return;
	t = (struct told){ .stage = &s, .wait = { .saved = on_saved, .ctx = &t } };
	ban_some(&s, 0, 1);
	t_is("written", saver_flush(s.saver), 0);
	saver_wait(s.saver, &t.wait);
	while (!t.times && !is_late(since))
		turn(&s);
	t_is("he is told", t.times, 1);
	end(&s);
}

static void until_told(struct stage *s, const struct told *t)
{
	time_t since = time(NULL);

	while (!t->times && !is_late(since))
		turn(s);
	t_is("he is told", t->times, 1);
	t_is("when all is there", t->bans, BANS + 1);
}

/* One of 10.0.0.0/24 was counted before: with two more it is banned. */
static void more_neighbours(struct stage *s)
{
	struct ipaddr net = { { 10 }, 4, 24 };

	for (uint32_t i = 2; i < 4; i++) {
		struct ban one = { .who = stage_addr(i), .jail = jail.name, .failures = 5,
				   .since = loop_wall(s->loop) };

		neighbours_note(s->neighbours, &one);
	}
	t_ok("their network", ban_store_find(bans_store(s->bans), &net, NEIGHBOURS_JAIL,
					     &(struct ban){ 0 }));
}

static void test_lost(void)
{
	struct stage s;
	struct told told;

	if (!begin_all(&s))
		return;
	lose_file(&s, &told);
	until_told(&s, &told);
	has_rows("again", IDS, 1);
	t_is("the same counts", look().first, 1);
	strike_stage(&s);
	if (t_ok("another start", raise_here(&s)))
		return;
	more_neighbours(&s);
	end(&s);
}

/* While all of it is on its way there is no place for it. */
static void test_lost_twice(void)
{
	struct stage s;
	struct told told;
	time_t since;
	uint64_t failures;

	if (!begin_all(&s))
		return;
	lose_file(&s, &told);
	since = time(NULL);
	while (!ban_db_queued(s.db) && !is_late(since))
		turn(&s);
	t_ok("half of it is queued", ban_db_queued(s.db) && ban_db_queued(s.db) < BANS);
	db_dir_clear(&dir, "");
	t_is("a directory in its place", mkdir(dir.file, 0700), 0);
	failures = ban_db_state(s.db).failures;
	ban_some(&s, BANS + 1, 1);
	while (ban_db_state(s.db).failures == failures && !is_late(since))
		turn(&s);
	t_ok("it fails", ban_db_state(s.db).failures > failures);
	t_is("so nobody is told", told.times, 0);
	t_is("that is mended", rmdir(dir.file), 0);
	told.bans = -1;
	while (!told.times && !is_late(since))
		turn(&s);
	t_is("he is told", told.times, 1);
	t_is("when all is there", told.bans, BANS + 2);
	has_rows("again", IDS, 1);
	end(&s);
}

static void test_forget(void)
{
	struct stage s;

	if (!begin_all(&s))
		return;
	saver_forget_jail(s.saver, jail.name);
	t_ok("a commit by itself", commits(&s, ban_db_state(s.db).commits + 1));
	has_rows("what a jail had counted is gone", 0, 0);
	end(&s);
}

int main(void)
{
	if (!db_dir_make(&dir))
		return 1;
	log_open("/dev/null", LOG_LEVEL_ERROR);
	test_moment();
	test_counts_alone();
	test_flush();
	test_settle();
	test_busy();
	test_nothing_new();
	test_lost();
	test_lost_twice();
	test_forget();
	rmdir(dir.dir);
	return t_done();
}
