// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/deferred_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "config/address_tags.h"
#include "confine/runner.h"
#include "decide/ignorecache.h"

/* ---- waiting --------------------------------------------------------------------- */

static size_t text_size(const struct lane *lane, const struct lane_failure *f)
{
	size_t size = strlen(lane_conf(lane)->name) + 1 + f->id.len + 1;

	for (size_t i = 0; i < f->n_lines; i++)
		size += f->lines[i].len + 1;
	return size;
}

static void copy_text(struct waiting *w, const struct lane_failure *f)
{
	char *at = w->text;

	w->failure = *f;
	w->failure.id.s = at;
	memcpy(at, f->id.s, f->id.len);
	at += f->id.len + 1;		/* calloc() left the NUL */
	w->jail = strcpy(at, lane_conf(w->lane)->name);
	at += strlen(at) + 1;
	w->line.s = at;
	for (size_t i = 0; i < f->n_lines; i++) {
		memcpy(at, f->lines[i].s, f->lines[i].len);
		at += f->lines[i].len;
		*at++ = '\n';
	}
	w->line.len = at > w->line.s ? (size_t)(at - w->line.s) - 1 : 0;
	w->failure.lines = &w->line;
	w->failure.n_lines = f->n_lines ? 1 : 0;
}

struct waiting *deferred_wait(struct deferred *d, struct lane *lane,
				const struct lane_failure *f)
{
	struct waiting *w = NULL;

	if (d->n < DEFERRED_MAX)
		w = calloc(1, sizeof(*w) + text_size(lane, f));
	if (!w) {
		d->stats.dropped++;
		return NULL;
	}
	w->all = d;
	w->lane = lane;
	w->serial = ++d->serial;
	copy_text(w, f);
	w->next = d->list;
	d->list = w;
	d->n++;
	return w;
}

/* Where @w is among those that run; NULL for @w: a free place.  Or NULL. */
static struct waiting **place_of(struct deferred *d, const struct waiting *w)
{
	for (size_t i = 0; i < DEFERRED_CHILDREN; i++)
		if (d->running[i] == w)
			return &d->running[i];
	return NULL;
}

static void release(struct waiting *w)
{
	struct deferred *d = w->all;
	struct waiting **p = &d->list;

	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	d->n--;
	if (w->job) {
		runner_forget(w->job);
		*place_of(d, w) = NULL;
	}
	free(w->key);
	if (!w->saved) {
		free(w);
		return;
	}
	w->next = d->gone;
	d->gone = w;
}

static struct now now_of(const struct deferred *d)
{
	return (struct now){ loop_boot(d->loop), loop_wall(d->loop) };
}

/* ---- names ------------------------------------------------------------------------- */

/* Each address of the name has failed, as in Fail2ban. */
static void on_resolved(void *ctx, const struct ipaddr *addrs, size_t n)
{
	struct waiting *w = ctx;
	struct now now = now_of(w->all);
	char text[IPADDR_TEXT];

	for (size_t i = 0; w->lane && i < n; i++) {
		struct lane_failure f = w->failure;

		f.addr = addrs[i];
		ipaddr_format(&f.addr, text);
		f.id = (struct hit_text){ text, strlen(text) };
		lane_count(w->lane, &f, &now);
	}
	release(w);
}

static void ask_for_name(struct deferred *d, struct waiting *w)
{
	w->begun = true;
	if (!resolver_ask(d->resolver, w->failure.id.s, on_resolved, w))
		return;
	d->stats.dropped++;
	release(w);
}

void deferred_resolve(struct deferred *d, struct lane *lane, const struct lane_failure *f)
{
	struct waiting *w = deferred_wait(d, lane, f);

	if (w)
		ask_for_name(d, w);
}

/* ---- ignorecommand ------------------------------------------------------------------- */

static void run_next(struct deferred *d);

static void settle(struct waiting *w, bool ignore)
{
	struct ignorecache *cache = w->lane ? lane_ignorecache(w->lane) : NULL;
	struct now now = now_of(w->all);

	if (cache && w->key)
		ignorecache_put(cache, w->key, strlen(w->key), ignore, now.boot);
	if (ignore)
		w->all->stats.ignored++;
	else if (w->lane)
		lane_count_unasked(w->lane, &w->failure, &now);
	release(w);
}

/* Exit status 0 says ignore, 1 says no; everything else is an error: no. */
static void on_answered(void *ctx, const struct runner_answer *a)
{
	struct waiting *w = ctx;
	struct deferred *d = w->all;

	w->job = NULL;
	*place_of(d, w) = NULL;
	if (a->exit_status != 0 && a->exit_status != 1 && !d->stats.failed++)
		log_warn("ignorecommand: ended with %d: %s", a->exit_status, a->why);
	settle(w, a->exit_status == 0);
	run_next(d);
}

static int start(struct deferred *d, struct waiting *w, struct waiting **place)
{
	int err = runner_ask(d->runner, &w->job, lane_conf(w->lane)->name,
			     &w->failure.addr, on_answered, w);

	if (!err)
		*place = w;
	return err;
}

/* Somebody asks the same just now: the answer will do for both. */
static bool is_being_asked(const struct deferred *d, const struct waiting *w)
{
	for (size_t i = 0; i < DEFERRED_CHILDREN && w->key; i++) {
		const struct waiting *o = d->running[i];

		if (o && o->lane == w->lane && o->key && streq(o->key, w->key))
			return true;
	}
	return false;
}

/* The list has the newest first; the oldest that waits is next. */
static struct waiting *next_to_run(struct deferred *d)
{
	struct waiting *next = NULL;

	for (struct waiting *w = d->list; w; w = w->next)
		if (w->asked && !w->job && !is_being_asked(d, w))
			next = w;
	return next;
}

static bool answer_known(const struct waiting *w, bool *ignore)
{
	struct ignorecache *cache = lane_ignorecache(w->lane);
	int known = cache && w->key ? ignorecache_get(cache, w->key, strlen(w->key),
						      loop_boot(w->all->loop)) : -1;

	*ignore = known == 1;
	return known >= 0;
}

static void run_next(struct deferred *d)
{
	struct waiting *w, **place;
	bool ignore;

	while ((place = place_of(d, NULL)) && (w = next_to_run(d))) {
		if (!lane_conf(w->lane)->ignorecommand.s) {	/* since a reload */
			settle(w, false);
		} else if (answer_known(w, &ignore)) {
			settle(w, ignore);
		} else if (start(d, w, place)) {
			d->stats.failed++;
			settle(w, false);
		}
	}
}

void deferred_wait_for_command(struct waiting *w)
{
	const char *pattern = lane_conf(w->lane)->ignorecache.key.s;

	w->key = pattern ? address_tags_fill(pattern, &w->failure.addr) : NULL;
	w->asked = true;
}

void deferred_ask(struct deferred *d, struct lane *lane, const struct lane_failure *f)
{
	struct now now = now_of(d);
	struct waiting *w;

	if (!f->addr.family) {	/* only addresses may stand in a command */
		lane_count_unasked(lane, f, &now);
		return;
	}
	w = deferred_wait(d, lane, f);
	if (!w)
		return;
	deferred_wait_for_command(w);
	run_next(d);
}

/* ---- taken back ---------------------------------------------------------------------- */

/* An answer may come at once, and change the list. */
static void on_begin(void *ctx)
{
	struct deferred *d = ctx;
	struct waiting *w;

	do {
		for (w = d->list; w && (w->asked || w->begun || !w->lane);)
			w = w->next;
		if (w)
			ask_for_name(d, w);
	} while (w);
	run_next(d);
}

/* ---- lifetime -------------------------------------------------------------------------- */

int deferred_new(struct deferred **out, struct loop *loop, struct runner *runner)
{
	struct deferred *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->loop = loop;
	d->runner = runner;
	d->begin = (struct loop_timer){ .fn = on_begin, .ctx = d };
	err = resolver_new(&d->resolver, loop);
	if (err) {
		free(d);
		return err;
	}
	*out = d;
	return 0;
}

void deferred_free(struct deferred *d)
{
	struct waiting *next;

	if (!d)
		return;
	loop_timer_cancel(d->loop, &d->begin);
	resolver_free(d->resolver);
	while (d->list)
		release(d->list);
	while ((next = d->gone)) {
		d->gone = next->next;
		free(next);
	}
	free(d);
}

/* A question to a name server cannot be taken back: its answer finds nobody. */
void deferred_move(struct deferred *d, const struct lane *lane, struct lane *heir)
{
	struct waiting *next;

	for (struct waiting *w = d->list; w; w = next) {
		next = w->next;
		if (w->lane != lane)
			continue;
		w->lane = heir;
		if (!heir && w->asked)
			release(w);
	}
	/* The places of commands that were ended are for those who still wait. */
	if (!heir)
		loop_timer_in(d->loop, &d->begin, 0);
}

struct resolver *deferred_resolver(struct deferred *d)
{
	return d->resolver;
}

const struct deferred_stats *deferred_stats(const struct deferred *d)
{
	return &d->stats;
}
