// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/parts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/log.h"
#include "daemon/verdicts.h"
#include "regex/regex.h"

int parts_init(struct daemon *d)
{
	d->loop = loop_new();
	d->env = regex_env_new();
	d->everyone = allowlist_new("this machine");
	d->tracked = window_pool_new(1);
	if (!d->loop || !d->env || !d->everyone || !d->tracked)
		return -ENOMEM;
	d->started = loop_boot(d->loop);
	lookout_init(&d->lookout, d->loop, daemon_config_changed, d);
	return positions_init(&d->positions);
}

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
	return err ? err : daemon_find_allowed(d);
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
		.changed = daemon_trust_changed, .ctx = d,
	};
	int err = trust_new(&d->trust, &p);

	return err ? err : trust_configure(d->trust, &d->config->settings);
}

static int make_events(struct daemon *d)
{
	struct events_params p = {
		.loop = d->loop, .resolver = deferred_resolver(d->deferred),
		.pipeline = &d->pipeline, .socket = d->o->socket,
		.progress = daemon_progressed, .ctx = d,
	};

	return events_new(&d->events, &p, &d->config->settings);
}

static void on_change(void *ctx)
{
	struct daemon *d = ctx;

	saver_touch(d->saver);
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

int parts_join(struct daemon *d)
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
		.loop = d->loop, .db = d->db, .positions = &d->positions,
		.pipeline = &d->pipeline,
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
	err = deferred_new(&d->deferred, d->loop, d->runner);
	if (err)
		return err;
	saver.deferred = d->deferred;
	err = saver_new(&d->saver, &saver);
	upkeep.saver = d->saver;
	if (!err)
		err = upkeep_new(&d->upkeep, &upkeep);
	if (!err)
		err = names_new(&d->names, d->loop, deferred_resolver(d->deferred),
				&d->pipeline);
	if (!err)
		err = make_trust(d);
	if (!err)
		err = make_events(d);
	if (!err)
		err = daemon_build_pipeline(d, d->config, NULL, &d->pipeline, &d->problems);
	return err;
}

/* In this order: each part needs those before it. */
int parts_open(struct daemon *d)
{
	int err;

	d->backend.kind = (enum enforcer_kind)d->config->settings.backend;
	allowlist_set_max(d->everyone, (size_t)d->config->settings.max_allow);
	err = open_enforcer(d);
	if (!err)
		err = attach_or_descend(d);
	if (!err)
		err = open_database(d);
	if (!err)
		err = parts_join(d);
	return err;
}

static int open_log(void *ctx)
{
	struct daemon *d = ctx;

	return runner_open_log(d->runner);
}

/* What @path is in, as a directory, into @dir. */
static const char *directory_of(const char *path, char dir[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	snprintf(dir, PATH_MAX, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	return dir;
}

void parts_confine(struct daemon *d)
{
	const char *dbfile = ban_db_path(d->db);
	char db[PATH_MAX], run[PATH_MAX];
	const char *dirs[3] = { d->o->state, directory_of(d->o->socket, run) };
	size_t n = 2;

	d->confined.why = "confine = off";
	if (dbfile)
		dirs[n++] = directory_of(dbfile, db);
	if (!d->config->settings.confine)
		return;
	if (enforcer_starts_programs(d->enforcer)) {
		d->confined.why = "iptables' programs, which it starts, could not do their work";
		return;
	}
	log_opener(open_log, d);
	confine(&d->confined, dirs, n);
}

void parts_fini(struct daemon *d)
{
	ctl_server_free(d->control);
	netwatch_free(d->netwatch);
	gateways_free(d->gateways);
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
	log_opener(NULL, NULL);
	runner_free(d->runner);
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
