// SPDX-License-Identifier: GPL-2.0-or-later
#include "keeping/bans_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"

enum {
	TEXT_BUDGET = 32 << 20,		/* bytes of reasons and lines of all bans */
	HISTORY_PER_BAN = 4,		/* past offenders kept for each possible ban */
};

/* Look for what was lost from the kernel this often, while anybody is banned. */
#define RESYNC_NS	(60 * NS_PER_S)
/* Between the steps of that, so that it never takes more than a third of the time. */
#define STEP_NS		(NS_PER_S / 500)

/*
 * While parts of a list keep coming: every part may ask for a larger filter, which
 * one pass makes for all of them when the last has come.  A list that does not end
 * waits no longer than this.
 */
#define LIST_PAUSE_NS	(NS_PER_S / 5)
#define LIST_LONGEST_NS	(5 * NS_PER_S)

/* ---- timers ---------------------------------------------------------------------- */

static void arm(struct bans *b)
{
	boot_t end = ban_store_next_end(b->store);

	if (end.ns != BOOT_NEVER.ns)
		loop_timer_at(b->loop, &b->expiry, end);
	if (enforcer_wants_resync(b->enforcer))
		loop_timer_in(b->loop, &b->check, STEP_NS);
	else if (ban_store_stats(b->store).bans && !b->check.armed)
		loop_timer_in(b->loop, &b->check, RESYNC_NS);
}

static void on_expiry(void *ctx)
{
	struct bans *b = ctx;

	ban_store_expire(b->store, loop_boot(b->loop));
	bans_enforce_pending(b);
	arm(b);
}

static bool list_comes(const struct bans *b)
{
	uint64_t now = loop_boot(b->loop).ns;

	return b->part.ns && now - b->part.ns < LIST_PAUSE_NS &&
	       now - b->list.ns < LIST_LONGEST_NS;
}

static void on_check(void *ctx)
{
	struct bans *b = ctx;

	if (list_comes(b)) {
		loop_timer_in(b->loop, &b->check, LIST_PAUSE_NS);
		return;
	}
	if (!bans_resync_step(b)) {
		loop_timer_in(b->loop, &b->check, STEP_NS);
		return;
	}
	arm(b);
}

/* Of many that come together, only their number is for everybody to read. */
static void tell(struct bans *b, const char *what, const struct ban *ban)
{
	char who[IPADDR_TEXT];

	log_msg(b->many ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE, "[%s] %s %s", ban->jail, what,
		ipaddr_format(&ban->who, who));
}

/* The store says that a ban is over; most kernels' copies let go by themselves. */
static void on_ended(void *ctx, const struct ban *ban, enum ban_end how)
{
	struct bans *b = ctx;

	if (how != BAN_EXPIRED || enforcer_forgets(b->enforcer))
		bans_enforce_later(b, &ban->who, false);
	ban_db_del_ban(b->db, &ban->who, ban->jail);
	tell(b, how == BAN_REPLACED ? "Replaced" : "Unban", ban);
}

static void on_forgotten(void *ctx, const char *jail, const struct ipaddr *who,
			 const struct ban_past *past)
{
	struct bans *b = ctx;

	(void)past;
	ban_db_put_past(b->db, jail, who, NULL);
}

/* ---- banning ----------------------------------------------------------------------- */

/*
 * To the database; @past: of a new ban.  Scope numbers change from run to run, so
 * the database has their text.
 */
void bans_save(struct bans *b, const struct ban *ban, const struct ban_past *past)
{
	boot_t boot = loop_boot(b->loop);
	wall_t wall = loop_wall(b->loop);
	struct enforce_scope s;
	struct str text = { 0 };

	if (ban->scope != ENFORCE_SCOPE_ALL &&
	    !enforcer_scope_get(b->enforcer, ban->scope, &s))
		enforce_scope_format(&s, &text);
	if (past)
		ban_db_put_new(b->db, ban, text.s, past, boot, wall);
	else
		ban_db_put_ban(b->db, ban, text.s, boot, wall);
	str_fini(&text);
}

static void record_new(struct bans *b, const struct ban *ban, int64_t bantime_us)
{
	struct ban_past past;

	if (!ban_history_add(b->history, ban->jail, &ban->who, ban->since, bantime_us,
			     &past)) {
		bans_save(b, ban, &past);
	} else {
		bans_save(b, ban, NULL);
		ban_db_put_event(b->db, ban, ban_end_after(ban->since, bantime_us));
	}
	tell(b, "Ban", ban);
	b->banned(b->ctx, ban);
}

/*
 * It began and ended while nobody read the log, or before a crash that came sooner
 * than its commit.  Nobody is banned for it now; but whoever comes again is banned
 * for as long as if we had been there all the time.
 */
static void record_over(struct bans *b, const struct ban *ban, int64_t bantime_us)
{
	struct ban_past past;

	if (!ban_history_add(b->history, ban->jail, &ban->who, ban->since, bantime_us, &past))
		ban_db_put_past(b->db, ban->jail, &ban->who, &past);
	ban_db_put_event(b->db, ban, ban_end_after(ban->since, bantime_us));
	b->banned(b->ctx, ban);
}

/*
 * Whoever goes on while he is banned is banned once: also when he did so while nobody
 * was there to ban him, and all of it is read now.  Else an hour without us would
 * make a year of the first ten minutes.
 */
static bool goes_on(struct bans *b, const struct ban_wish *w)
{
	struct ban_past past = ban_history_get(b->history, w->jail, &w->who);

	return w->failures && past.bans && w->since.us >= past.last.us &&
	       (past.bantime_us < 0 || w->since.us - past.last.us < past.bantime_us);
}

static void record(struct bans *b, const struct ban *ban, const struct ban_wish *w, int how)
{
	if (how == BAN_NEW && !w->restored && !goes_on(b, w)) {
		record_new(b, ban, w->bantime_us);
		return;
	}
	bans_save(b, ban, NULL);
	if (how == BAN_NEW)
		tell(b, "Restore Ban", ban);
}

/* Banned already, in force for a while, and attacking all the same. */
static bool is_nothing_new(const struct bans *b, const struct ban_wish *w, const struct ban *ban)
{
	struct ban before;

	return w->failures && !b->many &&
	       ban_store_find(b->store, &w->who, w->jail, &before) &&
	       bans_can_wait(b, &before, ban);
}

int bans_add(struct bans *b, const struct ban_wish *w, struct allow_match *why)
{
	wall_t end = ban_end_after(w->since, w->bantime_us);
	struct ban ban = {
		.who = w->who, .jail = w->jail, .scope = w->scope, .since = w->since,
		.failures = w->failures, .earlier = w->earlier,
		.reason = w->reason, .lines = w->lines,
		.until = ban_end_boot(end, loop_boot(b->loop), loop_wall(b->loop)),
	};
	int how, err = 0;
	bool old_news;
	size_t known;

	if (b->spares(b->ctx, w->jail, &w->who, why)) {
		b->stats.refused_allowed++;
		return -EPERM;
	}
	if (ban.until.ns <= loop_boot(b->loop).ns) {
		b->stats.over++;
		if (w->failures && !w->restored && !goes_on(b, w))
			record_over(b, &ban, w->bantime_us);
		return -ETIME;
	}
	old_news = is_nothing_new(b, w, &ban);
	known = ban_store_addresses(b->store);
	how = ban_store_add(b->store, &ban);
	if (old_news) {
		if (how == BAN_PROLONGED)
			bans_put_off(b, &ban);
		return how;
	}
	if (how > BAN_SAME)
		bans_enforce_later(b, &w->who, ban_store_addresses(b->store) > known);
	if (!b->many) {
		err = bans_enforce_pending(b);	/* before anything slower */
		arm(b);
	}
	if (how > BAN_SAME)
		record(b, &ban, w, how);
	return err && how > BAN_SAME ? err : how;
}

void bans_begin_many(struct bans *b)
{
	b->many = true;
	b->many_err = 0;
}

void bans_expect(struct bans *b, const struct ipaddr *who, size_t n)
{
	ban_store_expect(b->store, who, n);
	ban_history_expect(b->history, who, n);
}

int bans_end_many(struct bans *b)
{
	boot_t now = loop_boot(b->loop);
	int err;

	if (now.ns - b->part.ns >= LIST_PAUSE_NS)
		b->list = now;
	b->part = now;
	b->many = false;
	err = bans_enforce_pending(b);
	arm(b);
	return err ? err : b->many_err;
}

/* ---- pardons ------------------------------------------------------------------------- */

static size_t lift_matching(struct bans *b, const struct ban_filter *filter)
{
	struct ban_cursor c = { 0 };
	struct ban ban;
	size_t n = 0;

	while (ban_store_next(b->store, &c, filter, &ban)) {
		struct ipaddr who = ban.who;

		ban_history_forget(b->history, ban.jail, &who);
		n += ban_store_del(b->store, &who, ban.jail);
	}
	bans_enforce_pending(b);
	return n;
}

size_t bans_lift(struct bans *b, const struct ipaddr *who, const char *jail)
{
	struct ban_filter filter = { .jail = jail, .within = who };
	size_t n;

	if (!ipaddr_is_host(who))
		return lift_matching(b, &filter);
	ban_history_forget(b->history, jail, who);
	n = ban_store_del(b->store, who, jail);
	/* Also who is banned by the kernel alone. */
	bans_enforce_later(b, who, false);
	if (!b->many)
		bans_enforce_pending(b);
	return n;
}

size_t bans_lift_all(struct bans *b, const char *jail)
{
	struct ban_filter filter = { .jail = jail };

	return lift_matching(b, &filter);
}

/* ---- restart --------------------------------------------------------------------------- */

int bans_restore(struct bans *b, const struct ban *ban, const char *scope)
{
	struct ban scoped = *ban;
	int ret;

	if (b->spares(b->ctx, ban->jail, &ban->who, NULL)) {
		b->stats.refused_allowed++;
		ban_db_del_ban(b->db, &ban->who, ban->jail);
		return 0;
	}
	scoped.scope = bans_scope_number(b, scope);
	ret = ban_store_add(b->store, &scoped);
	return ret == -ENOMEM ? ret : 0;
}

int bans_restore_past(struct bans *b, const char *jail, const struct ipaddr *who,
		      const struct ban_past *past)
{
	return ban_history_restore(b->history, jail, who, past);
}

int bans_begin(struct bans *b, bool complete)
{
	int err;

	b->restoring = false;
	b->complete |= complete;
	err = bans_enforce_all(b);
	arm(b);
	/* Even if the store is empty: the kernel may have what the last run left. */
	if (!b->check.armed)
		loop_timer_in(b->loop, &b->check, RESYNC_NS);
	return err;
}

static void save_past(void *ctx, const char *jail, const struct ipaddr *who,
		      const struct ban_past *past)
{
	struct bans *b = ctx;

	ban_db_put_past(b->db, jail, who, past);
}

bool bans_save_some(struct bans *b, struct bans_dump *at, size_t max)
{
	struct ban_filter any = { 0 };
	struct ban ban;

	while (!at->bans_done && max--) {
		if (ban_store_next(b->store, &at->cursor, &any, &ban)) {
			bans_save(b, &ban, NULL);
			continue;
		}
		at->bans_done = true;
		ban_history_rewind(b->history);
	}
	return !at->bans_done || ban_history_walk(b->history, max, save_past, b);
}

/* ---- lifetime ----------------------------------------------------------------------------- */

int bans_new(struct bans **out, const struct bans_params *p)
{
	size_t max = (size_t)p->settings->max_bans;
	struct bans *b = calloc(1, sizeof(*b));
	struct ban_store_params store = {
		.max_bans = max, .max_text = TEXT_BUDGET, .ended = on_ended, .ctx = b,
	};

	if (!b)
		return -ENOMEM;
	*b = (struct bans){
		.loop = p->loop, .enforcer = p->enforcer, .db = p->db,
		.spares = p->spares, .banned = p->banned, .ctx = p->ctx,
		.restoring = true, .max_bans = max,
		.expiry = { .fn = on_expiry, .ctx = b },
		.check = { .fn = on_check, .ctx = b },
		.tell_later = { .fn = bans_on_later, .ctx = b },
	};
	b->store = ban_store_new(&store);
	b->history = ban_history_new(max * HISTORY_PER_BAN, on_forgotten, b);
	if (!b->store || !b->history) {
		bans_free(b);
		return -ENOMEM;
	}
	bans_configure(b, p->settings);
	*out = b;
	return 0;
}

void bans_configure(struct bans *b, const struct config_settings *settings)
{
	size_t max = (size_t)settings->max_bans;

	if (max > b->max_bans)
		log_warn("max-bans = %zu needs a restart; until then it is %zu", max,
			 b->max_bans);
	ban_store_set_max(b->store, max < b->max_bans ? max : b->max_bans,
			  settings->when_full == WHEN_FULL_REPLACE ? BAN_FULL_REPLACE :
			  BAN_FULL_REFUSE);
	b->purge_age_us = (int64_t)(settings->dbpurgeage * 1e6);
}

void bans_free(struct bans *b)
{
	if (!b)
		return;
	loop_timer_cancel(b->loop, &b->expiry);
	loop_timer_cancel(b->loop, &b->check);
	loop_timer_cancel(b->loop, &b->tell_later);
	ban_store_free(b->store);
	ban_history_free(b->history);
	free(b);
}

bool bans_purge(struct bans *b)
{
	ban_history_purge(b->history, loop_wall(b->loop), b->purge_age_us);
	return ban_history_count(b->history);
}

struct ban_past bans_past(struct bans *b, const char *jail, const struct ipaddr *who)
{
	return ban_history_get(b->history, jail, who);
}

void bans_pasts(struct bans *b, const struct ipaddr *who, ban_history_fn *fn, void *ctx)
{
	ban_history_of(b->history, who, fn, ctx);
}

uint64_t bans_pasts_evicted(const struct bans *b)
{
	return ban_history_evicted(b->history);
}

struct ban_store *bans_store(struct bans *b)
{
	return b->store;
}

const struct bans_stats *bans_stats(const struct bans *b)
{
	return &b->stats;
}
