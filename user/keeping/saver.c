// SPDX-License-Identifier: GPL-2.0-or-later
#include "keeping/saver.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"

/* A database that cannot be read is tried again after this, then less often. */
#define FIRST_LOAD_NS	NS_PER_S
#define LAST_LOAD_NS	(60 * NS_PER_S)

/* Rows queued in one turn of the loop: about a millisecond. */
enum { SLICE = 2000, EVERYTHING = UINT32_MAX };

enum phase {
	IDLE,
	DUMPING,		/* all bans and pasts, for a file that lost them */
	EXPORTING,		/* the counts of the moment that was sealed */
};

/* Whose counts a window exports. */
struct owner {
	struct ban_db *db;
	const char *name;
};

struct saver {
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct sip *sip;
	struct deferred *deferred;
	struct positions *positions;
	struct pipeline *const *pipeline;
	struct loop_timer touch, slice, load;
	uint64_t load_ns;	/* until the next try */
	bool begun;		/* its bans were read, and are in force ... */
	int begin_err;		/* ... unless the kernel did not take them */
	bool watching;		/* the database's descriptor is in the loop */
	enum phase phase;
	bool again;		/* something changed since the moment was sealed */
	struct bans_dump dump;
	struct owner *owners;	/* owns; one for each lane, while not idle */
	uint64_t moments;	/* sealed so far */
	uint64_t handed;	/* the last of them that the database was handed ... */
	uint64_t commits;	/* ... and how many it had written then */
	struct saver_wait *waits;	/* borrows */
};

/* ---- loading ----------------------------------------------------------------- */

static int load_ban(void *ctx, const struct ban *b, const char *scope)
{
	struct saver *s = ctx;

	return bans_restore(s->bans, b, scope);
}

/* An error is the kernel's and no reason to stop: it is tried again. */
static int load_bans_end(void *ctx)
{
	struct saver *s = ctx;

	s->begun = true;
	s->begin_err = bans_begin(s->bans, true);
	return 0;
}

static int load_past(void *ctx, const char *jail, const struct ipaddr *who,
		     const struct ban_past *past)
{
	struct saver *s = ctx;

	return bans_restore_past(s->bans, jail, who, past);
}

static int load_position(void *ctx, const struct ban_db_position *p)
{
	struct saver *s = ctx;
	struct source_position pos = {
		.dev = p->dev, .inode = p->inode, .offset = p->offset,
		.hash = p->hash, .hash_len = p->hash_len, .cursor = p->cursor,
	};
	int err = positions_put(s->positions, p->source, &pos);

	/* One place too many is no reason to forget the counts. */
	return err == -ENOSPC ? 0 : err;
}

/*
 * Beside the counts of its ids a jail has what its filter knows of sessions, under
 * a key that no id has: they begin with a small number.
 */
static const char sessions_key[] = "sessions";

static bool is_sessions(const void *key, size_t key_len)
{
	return key_len == sizeof(sessions_key) && !memcmp(key, sessions_key, key_len);
}

/* Counts of a jail that is not enabled any more are of no use. */
static int load_state(void *ctx, const char *owner, const void *key, size_t key_len,
		      const void *value, size_t value_len)
{
	struct saver *s = ctx;
	struct lane *lane = pipeline_find(*s->pipeline, owner);
	int err = -EINVAL;

	if (lane && is_sessions(key, key_len))
		err = filter_restore(lane_filter(lane), value, value_len);
	else if (lane && s->deferred && deferred_is_key(key, key_len))
		err = deferred_import(s->deferred, lane, key, key_len, value, value_len);
	else if (lane)
		err = window_import(jail_window(lane_jail(lane)), key, key_len,
				    value, value_len);
	else if (streq(owner, NEIGHBOURS_OWNER))
		err = neighbours_import(s->neighbours, key, key_len, value, value_len);
	else if (s->sip && streq(owner, SIP_OWNER))
		err = sip_import(s->sip, key, key_len, value, value_len);
	return err == -EINVAL ? 1 : err;
}

/* Logs have been read since, so their old counts and positions are of no use. */
static void load_late(void *ctx)
{
	struct saver *s = ctx;
	struct ban_db_reader r = {
		.ban = load_ban, .bans_end = load_bans_end, .past = load_past, .ctx = s,
	};
	int err = ban_db_load(s->db, &r, loop_boot(s->loop), loop_wall(s->loop));

	if (err == -EAGAIN) {
		s->load_ns = s->load_ns < LAST_LOAD_NS / 2 ? s->load_ns * 2 : LAST_LOAD_NS;
		loop_timer_in(s->loop, &s->load, s->load_ns);
		return;
	}
	if (err)
		log_err("database: cannot take back all of it: %s", strerror(-err));
	else
		log_notice("database: read at last; its bans are in force again");
	if (!s->begun)
		bans_begin(s->bans, true);
	saver_touch(s);
}

int saver_load(struct saver *s)
{
	struct ban_db_reader r = {
		.ban = load_ban, .bans_end = load_bans_end, .past = load_past,
		.position = load_position, .state = load_state, .ctx = s,
	};
	int err = ban_db_load(s->db, &r, loop_boot(s->loop), loop_wall(s->loop));

	if (err == -EAGAIN) {
		s->load_ns = FIRST_LOAD_NS;
		loop_timer_in(s->loop, &s->load, s->load_ns);
	} else if (err) {
		log_err("database: cannot take back all of it: %s", strerror(-err));
	}
	return s->begun ? s->begin_err : bans_begin(s->bans, err != -EAGAIN);
}

/* ---- saving ------------------------------------------------------------------ */

static void queue_positions(struct saver *s)
{
	struct source *src = sources_first(pipeline_sources(*s->pipeline));

	for (; src; src = source_next(src)) {
		struct source_position p;
		struct ban_db_position out;

		if (!source_position(src, &p))
			continue;
		out = (struct ban_db_position){
			.source = source_name(src), .dev = p.dev, .inode = p.inode,
			.offset = p.offset, .hash = p.hash,
			.hash_len = p.hash_len, .cursor = p.cursor,
		};
		ban_db_put_position(s->db, &out);
	}
}

static void queue_sessions(struct saver *s, struct lane *lane)
{
	struct str saved = { 0 };

	/* Out of memory: the database has the older ones until they change. */
	if (filter_save(lane_filter(lane), &saved) && !saved.failed)
		ban_db_put_state(s->db, lane_conf(lane)->name, sessions_key,
				 sizeof(sessions_key), saved.s, saved.len);
	str_fini(&saved);
}

static void queue_count(void *ctx, const void *key, size_t key_len,
			const void *value, size_t value_len)
{
	struct owner *o = ctx;

	ban_db_put_state(o->db, o->name, key, key_len, value, value_len);
}

static void queue_waiting(void *ctx, const char *jail, const void *key, size_t key_len,
			  const void *value, size_t value_len)
{
	struct saver *s = ctx;

	ban_db_put_state(s->db, jail, key, key_len, value, value_len);
}

/*
 * This is the moment: between two lines of every log.  The counts of a million
 * ids are not copied now, but frozen: they are exported in slices, and each one
 * before it changes.
 */
static void seal(struct saver *s)
{
	struct owner networks = { s->db, NEIGHBOURS_OWNER }, sip = { s->db, SIP_OWNER };

	bans_tell_all(s->bans);
	queue_positions(s);
	if (s->phase == DUMPING) {
		neighbours_touch(s->neighbours);
		if (s->sip)
			sip_touch(s->sip);
		if (s->deferred)
			deferred_touch(s->deferred);
	}
	neighbours_export(s->neighbours, queue_count, &networks);
	if (s->sip)
		sip_export(s->sip, queue_count, &sip);
	if (s->deferred)
		deferred_export(s->deferred, queue_waiting, s);
	ban_db_seal(s->db);
	for (size_t i = 0; i < pipeline_count(*s->pipeline); i++) {
		struct lane *lane = pipeline_lane(*s->pipeline, i);
		struct window *w = jail_window(lane_jail(lane));

		s->owners[i] = (struct owner){ s->db, lane_conf(lane)->name };
		if (s->phase == DUMPING) {
			window_touch(w);
			filter_touch(lane_filter(lane));
		}
		queue_sessions(s, lane);
		window_freeze(w, queue_count, &s->owners[i]);
	}
	s->again = false;
	s->moments++;
	s->phase = EXPORTING;
}

static bool export_some(struct saver *s, uint32_t max)
{
	for (size_t i = 0; i < pipeline_count(*s->pipeline); i++) {
		struct lane *lane = pipeline_lane(*s->pipeline, i);

		if (window_export_some(jail_window(lane_jail(lane)), max))
			return true;
	}
	return false;
}

/* Everything up to the moment that was handed over is in the database. */
static void tell_waiting(struct saver *s)
{
	struct saver_wait *w = s->waits;

	while (w) {
		bool saved = w->moment <= s->handed;
		struct saver_wait *told = w;

		w = w->next;
		if (!saved)
			continue;
		saver_wait_cancel(told);
		told->saved(told->ctx);
	}
}

static void finish(struct saver *s)
{
	free(s->owners);
	s->owners = NULL;
	s->phase = IDLE;
	if (ban_db_commit(s->db, loop_boot(s->loop))) {
		saver_touch(s);
		return;
	}
	s->handed = s->moments;
	s->commits = ban_db_state(s->db).commits;
	/* There was nothing to write. */
	if (ban_db_ready(s->db, loop_boot(s->loop)) && !ban_db_wants_all(s->db))
		tell_waiting(s);
	/* The writer may be that quick: then its end was noted above, by ban_db_ready(). */
	if (s->again || ban_db_owes(s->db))
		saver_touch(s);
}

/* One more slice of what is under way. */
static void go_on(struct saver *s, uint32_t max)
{
	if (s->phase == DUMPING && !bans_save_some(s->bans, &s->dump, max))
		seal(s);
	else if (s->phase == EXPORTING && !export_some(s, max))
		finish(s);
}

static void on_slice(void *ctx)
{
	struct saver *s = ctx;

	go_on(s, SLICE);
	if (s->phase != IDLE)
		loop_timer_in(s->loop, &s->slice, 0);
}

static void begin(struct saver *s)
{
	s->owners = calloc(pipeline_count(*s->pipeline) + 1, sizeof(*s->owners));
	if (!s->owners)
		return;
	if (ban_db_wants_all(s->db)) {
		/* The file was lost or overrun: give it everything there is. */
		ban_db_begin_all(s->db);
		s->dump = (struct bans_dump){ 0 };
		s->phase = DUMPING;
	} else {
		seal(s);
	}
}

static void on_touch(void *ctx)
{
	struct saver *s = ctx;

	/* The counts are only taken when they can go: they change until then. */
	if (ban_db_ready(s->db, loop_boot(s->loop)))
		begin(s);
	if (s->phase == IDLE)
		saver_touch(s);
	else
		on_slice(s);
}

void saver_touch(struct saver *s)
{
	if (s->phase != IDLE)
		s->again = true;
	else if (!s->touch.armed && !s->load.armed &&
		 ban_db_state(s->db).health != BAN_DB_OFF)
		loop_timer_in(s->loop, &s->touch, SAVER_DELAY_NS);
}

void saver_hurry(struct saver *s)
{
	saver_touch(s);
	if (s->touch.armed)
		loop_timer_in(s->loop, &s->touch, 0);
}

void saver_wait(struct saver *s, struct saver_wait *w)
{
	/* What was sealed already does not have it. */
	w->moment = s->moments + 1;
	w->next = s->waits;
	w->link = &s->waits;
	if (w->next)
		w->next->link = &w->next;
	s->waits = w;
	saver_hurry(s);
}

void saver_wait_cancel(struct saver_wait *w)
{
	if (!w->link)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
}

void saver_settle(struct saver *s)
{
	while (s->phase != IDLE)
		go_on(s, EVERYTHING);
}

static int flush_once(struct saver *s)
{
	saver_settle(s);
	begin(s);
	saver_settle(s);
	return ban_db_flush(s->db, loop_boot(s->loop));
}

int saver_flush(struct saver *s)
{
	int err = flush_once(s);

	/*
	 * The queue had run over, and when we began the database was not ready
	 * to be given everything; by now it is.
	 */
	return err && ban_db_wants_all(s->db) ? flush_once(s) : err;
}

static void on_done(void *ctx, int fd, uint32_t events)
{
	struct saver *s = ctx;

	(void)fd, (void)events;
	ban_db_done(s->db);
	if (ban_db_state(s->db).commits > s->commits && !ban_db_wants_all(s->db))
		tell_waiting(s);
	if (ban_db_owes(s->db))
		saver_touch(s);
}

void saver_forget_jail(struct saver *s, const char *jail)
{
	ban_db_drop_state(s->db, jail);
	saver_touch(s);
}

/* ---- lifetime ------------------------------------------------------------------ */

int saver_new(struct saver **out, const struct saver_params *p)
{
	struct saver *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	*s = (struct saver){
		.loop = p->loop, .db = p->db, .bans = p->bans,
		.neighbours = p->neighbours, .sip = p->sip, .deferred = p->deferred,
		.positions = p->positions, .pipeline = p->pipeline,
		.touch = { .fn = on_touch, .ctx = s },
		.slice = { .fn = on_slice, .ctx = s },
		.load = { .fn = load_late, .ctx = s },
	};
	if (ban_db_fd(s->db) >= 0) {
		err = loop_add(s->loop, ban_db_fd(s->db), EPOLLIN, on_done, s);
		if (err) {
			saver_free(s);
			return err;
		}
		s->watching = true;
	}
	*out = s;
	return 0;
}

void saver_free(struct saver *s)
{
	if (!s)
		return;
	if (s->watching)
		loop_del(s->loop, ban_db_fd(s->db));
	loop_timer_cancel(s->loop, &s->touch);
	loop_timer_cancel(s->loop, &s->slice);
	loop_timer_cancel(s->loop, &s->load);
	free(s->owners);
	free(s);
}
