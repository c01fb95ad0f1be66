// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ban/ban_history.h"
#include "ban/ban_store.h"
#include "base/guess.h"
#include "base/jsontext.h"
#include "base/utf8.h"
#include "lanes/lane.h"
#include "lanes/logfile.h"
#include "regex/regex.h"

enum { MAX_BANS = 4 << 20, MAX_IDS = 4 << 20 };

struct replay {
	const struct replay_options *o;
	struct lane **lanes;
	struct freshness *fresh;	/* one for each lane */
	size_t n_lanes;
	struct ban_store *bans;
	struct ban_history *history;
	struct now now;
	uint64_t n_bans;
	struct { time_t time; char text[32]; } shown;
};

/* ---- bans -------------------------------------------------------------------- */

/* Bans come in the log's order, many in one second. */
static const char *time_text(struct replay *r, wall_t when)
{
	time_t t = when.us / US_PER_S;
	struct tm tm;

	if (!r->shown.text[0] || r->shown.time != t) {
		r->shown.time = t;
		localtime_r(&t, &tm);
		strftime(r->shown.text, sizeof(r->shown.text), "%F %T", &tm);
	}
	return r->shown.text;
}

static void print_ban(struct replay *r, const struct lane *lane,
		      const struct verdict *v)
{
	wall_t until = ban_end_after(v->when, v->bantime_us);
	json_t *obj;

	if (!r->o->json) {
		printf("%s  [%s] Ban ", time_text(r, v->when), lane_conf(lane)->name);
		utf8_print(stdout, v->id, strlen(v->id));
		printf("  (%u failures)\n", v->failures);
		return;
	}
	obj = json_pack("{s:s, s:o, s:f, s:o, s:i}", "jail", lane_conf(lane)->name,
			"id", json_text(v->id, strlen(v->id)),
			"time", wall_to_s(v->when),
			"until", v->bantime_us < 0 ? json_null() : json_real(wall_to_s(until)),
			"failures", (int)v->failures);
	json_dumpf(obj, stdout, JSON_REAL_PRECISION(17));
	putchar('\n');
	json_decref(obj);
}

/*
 * The log's time is the only clock here, so it serves as the boot clock of the
 * ban store: who is banned already at that time is not banned again.
 */
static boot_t as_boot(wall_t w)
{
	return w.us == INT64_MAX ? BOOT_NEVER :
	       (boot_t){ w.us > 0 ? (uint64_t)w.us * 1000 : 0 };
}

static void on_verdict(void *ctx, struct lane *lane, const struct verdict *v,
		       const struct now *now)
{
	struct replay *r = ctx;
	struct ban_past past;
	struct ban b = {
		.who = v->who, .jail = lane_conf(lane)->name, .since = v->when,
		.failures = v->failures, .earlier = v->earlier,
		.until = as_boot(ban_end_after(v->when, v->bantime_us)),
	};

	if (v->unproven)
		return;
	if (v->who.family) {	/* an id that is no address cannot be banned twice */
		ban_store_expire(r->bans, as_boot(v->when));
		if (ban_store_add(r->bans, &b) != BAN_NEW)
			return;
		ban_history_add(r->history, b.jail, &b.who, b.since, v->bantime_us, &past);
	}
	r->n_bans++;
	print_ban(r, lane, v);
	for (size_t i = 0; v->who.family && i < r->n_lanes; i++)
		if (lane_conf(r->lanes[i])->backend == LOG_BANS)
			lane_note_ban(r->lanes[i], b.jail, &b.who, b.since, now);
}

static struct jail_past past_of(void *ctx, const char *jail, const struct ipaddr *who)
{
	struct replay *r = ctx;
	struct ban_past p = ban_history_get(r->history, jail, who);

	return (struct jail_past){ .bans = p.bans, .last = p.last };
}

/* ---- lines ------------------------------------------------------------------- */

static void on_run(void *ctx, const char *data, size_t len)
{
	struct replay *r = ctx;

	for (size_t i = 0; i < r->n_lanes; i++)
		lane_run(r->lanes[i], &r->fresh[i], data, len, &r->now);
}

static uint64_t sum_hits(const struct replay *r)
{
	uint64_t hits = 0;

	for (size_t i = 0; i < r->n_lanes; i++)
		hits += lane_stats(r->lanes[i])->hits;
	return hits;
}

static void print_summary(const struct replay *r, double seconds)
{
	uint64_t lines = r->n_lanes ? lane_stats(r->lanes[0])->lines : 0;

	if (r->o->json)
		printf("{\"summary\": {\"lines\": %llu, \"hits\": %llu, \"bans\": %llu, "
		       "\"seconds\": %.6f}}\n", (unsigned long long)lines,
		       (unsigned long long)sum_hits(r), (unsigned long long)r->n_bans, seconds);
	else
		printf("%llu lines, %llu failures, %llu ban%s, %.1f ms (%.0f lines/s)\n",
		       (unsigned long long)lines, (unsigned long long)sum_hits(r),
		       (unsigned long long)r->n_bans, r->n_bans == 1 ? "" : "s", seconds * 1e3,
		       seconds > 0 ? (double)lines / seconds : 0.0);
}

static int read_logs(struct replay *r, const char *encoding, struct diag *d)
{
	boot_t begin = boot_now();
	int err = 0;

	for (int i = 0; i < r->o->n_logs; i++) {
		int ret = logfile_read(r->o->logs[i], encoding, on_run, r);

		if (ret)
			diag_add(d, DIAG_ERROR, r->o->logs[i], 0, "%s", strerror(-ret));
		err = err ? err : ret;
	}
	print_summary(r, (double)(boot_now().ns - begin.ns) / NS_PER_S);
	return err;
}

/* ---- setting it up ----------------------------------------------------------- */

static int add_lane(struct replay *r, const struct config_jail *jail,
		    struct regex_env *env, struct diag *d)
{
	struct lane_params p = {
		.conf = jail, .env = env, .max_ids = MAX_IDS, .as_logged = true,
		.no_lines = true,
		.past = past_of, .ops = { .verdict = on_verdict, .ctx = r },
	};
	int err = lane_new(&r->lanes[r->n_lanes], &p, r->now.wall, d);

	r->n_lanes += !err;
	return err;
}

/* None is enabled; or there is none of the name @jail. */
static void say_no_jail(const char *jail, const struct config *c, struct diag *d)
{
	struct guess near = guess_init(jail ? jail : "");

	for (size_t i = 0; i < c->n_jails; i++)
		guess_try(&near, c->jails[i].name);
	if (!jail)
		diag_add(d, DIAG_ERROR, NULL, 0, "no jail is enabled; name one with --jail");
	else if (near.best)
		diag_add(d, DIAG_ERROR, NULL, 0, "there is no jail '%s' (did you mean '%s'?)",
			 jail, near.best);
	else
		diag_add(d, DIAG_ERROR, NULL, 0, "there is no jail '%s'", jail);
}

static int add_lanes(struct replay *r, const struct config *c,
		     struct regex_env *env, struct diag *d)
{
	int err = 0;

	r->lanes = calloc(c->n_jails + 1, sizeof(*r->lanes));
	r->fresh = calloc(c->n_jails + 1, sizeof(*r->fresh));
	if (!r->lanes || !r->fresh)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_jails && !err; i++) {
		const struct config_jail *jail = &c->jails[i];

		if (r->o->jail ? !streq(jail->name, r->o->jail) : !jail->enabled)
			continue;
		if (jail->backend == LOG_SENSOR)
			continue;	/* there is no log of what it sees */
		err = jail->broken ? -EINVAL : add_lane(r, jail, env, d);
	}
	if (!err && !r->n_lanes) {
		say_no_jail(r->o->jail, c, d);
		err = -ENOENT;
	}
	return err;
}

static int run(struct replay *r, const struct config *c, struct regex_env *env,
	       struct diag *d)
{
	struct ban_store_params params = { .max_bans = MAX_BANS };
	int err = -ENOMEM;

	r->bans = ban_store_new(&params);
	r->history = ban_history_new(MAX_BANS, NULL, NULL);
	if (r->bans && r->history)
		err = add_lanes(r, c, env, d);
	if (!err)
		err = read_logs(r, lane_conf(r->lanes[0])->logencoding.s, d);
	for (size_t i = 0; i < r->n_lanes; i++)
		lane_free(r->lanes[i]);
	free(r->lanes);
	free(r->fresh);
	ban_store_free(r->bans);
	ban_history_free(r->history);
	return err;
}

int replay_run(const struct replay_options *o, struct diag *d)
{
	struct replay r = { .o = o, .now = { boot_now(), o->now } };
	struct config_options options = { .dir = o->config, .jail = o->jail };
	struct config *c = config_load(&options, d);
	struct regex_env *env = regex_env_new();
	int err = -ENOMEM;

	if (!c)
		err = -EINVAL;
	else if (env)
		err = run(&r, c, env, d);
	regex_env_free(env);
	config_free(c);
	return err;
}
