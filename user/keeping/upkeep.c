// SPDX-License-Identifier: GPL-2.0-or-later
#include "keeping/upkeep.h"

#include <errno.h>
#include <stdlib.h>

struct upkeep {
	struct loop *loop;
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct saver *saver;
	struct positions *positions;
	struct pipeline *const *pipeline;
	struct loop_timer timer;
	boot_t records_at;	/* when history and records are looked at next */
	uint64_t bans_seen;	/* as many had been made when they were last */
};

/* Counts that are too old; false: none are left. */
static bool purge_counts(struct upkeep *u, wall_t *next)
{
	wall_t now = loop_wall(u->loop), due;
	bool any = false;

	for (size_t i = 0; i < pipeline_count(*u->pipeline); i++) {
		struct jail *jail = lane_jail(pipeline_lane(*u->pipeline, i));
		struct window *w = jail_window(jail), *unproven = jail_unproven(jail);
		size_t dirty = window_dirty(w);

		window_purge(w, now);
		if (unproven)
			window_purge(unproven, now);
		if (window_dirty(w) != dirty)
			saver_touch(u->saver);
		if (!window_due(w, &due))
			continue;
		if (!any || due.us < next->us)
			*next = due;
		any = true;
	}
	return any;
}

static void on_gone(void *ctx, const char *name)
{
	struct upkeep *u = ctx;

	ban_db_del_position(u->db, name);
}

/* The first look is so soon that a log's service may still be starting, too. */
static void purge_positions(struct upkeep *u)
{
	if (u->records_at.ns)
		positions_forget_gone(u->positions, pipeline_sources(*u->pipeline), on_gone, u);
}

/* Records are kept for a time after each ban: one look after that finds none. */
static bool purge_records(struct upkeep *u)
{
	uint64_t made = ban_store_stats(bans_store(u->bans)).added;
	bool any = bans_purge(u->bans) || made != u->bans_seen;

	neighbours_purge(u->neighbours, loop_wall(u->loop));
	any |= neighbours_stats(u->neighbours).nets != 0;
	purge_positions(u);
	ban_db_purge(u->db, loop_wall(u->loop));
	saver_touch(u->saver);
	u->bans_seen = made;
	return any;
}

static uint64_t until(wall_t when, wall_t now)
{
	uint64_t us = when.us > now.us ? (uint64_t)when.us - (uint64_t)now.us : 0;

	return us < UPKEEP_MOST_NS / 1000 ? us * 1000 : UPKEEP_MOST_NS;
}

static void on_timer(void *ctx)
{
	struct upkeep *u = ctx;
	boot_t now = loop_boot(u->loop);
	wall_t due = { 0 };
	bool counts = purge_counts(u, &due), records = true;
	uint64_t ns = counts ? until(due, loop_wall(u->loop)) : UPKEEP_MOST_NS;

	if (now.ns >= u->records_at.ns) {
		records = purge_records(u);
		u->records_at.ns = now.ns + UPKEEP_MOST_NS;
	}
	if (counts || records)
		loop_timer_in(u->loop, &u->timer,
			      ns < UPKEEP_LEAST_NS ? UPKEEP_LEAST_NS : ns);
}

void upkeep_touch(struct upkeep *u)
{
	if (!u->timer.armed)
		loop_timer_in(u->loop, &u->timer, UPKEEP_LEAST_NS);
}

int upkeep_new(struct upkeep **out, const struct upkeep_params *p)
{
	struct upkeep *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	*u = (struct upkeep){
		.loop = p->loop, .db = p->db, .bans = p->bans, .saver = p->saver,
		.neighbours = p->neighbours, .positions = p->positions,
		.pipeline = p->pipeline, .timer = { .fn = on_timer, .ctx = u },
	};
	*out = u;
	return 0;
}

void upkeep_free(struct upkeep *u)
{
	if (!u)
		return;
	loop_timer_cancel(u->loop, &u->timer);
	free(u);
}
