// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/parts.h"

#include <errno.h>

#include "base/log.h"
#include "journal/journal.h"

void daemon_log_problems(const struct diag *problems)
{
	char buf[2048];

	for (size_t i = 0; i < problems->n; i++) {
		const struct diag_entry *e = &problems->entries[i];

		log_msg(e->level == DIAG_ERROR ? LOG_LEVEL_ERROR :
			e->level == DIAG_WARNING ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
			"%s", diag_format(e, buf, sizeof(buf)));
	}
}

int daemon_open_log(const struct daemon_options *o, const struct config_settings *s)
{
	const char *target = o->foreground || !s->logtarget.s ? "stderr" : s->logtarget.s;
	int err = log_open(target, s->loglevel);

	if (err)
		log_err("log: cannot write to '%s': %s", target, strerror(-err));
	return err;
}

struct config *daemon_read_config(const struct daemon_options *o, struct diag *problems)
{
	/* Without a journal, jails wait for their logs. */
	struct config_options options = {
		.dir = o->config, .look_for_logs = journal_exists(),
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

		if (now && pipeline_goes_on(lane, now)) {
			deferred_move(d->deferred, lane, now);
			continue;
		}
		deferred_move(d->deferred, lane, NULL);
		saver_forget_jail(d->saver, jail);
	}
	pipeline_free(old);
	config_free(d->config);
	d->config = config;
	lookout_watch(&d->lookout, config);
	window_pool_set_max(d->tracked, (size_t)config->settings.max_tracked);
	allowlist_set_max(d->everyone, (size_t)config->settings.max_allow);
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
	struct config *config = daemon_read_config(d->o, problems);
	struct pipeline *pl = NULL;
	int err = config ? daemon_build_pipeline(d, config, d->pipeline, &pl, problems) : -EINVAL;

	if (!err && problems->count[DIAG_ERROR])
		err = -EINVAL;
	daemon_log_problems(problems);
	if (err) {
		log_err("reload: the old configuration stays in force");
		pipeline_free(pl);
		config_free(config);
		return err;
	}
	runner_reload(d->runner);	/* before anybody is asked by the new one */
	swap_pipeline(d, config, pl, problems);
	daemon_open_log(d->o, &config->settings);
	diag_fini(&d->problems);
	names_refresh(d->names);
	trust_configure(d->trust, &d->config->settings);
	watch_interfaces(d);
	saver_touch(d->saver);
	bans_resync(d->bans);	/* who changed their firewall reloads, too */
	log_notice("reload: %zu jails are running", pipeline_count(pl));
	return 0;
}

void daemon_config_changed(void *ctx)
{
	struct diag problems = { 0 };

	daemon_reload(ctx, &problems);
	diag_fini(&problems);
}
