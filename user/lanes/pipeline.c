// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/pipeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "lanes/jail_journal.h"
#include "lanes/seek.h"
#include "line/framer.h"

struct pipeline {
	struct loop *loop;		/* borrows */
	struct pipeline_params params;
	struct sources *sources;
	struct lane **lanes;		/* owns */
	size_t n_lanes;
	struct now now;			/* of the wake-up at hand */
};

/* What is kept for one source. */
struct intake {
	struct pipeline *pl;		/* borrows */
	struct source *source;		/* borrows */
	struct framer *framer;		/* NULL: a journal */
	/* One for each lane of the pipeline that ever read it. */
	struct fresh_of { const struct lane *lane; struct freshness fresh; } *fresh;
	size_t n_fresh;
};

/* ---- what a source gives ------------------------------------------------- */

static struct freshness *fresh_of(struct intake *in, const struct source_user *user)
{
	struct fresh_of *p;

	for (size_t i = 0; i < in->n_fresh; i++)
		if (in->fresh[i].lane == user->ctx) {
			in->fresh[i].fresh.operating = user->live;
			return &in->fresh[i].fresh;
		}
	p = realloc(in->fresh, (in->n_fresh + 1) * sizeof(*p));
	if (!p)
		return NULL;
	in->fresh = p;
	p += in->n_fresh++;
	*p = (struct fresh_of){ .lane = user->ctx, .fresh.operating = user->live };
	return &p->fresh;
}

static void begin(struct pipeline *pl)
{
	pl->now = (struct now){ loop_boot(pl->loop), loop_wall(pl->loop) };
	pl->params.progress(pl->params.ctx);
}

static void on_run(void *ctx, const char *data, size_t len)
{
	struct intake *in = ctx;
	const struct source_user *user = source_users(in->source);

	for (; user; user = user->next) {
		struct freshness *fresh = user->reading ? fresh_of(in, user) : NULL;

		if (fresh)
			lane_run(user->ctx, fresh, data, len, &in->pl->now);
	}
}

static size_t on_bytes(void *ctx, struct source *s, const char *data, size_t len)
{
	struct intake *in = source_data(s);

	begin(ctx);
	return framer_push(in->framer, data, len);
}

static void on_entry(void *ctx, struct source *s, const char *text, size_t len,
		     wall_t when)
{
	struct intake *in = source_data(s);
	const struct source_user *user = source_users(s);

	begin(ctx);
	for (; user; user = user->next) {
		struct freshness *fresh = user->reading ? fresh_of(in, user) : NULL;

		if (fresh)
			lane_timed_line(user->ctx, fresh, text, len, when, &in->pl->now);
	}
}

static void on_restart(void *ctx, struct source *s, bool inside)
{
	struct intake *in = source_data(s);

	(void)ctx;
	if (in->framer)
		framer_restart(in->framer, inside);
}

static void on_close(void *ctx, struct source *s)
{
	struct intake *in = source_data(s);

	(void)ctx;
	if (!in)
		return;
	framer_free(in->framer);
	free(in->fresh);
	free(in);
	source_set_data(s, NULL);
}

static int on_open(void *ctx, struct source *s)
{
	struct intake *in = calloc(1, sizeof(*in));
	int err = 0;

	if (!in)
		return -ENOMEM;
	in->pl = ctx;
	in->source = s;
	if (!source_is_journal(s))
		err = framer_new(&in->framer, source_encoding(s), 0, on_run, in);
	if (err) {
		free(in);
		return err;
	}
	source_set_data(s, in);
	return 0;
}

static bool on_resume(void *ctx, struct source *s, struct source_position *p)
{
	struct pipeline *pl = ctx;

	return pl->params.position &&
	       pl->params.position(pl->params.ctx, source_name(s), p);
}

/* Where in @s of @size bytes begins what may still count for @lane. */
static uint64_t seek_findtime(struct pipeline *pl, struct source *s, uint64_t size,
			      struct lane *lane, double findtime)
{
	wall_t now = loop_wall(pl->loop);

	if (findtime > 1e9)
		return 0;
	return seek_time(s, size, lane_stamp(lane),
			 (wall_t){ now.us - (int64_t)(findtime * 1e6) }, now);
}

/*
 * A log that nobody has read yet begins with what can still count.  Other jails
 * may join the file, so the longest findtime of all decides.
 */
static uint64_t on_start(void *ctx, struct source *s, uint64_t size)
{
	const struct source_user *user = source_users(s);
	struct pipeline *pl = ctx;
	double findtime = 0;

	for (size_t i = 0; i < pl->n_lanes; i++)
		findtime = fmax(findtime, lane_conf(pl->lanes[i])->findtime);
	return user ? seek_findtime(pl, s, size, user->ctx, findtime) : 0;
}

static const struct source_sink sink = {
	.open = on_open, .close = on_close, .resume = on_resume, .start = on_start,
	.bytes = on_bytes, .entry = on_entry, .restart = on_restart,
};

/* ---- which sources a jail wants -------------------------------------------- */

static int follow_files(struct pipeline *pl, struct lane *lane, struct diag *d)
{
	const struct config_jail *jail = lane_conf(lane);
	int err = 0;

	for (size_t i = 0; i < jail->n_logpaths && err != -ENOMEM; i++) {
		const struct config_logpath *p = &jail->logpaths[i];
		struct source_spec spec = {
			.path = p->path.s, .encoding = jail->logencoding.s,
			.tail = p->tail, .user = lane,
		};
		struct source_follow *follow;

		err = sources_follow(pl->sources, &spec, &follow);
		if (err)
			diag_error(d, &p->path, "jail '%s': cannot follow '%s': %s",
				   jail->name, p->path.s, strerror(-err));
	}
	return err == -ENOMEM ? err : 0;
}

static int follow(struct pipeline *pl, struct lane *lane, struct diag *d)
{
	const struct config_jail *jail = lane_conf(lane);

	if (!backend_reads_log(jail->backend) || jail->backend == LOG_AMI)
		return 0;
	if (jail->backend == LOG_SYSTEMD)
		return jail_journal_follow(jail, pl->sources, lane, loop_wall(pl->loop), d);
	return follow_files(pl, lane, d);
}

/* ---- lifetime ------------------------------------------------------------------ */

static int add_lane(struct pipeline *pl, const struct config_jail *jail, struct diag *d)
{
	struct lane_params p = pl->params.lane;
	struct lane *lane;
	int err;

	p.conf = jail;
	p.env = pl->params.env;
	err = jail->broken ? -EINVAL : 0;
	if (!err && jail->backend == LOG_SYSTEMD)
		err = jail_journal_check(jail, d);
	if (!err)
		err = lane_new(&lane, &p, loop_wall(pl->loop), d);
	if (!err)
		pl->lanes[pl->n_lanes++] = lane;
	return err == -ENOMEM ? err : 0;
}

/* What a sensor that does not run would see is no jail. */
static bool is_fed(const struct pipeline_params *p, const struct config_jail *jail)
{
	return jail->backend != LOG_SENSOR || p->lane.graded;
}

int pipeline_new(struct pipeline **out, const struct pipeline_params *p, struct diag *d)
{
	struct pipeline *pl = calloc(1, sizeof(*pl));
	struct source_options options = {
		.max_delay_ns = (uint64_t)(p->config->settings.max_delay * NS_PER_S),
	};
	int err;

	if (!pl)
		return -ENOMEM;
	pl->loop = p->loop;
	pl->params = *p;
	pl->lanes = calloc(p->config->n_jails + 1, sizeof(*pl->lanes));
	err = pl->lanes ? sources_new(&pl->sources, p->loop, &sink, pl, &options) : -ENOMEM;
	for (size_t i = 0; i < p->config->n_jails && !err; i++)
		if (p->config->jails[i].enabled && is_fed(p, &p->config->jails[i]))
			err = add_lane(pl, &p->config->jails[i], d);
	if (err) {
		pipeline_free(pl);
		return err;
	}
	*out = pl;
	return 0;
}

/* ---- after a reload -------------------------------------------------------------- */

/* Log files are one input, however they are watched. */
static enum config_backend input_of(const struct config_jail *jail)
{
	return jail->backend < LOG_SYSTEMD ? LOG_AUTO : jail->backend;
}

bool pipeline_goes_on(const struct lane *old, const struct lane *lane)
{
	return old && input_of(lane_conf(old)) == input_of(lane_conf(lane));
}

static struct lane *before_reload(const struct pipeline *pl, const struct lane *lane)
{
	struct lane *old = pl->params.old ?
			   pipeline_find(pl->params.old, lane_conf(lane)->name) : NULL;

	return pipeline_goes_on(old, lane) ? old : NULL;
}

static int inherit(struct pipeline *pl)
{
	int err = 0;

	for (size_t i = 0; i < pl->n_lanes && !err; i++) {
		struct lane *old = before_reload(pl, pl->lanes[i]);

		if (old)
			err = lane_inherit(pl->lanes[i], old);
	}
	return err;
}

static bool wants_tail(const struct config_jail *jail)
{
	for (size_t i = 0; i < jail->n_logpaths; i++)
		if (jail->logpaths[i].tail)
			return true;
	return false;
}

/* Others have read what a new jail has not: it gets its findtime of that. */
static void look_back(struct pipeline *pl, struct source *s)
{
	const struct source_user *user = source_users(s);
	struct source_position p;
	struct source_stats st;

	if (source_is_journal(s) || !source_position(s, &p))
		return;
	source_stats(s, &st);
	for (; user; user = user->next) {
		struct lane *lane = user->ctx;
		int err;

		if (before_reload(pl, lane) || wants_tail(lane_conf(lane)))
			continue;
		err = source_rewind(s, lane, seek_findtime(pl, s, p.offset + st.lag, lane,
							   lane_conf(lane)->findtime));
		if (err && err != -ENOENT)
			log_warn("[%s] cannot read %s again: %s", lane_conf(lane)->name,
				 source_name(s), strerror(-err));
	}
}

int pipeline_start(struct pipeline *pl, struct diag *d)
{
	struct source *s;
	int err = inherit(pl);

	for (size_t i = 0; i < pl->n_lanes && !err; i++)
		err = follow(pl, pl->lanes[i], d);
	for (s = sources_first(pl->sources); s && pl->params.old; s = source_next(s))
		look_back(pl, s);
	pl->params.old = NULL;
	return err;
}

void pipeline_free(struct pipeline *pl)
{
	if (!pl)
		return;
	sources_free(pl->sources);
	for (size_t i = 0; i < pl->n_lanes; i++)
		lane_free(pl->lanes[i]);
	free(pl->lanes);
	free(pl);
}

/* ---- what others may look at ----------------------------------------------------- */

size_t pipeline_count(const struct pipeline *pl)
{
	return pl->n_lanes;
}

struct lane *pipeline_lane(const struct pipeline *pl, size_t i)
{
	return pl->lanes[i];
}

struct lane *pipeline_find(const struct pipeline *pl, const char *jail)
{
	for (size_t i = 0; i < pl->n_lanes; i++)
		if (streq(lane_conf(pl->lanes[i])->name, jail))
			return pl->lanes[i];
	return NULL;
}

struct sources *pipeline_sources(const struct pipeline *pl)
{
	return pl->sources;
}

bool pipeline_reads(const struct source *s, const struct lane *lane)
{
	const struct source_user *user = source_users(s);

	while (user && user->ctx != lane)
		user = user->next;
	return user;
}

const struct framer_stats *pipeline_framer_stats(const struct source *s)
{
	const struct intake *in = source_data(s);

	return in && in->framer ? framer_stats(in->framer) : NULL;
}
