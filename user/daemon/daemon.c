// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/regex.h"
#include "daemon/amnesty.h"
#include "daemon/parts.h"
#include "daemon/privs.h"
#include "daemon/sip_settings.h"
#include "daemon/verdicts.h"
#include "decide/host_nets.h"
#include "enforce/xdp_attach.h"

/* ---- what the stages ask of us --------------------------------------------------- */

static void on_name(void *ctx, struct lane *lane, const struct lane_failure *f)
{
	struct daemon *d = ctx;

	deferred_resolve(d->deferred, lane, f);
}

static void on_question(void *ctx, struct lane *lane, const struct lane_failure *f)
{
	struct daemon *d = ctx;

	deferred_ask(d->deferred, lane, f);
}

static struct jail_past past_of(void *ctx, const char *jail, const struct ipaddr *who)
{
	struct daemon *d = ctx;
	struct ban_past p = bans_past(d->bans, jail, who);

	return (struct jail_past){ .bans = p.bans, .last = p.last };
}

/* For bantime.rndtime: botnets must not learn when a ban ends. */
static double random_unit(void *ctx)
{
	uint32_t n = 0;

	(void)ctx;
	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) != sizeof(n))
		return 0;
	return ldexp(n, -32);
}

static bool position_of(void *ctx, const char *name, struct source_position *p)
{
	struct daemon *d = ctx;
	const struct source_position *known = positions_get(&d->positions, name);

	if (known)
		*p = *known;
	return known;
}

static void on_success(void *ctx, const struct ipaddr *who, const struct now *now)
{
	struct daemon *d = ctx;

	sip_succeeded(d->sip, who, now);
}

static void on_change(void *ctx)
{
	struct daemon *d = ctx;

	saver_touch(d->saver);
}

static void on_progress(void *ctx)
{
	struct daemon *d = ctx;

	saver_touch(d->saver);
	upkeep_touch(d->upkeep);
}

/* ---- who must never be banned ---------------------------------------------------- */

struct nets { struct ipaddr *v; size_t n; };

static void count_net(void *ctx, const struct allow_match *entry)
{
	struct nets *nets = ctx;

	(void)entry;
	nets->n++;
}

static void take_net(void *ctx, const struct allow_match *entry)
{
	struct nets *nets = ctx;

	nets->v[nets->n++] = entry->net;
}

/* The data plane overrides bans too, should one slip through. */
static int tell_kernel(struct daemon *d)
{
	uint64_t version = allowlist_version(d->everyone, loop_boot(d->loop));
	struct nets nets = { 0 };
	int err;

	if (version == d->allow_version)
		return 0;
	allowlist_each(d->everyone, loop_boot(d->loop), count_net, &nets);
	nets.v = calloc(nets.n + 1, sizeof(*nets.v));
	if (!nets.v)
		return -ENOMEM;
	nets.n = 0;
	allowlist_each(d->everyone, loop_boot(d->loop), take_net, &nets);
	err = enforcer_allow(d->enforcer, nets.v, nets.n);
	if (!err)
		d->allow_version = version;
	else
		log_err("allowlist: the kernel did not take all of its %zu entries: %s", nets.n,
			strerror(-err));
	free(nets.v);
	return err;
}

int daemon_refresh_allowed(struct daemon *d)
{
	int err = host_nets_refresh(d->everyone);

	if (err)
		log_warn("allowlist: cannot learn all own addresses, gateways and "
			 "resolvers: %s", strerror(-err));
	return tell_kernel(d);
}

static void on_net_change(void *ctx)
{
	daemon_refresh_allowed(ctx);
}

/* A trunk that was banned before somebody said that it is one is free at once. */
static void on_trust_change(void *ctx)
{
	struct daemon *d = ctx;
	uint64_t before = d->allow_version;

	tell_kernel(d);
	if (d->restored && d->allow_version != before)
		amnesty(d);
}

/* ---- configuration ----------------------------------------------------------------- */

static void log_problems(const struct diag *problems)
{
	char buf[2048];

	for (size_t i = 0; i < problems->n; i++) {
		const struct diag_entry *e = &problems->entries[i];

		log_msg(e->level == DIAG_ERROR ? LOG_LEVEL_ERROR :
			e->level == DIAG_WARNING ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
			"%s", diag_format(e, buf, sizeof(buf)));
	}
}

static int open_log(const struct daemon_options *o, const struct config_settings *s)
{
	const char *target = o->foreground || !s->logtarget.s ? "stderr" : s->logtarget.s;
	int err = log_open(target, s->loglevel);

	if (err)
		log_err("log: cannot write to '%s': %s", target, strerror(-err));
	return err;
}

/* Give every lane the number of its scope, which the kernel must know first. */
static int set_scopes(struct daemon *d, struct pipeline *pl, struct diag *problems)
{
	int err = 0;

	for (size_t i = 0; i < pipeline_count(pl) && !err; i++) {
		struct lane *lane = pipeline_lane(pl, i);
		int id = ENFORCE_SCOPE_ALL;
		int ret = bans_scope(d->bans, lane_conf(lane), &id);

		if (ret == -E2BIG || ret == -ENOSPC)
			diag_warn(problems, &lane_conf(lane)->where,
				  "jail '%s': too many ports; it bans every port",
				  lane_conf(lane)->name);
		else
			err = ret;
		if (id == LANE_REPORTS)
			diag_warn(problems, &lane_conf(lane)->where, "jail '%s' has no "
				  "firewall action: it reports and bans nobody",
				  lane_conf(lane)->name);
		lane_set_scope(lane, id);
	}
	return err;
}

static int build_pipeline(struct daemon *d, struct config *config, struct pipeline *old,
			  struct pipeline **out, struct diag *problems)
{
	struct pipeline_params p = {
		.loop = d->loop, .config = config, .env = d->env, .old = old,
		.position = position_of, .progress = on_progress, .ctx = d,
		.lane = {
			.everyone = d->everyone, .past = past_of, .random = random_unit,
			.max_ids = 1, .pool = d->tracked,
			.ipv6_prefix = (uint8_t)config->settings.ipv6_prefix,
			.graded = sip_runs(d->sip), .challenges = sip_challenges(d->sip),
			.ops = { .verdict = verdict_passed, .resolve = on_name,
				 .ask = on_question, .ctx = d,
				 .success = sip_runs(d->sip) ? on_success : NULL },
		},
	};
	int err = pipeline_new(out, &p, problems);

	events_check(config, problems);
	sip_check(&config->settings, problems);
	return err ? err : set_scopes(d, *out, problems);
}

static struct config *read_config(const struct daemon_options *o, struct diag *problems)
{
	/* Without a journal, jails wait for their logs. */
	struct config_options options = {
		.dir = o->config, .look_for_logs = source_journal_exists(),
	};

	struct config *config = config_load(&options, problems);

	if (config)
		trust_check_setting(&config->settings, problems);
	return config;
}

/* Where the old pipeline stopped is where the new one goes on. */
static void keep_positions(struct daemon *d)
{
	struct source *s = sources_first(pipeline_sources(d->pipeline));
	struct source_position p;

	for (; s; s = source_next(s))
		if (source_position(s, &p))
			positions_put(&d->positions, source_name(s), &p);
}

static void swap_pipeline(struct daemon *d, struct config *config, struct pipeline *pl,
			  struct diag *problems)
{
	struct pipeline *old = d->pipeline;

	saver_settle(d->saver);
	keep_positions(d);
	d->pipeline = pl;
	pipeline_start(pl, problems);
	for (size_t i = 0; i < pipeline_count(old); i++) {
		struct lane *lane = pipeline_lane(old, i);
		const char *jail = lane_conf(lane)->name;
		struct lane *now = pipeline_find(pl, jail);

		deferred_forget(d->deferred, lane);
		if (!now || !pipeline_goes_on(lane, now))
			saver_forget_jail(d->saver, jail);
	}
	pipeline_free(old);
	config_free(d->config);
	d->config = config;
	lookout_watch(&d->lookout, config);
	window_pool_set_max(d->tracked, (size_t)config->settings.max_tracked);
	events_configure(d->events, &config->settings);
	sip_configure(d->sip, &config->settings);
	bans_configure(d->bans, &config->settings);
	if (neighbours_configure(d->neighbours, &config->settings))
		log_err("reload: no memory for counts of networks; the old settings stay");
}

static void watch_interfaces(struct daemon *d)
{
	const struct config_settings *s = &d->config->settings;
	int err = 0;

	if (d->attacher)
		err = attacher_watch(d->attacher, &s->interfaces, (enum xdp_mode)s->mode, NULL);
	if (err)
		log_err("reload: cannot hand over the list of interfaces: %s", strerror(-err));
}

int daemon_reload(struct daemon *d, struct diag *problems)
{
	struct config *config = read_config(d->o, problems);
	struct pipeline *pl = NULL;
	int err = config ? build_pipeline(d, config, d->pipeline, &pl, problems) : -EINVAL;

	if (!err && problems->count[DIAG_ERROR])
		err = -EINVAL;
	log_problems(problems);
	if (err) {
		log_err("reload: the old configuration stays in force");
		pipeline_free(pl);
		config_free(config);
		return err;
	}
	swap_pipeline(d, config, pl, problems);
	open_log(d->o, &config->settings);
	diag_fini(&d->problems);
	names_refresh(d->names);
	trust_configure(d->trust, &d->config->settings);
	watch_interfaces(d);
	saver_touch(d->saver);
	bans_resync(d->bans);	/* who changed their firewall reloads, too */
	log_notice("reload: %zu jails are running", pipeline_count(pl));
	return 0;
}

/* ---- signals ------------------------------------------------------------------------ */

static void on_stop(void *ctx, int signo)
{
	struct daemon *d = ctx;

	log_notice("stopping (signal %d); bans stay in force", signo);
	loop_stop(d->loop);
}

static void reload(void *ctx)
{
	struct diag problems = { 0 };

	daemon_reload(ctx, &problems);
	diag_fini(&problems);
}

static void on_hangup(void *ctx, int signo)
{
	(void)signo;
	reload(ctx);
}

/* SIGUSR1 after a rotation of our own log, as in Fail2ban. */
static void on_user1(void *ctx, int signo)
{
	(void)ctx, (void)signo;
	log_reopen();
}

static int take_signals(struct daemon *d)
{
	int err = loop_signal(d->loop, SIGTERM, on_stop, d);

	if (!err)
		err = loop_signal(d->loop, SIGINT, on_stop, d);
	if (!err)
		err = loop_signal(d->loop, SIGHUP, on_hangup, d);
	if (!err)
		err = loop_signal(d->loop, SIGUSR1, on_user1, d);
	return err;
}

/* ---- start --------------------------------------------------------------------------- */

static int open_enforcer(struct daemon *d)
{
	uint32_t max = (uint32_t)d->config->settings.max_bans;
	struct enforcer_params p = {
		.pin = d->o->pin, .max_bans4 = max, .max_bans6 = max,
		.sensor = d->config->settings.sip_sensor ? SENSOR_ON : SENSOR_OFF,
		.sip_sources = (uint32_t)d->config->settings.sip_sources,
	};
	int err = enforcer_open(&d->enforcer, &p, &d->backend);

	if (!err && *d->backend.why)
		log_warn("enforce: %s drops the banned, as what is better is not possible "
			 "(%s)", enforcer_name(d->enforcer), d->backend.why);
	d->allow_version = 0;
	return err ? err : daemon_refresh_allowed(d);
}

static bool uses_xdp(const struct daemon *d)
{
	return streq(enforcer_name(d->enforcer), "xdp");
}

/* XDP that no interface takes protects nobody: go down the ladder. */
static int attach_or_descend(struct daemon *d)
{
	const struct config_settings *s = &d->config->settings;
	size_t refused;
	int err;

	if (!uses_xdp(d))
		return 0;
	err = attacher_new(&d->attacher, d->loop, d->o->pin);
	if (!err)
		err = attacher_watch(d->attacher, &s->interfaces, (enum xdp_mode)s->mode,
				     &refused);
	if (err || refused < s->interfaces.n || !s->interfaces.n ||
	    d->backend.kind != ENFORCER_AUTO)
		return err;
	attacher_free(d->attacher);
	d->attacher = NULL;
	enforcer_close(d->enforcer);
	d->enforcer = NULL;
	d->backend.not_xdp = true;
	snprintf(d->backend.why, sizeof(d->backend.why),
		 "xdp: no interface takes the packet program");
	return open_enforcer(d);
}

static int open_database(struct daemon *d)
{
	const struct config_settings *s = &d->config->settings;
	char path[PATH_MAX];
	struct ban_db_params p = {
		.path = s->dbfile.s ? s->dbfile.s : path,
		.purge_age_us = (int64_t)(s->dbpurgeage * 1e6),
		.max_history = (size_t)s->max_bans * 4,
	};

	snprintf(path, sizeof(path), "%s/xdpban.sqlite3", d->o->state);
	if (mkdir(d->o->state, 0750) && errno != EEXIST)
		log_warn("state: cannot make %s: %s", d->o->state, strerror(errno));
	return ban_db_open(&d->db, &p);
}

/* Before bans are restored and logs are read, so that no trunk is banned meanwhile. */
static int make_trust(struct daemon *d)
{
	const struct trust_params p = {
		.loop = d->loop, .resolver = deferred_resolver(d->deferred),
		.everyone = d->everyone, .state = d->o->state,
		.changed = on_trust_change, .ctx = d,
	};
	int err = trust_new(&d->trust, &p);

	return err ? err : trust_configure(d->trust, &d->config->settings);
}

static int make_events(struct daemon *d)
{
	struct events_params p = {
		.loop = d->loop, .resolver = deferred_resolver(d->deferred),
		.pipeline = &d->pipeline, .socket = d->o->socket,
		.progress = on_progress, .ctx = d,
	};

	return events_new(&d->events, &p, &d->config->settings);
}

static int make_sip(struct daemon *d)
{
	struct sip_params p = {
		.loop = d->loop, .pipeline = &d->pipeline, .everyone = d->everyone,
		.changed = on_change, .ctx = d,
	};
	int err = sip_new(&d->sip, &p, &d->config->settings);

	return err ? err : sip_open(d->sip, d->enforcer, &d->config->settings);
}

static int make_engine(struct daemon *d)
{
	struct bans_params bans = {
		.loop = d->loop, .settings = &d->config->settings,
		.enforcer = d->enforcer, .db = d->db, .spares = verdict_spares,
		.banned = verdict_banned, .ctx = d,
	};
	struct saver_params saver = {
		.loop = d->loop, .db = d->db, .positions = &d->positions,
		.pipeline = &d->pipeline,
	};
	struct upkeep_params upkeep = {
		.loop = d->loop, .db = d->db, .pipeline = &d->pipeline,
	};
	int err = bans_new(&d->bans, &bans);

	if (err)
		return err;
	err = neighbours_new(&d->neighbours, d->bans, &d->config->settings);
	if (err)
		return err;
	window_pool_set_max(d->tracked, (size_t)d->config->settings.max_tracked);
	saver.bans = upkeep.bans = d->bans;
	saver.neighbours = upkeep.neighbours = d->neighbours;
	err = make_sip(d);
	if (err)
		return err;
	saver.sip = d->sip;
	err = saver_new(&d->saver, &saver);
	upkeep.saver = d->saver;
	if (!err)
		err = upkeep_new(&d->upkeep, &upkeep);
	if (!err)
		err = deferred_new(&d->deferred, d->loop);
	if (!err)
		err = names_new(&d->names, d->loop, deferred_resolver(d->deferred),
				&d->pipeline);
	if (!err)
		err = make_trust(d);
	if (!err)
		err = make_events(d);
	if (!err)
		err = build_pipeline(d, d->config, NULL, &d->pipeline, &d->problems);
	return err;
}

/* In this order: a restored ban must be enforced before a log line is read. */
static int go_on(struct daemon *d)
{
	int err;

	if (saver_load(d->saver))
		log_err("bans: the kernel did not take all of them; trying again");
	d->restored = true;
	amnesty(d);
	sip_begin(d->sip);
	names_refresh(d->names);
	upkeep_touch(d->upkeep);
	lookout_watch(&d->lookout, d->config);
	events_configure(d->events, &d->config->settings);
	err = pipeline_start(d->pipeline, &d->problems);
	/*
	 * Where reading begins is written down before anything can rotate: a log
	 * that was never read begins with its present file.
	 */
	saver_hurry(d->saver);
	return err;
}

static int start(struct daemon *d)
{
	int err = take_signals(d);

	privs_raise();
	if (!err)
		err = ctl_server_new(&d->control, d->loop, d->o->socket,
				     daemon_requests, d);
	d->backend.kind = (enum enforcer_kind)d->config->settings.backend;
	if (!err)
		err = open_enforcer(d);
	if (!err)
		err = attach_or_descend(d);
	if (!err)
		err = open_database(d);
	if (!err)
		err = make_engine(d);
	if (!err)
		err = go_on(d);
	if (!err)
		err = netwatch_new(&d->netwatch, d->loop, on_net_change, d);
	if (!err)
		err = privs_drop(enforcer_needs_net_admin(d->enforcer),
				 enforcer_needs_net_raw(d->enforcer));
	return err;
}

static void say_started(struct daemon *d)
{
	struct ban_store_stats s = ban_store_stats(bans_store(d->bans));

	log_problems(&d->problems);
	log_notice("xdpban " XDPBAN_VERSION " is running: %zu jails, %zu bans in force",
		   pipeline_count(d->pipeline), s.bans);
	sd_notify(0, "READY=1");
}

/* ---- end ------------------------------------------------------------------------------- */

static void take_down(struct daemon *d)
{
	ctl_server_free(d->control);
	netwatch_free(d->netwatch);
	attacher_free(d->attacher);
	lookout_fini(&d->lookout);
	if (d->saver && d->pipeline && saver_flush(d->saver))
		log_err("database: what happened since the last commit is not in it");
	upkeep_free(d->upkeep);
	saver_free(d->saver);
	events_free(d->events);
	names_free(d->names);
	trust_stop(d->trust);
	deferred_free(d->deferred);
	trust_free(d->trust);
	pipeline_free(d->pipeline);
	sip_free(d->sip);
	window_pool_free(d->tracked);
	neighbours_free(d->neighbours);
	bans_free(d->bans);
	ban_db_close(d->db);
	enforcer_close(d->enforcer);
	allowlist_free(d->everyone);
	positions_fini(&d->positions);
	regex_env_free(d->env);
	config_free(d->config);
	diag_fini(&d->problems);
	loop_free(d->loop);
}

static int make_base(struct daemon *d)
{
	d->loop = loop_new();
	d->env = regex_env_new();
	d->everyone = allowlist_new("this machine");
	d->tracked = window_pool_new(1);
	if (!d->loop || !d->env || !d->everyone || !d->tracked)
		return -ENOMEM;
	d->started = loop_boot(d->loop);
	lookout_init(&d->lookout, d->loop, reload, d);
	return positions_init(&d->positions);
}

int daemon_run(const struct daemon_options *o)
{
	struct daemon d = { .o = o };
	int err = make_base(&d);

	if (!err) {
		d.config = read_config(o, &d.problems);
		if (!d.config) {
			log_problems(&d.problems);
			err = -EINVAL;
		}
	}
	if (!err)
		err = open_log(o, &d.config->settings);
	log_echo(true);
	if (!err)
		err = start(&d);
	if (!err) {
		say_started(&d);
		log_echo(false);
		/* Reading the configuration took more than is kept of it. */
		malloc_trim(0);
		err = loop_run(d.loop);
		sd_notify(0, "STOPPING=1");
	}
	take_down(&d);
	return err;
}
