/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saver_stage - what a saver saves: a store of bans, the counts of one jail at most,
 * and a kernel that takes everything.
 */
#pragma once
#include "../ban/db_dir.h"
#include "../t.h"
#include "bystanders.h"
#include "keeping/saver.h"
#include "regex/regex.h"

static const struct enforcer_ops stage_ops = {
	.name = "none", .add = take_all, .resync_step = find_nothing_wrong,
};

struct stage {
	struct config config;
	struct enforcer enforcer;
	struct loop *loop;
	struct regex_env *env;
	struct ban_db *db;
	struct bans *bans;
	struct neighbours *neighbours;
	struct positions positions;
	struct pipeline *pipeline;
	struct saver *saver;
};

/* The rest is nought. */
struct stage_of {
	const char *file;
	size_t max_queue;		/* bytes */
	int max_bans;
	const struct config_jail *jail;	/* borrows; NULL: none */
};

static inline void stage_progress(void *ctx)
{
	(void)ctx;
}

static inline bool raise_stage(struct stage *s, const struct stage_of *of)
{
	struct ban_db_params db = { .path = of->file, .max_history = (size_t)of->max_bans * 2,
				    .max_queue = of->max_queue };
	struct bans_params bans = { .settings = &s->config.settings, .enforcer = &s->enforcer,
				    .spares = spares_nobody, .banned = banned };
	struct pipeline_params pipeline = { .config = &s->config, .progress = stage_progress,
					    .lane = { .max_ids = 1 << 20, .graded = true } };
	struct saver_params saver = { .positions = &s->positions, .pipeline = &s->pipeline };
	struct diag d = { 0 };

	*s = (struct stage){ .enforcer.ops = &stage_ops };
	s->config.settings = (struct config_settings){
		.max_bans = of->max_bans, .aggregate = 3, .aggregate_within = 3600, .aggregate_bantime = 600,
		.aggregate_prefix4 = 24, .aggregate_prefix6 = 64,
	};
	s->config.jails = of->jail;
	s->config.n_jails = of->jail != NULL;
	s->loop = bans.loop = pipeline.loop = saver.loop = loop_new();
	s->env = pipeline.env = regex_env_new();
	if (!s->loop || !s->env || positions_init(&s->positions) || ban_db_open(&s->db, &db))
		return false;
	bans.db = saver.db = s->db;
	if (bans_new(&s->bans, &bans) || pipeline_new(&s->pipeline, &pipeline, &d) ||
	    neighbours_new(&s->neighbours, s->bans, &s->config.settings))
		return false;
	saver.bans = s->bans;
	saver.neighbours = s->neighbours;
	return !saver_new(&s->saver, &saver) && !saver_load(s->saver);
}

static inline void strike_stage(struct stage *s)
{
	saver_free(s->saver);
	pipeline_free(s->pipeline);
	neighbours_free(s->neighbours);
	bans_free(s->bans);
	ban_db_close(s->db);
	positions_fini(&s->positions);
	regex_env_free(s->env);
	loop_free(s->loop);
}

/* Address @i of 10.0.0.0/8. */
static inline struct ipaddr stage_addr(uint32_t i)
{
	return (struct ipaddr){ .bytes = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8),
					   (uint8_t)i }, .family = 4, .prefix = 32 };
}

static inline void ban_some(struct stage *s, uint32_t from, uint32_t n)
{
	for (uint32_t i = from; i < from + n; i++) {
		struct ban_wish w = {
			.who = stage_addr(i), .jail = "manual", .since = loop_wall(s->loop),
			.bantime_us = 86400 * US_PER_S,
		};

		bans_add(s->bans, &w, NULL);
	}
}

static inline int count_ban(void *ctx, const struct ban *b, const char *scope)
{
	(void)b, (void)scope;
	++*(uint64_t *)ctx;
	return 0;
}

/* What another process would find. */
static inline uint64_t bans_in_file(struct stage *s)
{
	struct ban_db_params p = { .path = ban_db_path(s->db), .max_history = 1 };
	uint64_t n = 0;
	struct ban_db_reader r = { .ban = count_ban, .ctx = &n };
	struct ban_db *db;

	t_ok("the file is read", !ban_db_open(&db, &p) &&
	     !ban_db_load(db, &r, loop_boot(s->loop), loop_wall(s->loop)));
	ban_db_close(db);
	return n;
}
