// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was banned is in the database after the end, also when there was more of
 * it than the queue holds: then everything is written anew, once there is time.
 * And what is in a database comes back, also when there is too much of one kind.
 */
#include "saver_stage.h"

#include "base/log.h"

enum {
	QUEUE	= 600 << 10,	/* two pieces of a batch */
	BANS	= 60000,	/* need several times as much */
};

static struct db_dir dir;

static bool raise_here(struct stage *s)
{
	return raise_stage(s, &(struct stage_of){ .file = dir.file, .max_queue = QUEUE,
						  .max_bans = 2 * BANS });
}

/* ---- ends --------------------------------------------------------------------- */

/* Nothing had been written when the queue ran over. */
static void at_once(struct stage *s)
{
	ban_some(s, 0, BANS);
}

/* A commit is under way. */
static void while_writing(struct stage *s)
{
	ban_some(s, 0, 10);
	ban_db_commit(s->db, loop_boot(s->loop));
	ban_some(s, 10, BANS - 10);
}

/* The database knows already that it needs everything, and is about to get it. */
static void when_asked(struct stage *s)
{
	ban_some(s, 0, BANS - 1);
	ban_db_flush(s->db, loop_boot(s->loop));
	t_ok("everything is wanted", ban_db_wants_all(s->db));
	ban_some(s, BANS - 1, 1);
}

/* Everything is under way when the queue runs over again. */
static void while_writing_all(struct stage *s)
{
	ban_some(s, 0, BANS / 2);
	t_is("half of it", saver_flush(s->saver), 0);
	ban_some(s, BANS / 2, BANS / 4);
	ban_db_flush(s->db, loop_boot(s->loop));
	ban_db_begin_all(s->db);
	ban_db_commit(s->db, loop_boot(s->loop));
	ban_some(s, BANS / 2 + BANS / 4, BANS / 4);
}

static const struct {
	const char *name;
	void (*run)(struct stage *s);
} ends[] = {
	{ "nothing written yet", at_once },
	{ "a commit under way", while_writing },
	{ "everything wanted", when_asked },
	{ "everything under way", while_writing_all },
};

static void test_end(size_t i)
{
	struct ban_store_stats st;
	struct stage s;

	if (t_ok(ends[i].name, raise_here(&s)))
		return;
	ends[i].run(&s);
	t_ok("the queue ran over", ban_db_state(s.db).lost_queues > 0);
	t_is("the end", saver_flush(s.saver), 0);
	strike_stage(&s);
	if (t_ok("another start", raise_here(&s)))
		return;
	st = ban_store_stats(bans_store(s.bans));
	t_is(ends[i].name, (int64_t)st.bans, BANS);
	strike_stage(&s);
	db_dir_clear(&dir, "");
}

/* ---- what can wait -------------------------------------------------------------- */

/* @seconds of @who's ban that are left. */
static int64_t left(struct stage *s, const struct ipaddr *who)
{
	struct ban b;

	if (!ban_store_find(bans_store(s->bans), who, "sshd", &b))
		return -1;
	return (int64_t)((b.until.ns - loop_boot(s->loop).ns) / NS_PER_S);
}

/* He goes on while he is banned: the later end is in the commit, too (bans_tell_all). */
static void test_longer(void)
{
	struct ban_wish w = {
		.who = { .bytes = { 192, 0, 2, 1 }, .family = 4, .prefix = 32 },
		.jail = "sshd", .failures = 5, .bantime_us = 3600 * US_PER_S,
	};
	struct stage s;

	if (t_ok("a stage", raise_here(&s)))
		return;
	w.since = loop_wall(s.loop);
	t_is("banned", bans_add(s.bans, &w, NULL), BAN_NEW);
	w.since.us += 1800 * US_PER_S;
	t_is("for longer", bans_add(s.bans, &w, NULL), BAN_PROLONGED);
	t_is("the end", saver_flush(s.saver), 0);
	strike_stage(&s);
	if (t_ok("another start", raise_here(&s)))
		return;
	t_ok("for as long", left(&s, &w.who) > 3600);
	strike_stage(&s);
	db_dir_clear(&dir, "");
}

/* ---- who waits ------------------------------------------------------------------ */

struct waiting {
	struct stage *stage;
	struct saver_wait wait;
	int told;
	uint64_t in_file;	/* bans, when it was told */
};

static void on_saved(void *ctx)
{
	struct waiting *w = ctx;

	w->told++;
	w->in_file = bans_in_file(w->stage);
	loop_stop(w->stage->loop);
}

static void on_late(void *ctx)
{
	loop_stop(ctx);
}

static void test_waiting(void)
{
	struct loop_timer late = { .fn = on_late };
	struct waiting first, second, gone;
	struct stage s;

	if (t_ok("who waits", raise_here(&s)))
		return;
	first = second = gone = (struct waiting){ .stage = &s, .wait.saved = on_saved };
	first.wait.ctx = &first;
	second.wait.ctx = &second;
	gone.wait.ctx = &gone;
	late.ctx = s.loop;
	loop_timer_in(s.loop, &late, 60 * NS_PER_S);
	ban_some(&s, 0, 1);
	saver_wait(s.saver, &first.wait);
	saver_wait(s.saver, &gone.wait);
	saver_wait_cancel(&gone.wait);
	saver_wait_cancel(&gone.wait);
	while (!first.told && late.armed)
		loop_run(s.loop);
	t_is("is told once", first.told, 1);
	t_is("when it is there", (int64_t)first.in_file, 1);
	/* A commit is under way that does not have it. */
	ban_some(&s, 1, 1);
	ban_db_commit(s.db, loop_boot(s.loop));
	ban_some(&s, 2, 1);
	saver_wait(s.saver, &second.wait);
	while (!second.told && late.armed)
		loop_run(s.loop);
	t_is("is told", second.told, 1);
	t_is("not before all of it is there", (int64_t)second.in_file, 3);
	t_is("who has gone is told nothing", gone.told, 0);
	loop_timer_cancel(s.loop, &late);
	strike_stage(&s);
	db_dir_clear(&dir, "");
}

/* ---- places ------------------------------------------------------------------- */

static int count_state(void *ctx, const char *owner, const void *key, size_t key_len,
		       const void *value, size_t value_len)
{
	(void)owner, (void)key, (void)key_len, (void)value, (void)value_len;
	++*(int *)ctx;
	return 0;
}

/* What the database has of jails and others, after @change. */
static int states_after(void (*change)(struct ban_db *db))
{
	struct ban_db_params p = { .path = dir.file, .max_history = 1 };
	int n = 0;
	const struct ban_db_reader r = { .state = count_state, .ctx = &n };
	struct ban_db *db;

	if (t_is("open", ban_db_open(&db, &p), 0))
		return -1;
	t_is("read", ban_db_load(db, &r, boot_now(), wall_now()), 0);
	if (change)
		change(db);
	t_is("write", ban_db_flush(db, boot_now()), 0);
	ban_db_close(db);
	return n;
}

static void put_places(struct ban_db *db)
{
	struct ban_db_position p = { 0 };
	char name[32];

	p.source = name;
	for (unsigned int i = 0; i <= POSITIONS_MAX; i++) {
		snprintf(name, sizeof(name), "/log/%u", i);
		ban_db_put_position(db, &p);
	}
	ban_db_put_state(db, "a jail that is gone", "key", 3, "value", 5);
}

/* One place more than is kept is no reason to leave what comes behind it unread. */
static void test_places(void)
{
	struct stage s;

	t_is("a new database", states_after(put_places), 0);
	if (t_ok("a start", raise_here(&s)))
		return;
	t_is("one is too many", (int64_t)s.positions.refused, 1);
	t_is("written", saver_flush(s.saver), 0);
	strike_stage(&s);
	t_is("what nobody wants was seen, and is gone", states_after(NULL), 0);
	db_dir_clear(&dir, "");
}

int main(void)
{
	if (!db_dir_make(&dir))
		return 1;
	log_plain(LOG_LEVEL_WARNING);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		test_end(i);
	test_longer();
	test_waiting();
	test_places();
	rmdir(dir.dir);
	return t_done();
}
