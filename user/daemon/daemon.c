// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/daemon.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "attach/privs.h"
#include "base/log.h"
#include "daemon/amnesty.h"
#include "daemon/parts.h"

/* ---- signals ------------------------------------------------------------------------ */

static void on_stop(void *ctx, int signo)
{
	struct daemon *d = ctx;

	log_notice("stopping (signal %d); bans stay in force", signo);
	loop_stop(d->loop);
}

static void on_hangup(void *ctx, int signo)
{
	(void)signo;
	daemon_config_changed(ctx);
}

/* SIGUSR1 after a rotation of our own log, as in Fail2ban. */
static void on_user1(void *ctx, int signo)
{
	int err = log_reopen();

	(void)ctx, (void)signo;
	if (err)
		log_err("log: cannot open the log again: %s; it goes on in the old file",
			strerror(-err));
}

/* Whoever read what we say on standard error may go away: that is no reason to end. */
static void on_pipe(void *ctx, int signo)
{
	(void)ctx, (void)signo;
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
	if (!err)
		err = loop_signal(d->loop, SIGPIPE, on_pipe, d);
	return err;
}

/* ---- start --------------------------------------------------------------------------- */

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

/* What the backend needs for every call. */
static unsigned int rights_of(const struct enforcer *e)
{
	return (enforcer_needs_net_admin(e) ? PRIVS_NET_ADMIN : 0) |
	       (enforcer_needs_net_raw(e) ? PRIVS_NET_RAW : 0) |
	       (enforcer_needs_bpf(e) ? PRIVS_BPF : 0);
}

static int start(struct daemon *d)
{
	int err = take_signals(d);

	/* Commands run with the rights and limits that we were started with. */
	if (!err)
		err = runner_new(&d->runner, d->loop, d->config, d->o->config);
	privs_raise();
	if (!err)
		err = ctl_server_new(&d->control, d->loop, d->o->socket,
				     d->o->requests, d);
	/* First, so that nothing escapes us between looking and listening. */
	if (!err)
		err = daemon_watch_allowed(d);
	if (!err)
		err = parts_open(d);
	/* Before a line is read, and before the first thread, which would keep them. */
	if (!err)
		err = privs_drop(rights_of(d->enforcer));
	if (!err)
		parts_confine(d);
	if (!err)
		err = go_on(d);
	return err;
}

static void say_started(struct daemon *d)
{
	struct ban_store_stats s = ban_store_stats(bans_store(d->bans));

	daemon_log_problems(&d->problems);
	log_notice("xdpban " XDPBAN_VERSION " is running: %zu jails, %zu bans in force",
		   pipeline_count(d->pipeline), s.bans);
	/* On a terminal, silence would look like a hang. */
	if (!d->o->foreground && isatty(STDERR_FILENO) && d->config->settings.logtarget.s)
		fprintf(stderr, "xdpban is running; its log is %s (--foreground has it here)\n",
			d->config->settings.logtarget.s);
	sd_notify(0, "READY=1");
}

int daemon_run(const struct daemon_options *o)
{
	struct daemon d = { .o = o };
	int err = parts_init(&d);

	if (!err) {
		d.config = daemon_read_config(o, &d.problems);
		if (!d.config) {
			daemon_log_problems(&d.problems);
			err = -EINVAL;
		}
	}
	if (!err)
		err = daemon_open_log(o, &d.config->settings);
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
	parts_fini(&d);
	return err;
}
