// SPDX-License-Identifier: GPL-2.0-or-later
#include "pbx/events.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "event/notice.h"
#include "pbx/events_private.h"

#define COMPLAIN_NS	(60 * NS_PER_S)

/* ---- what comes in ------------------------------------------------------------ */

static struct now begin(struct events *e)
{
	e->p.progress(e->p.ctx);
	return (struct now){ loop_boot(e->p.loop), loop_wall(e->p.loop) };
}

/*
 * The time of our clock, not of Asterisk's: it is an event that just happened, and
 * its own time is text that passed through who knows what.
 */
static void on_line(void *ctx, const char *text, size_t len)
{
	struct events *e = ctx;
	struct pipeline *pl = *e->p.pipeline;
	struct now now = begin(e);

	for (size_t i = 0; i < pipeline_count(pl); i++) {
		struct lane *lane = pipeline_lane(pl, i);

		if (lane_conf(lane)->backend == LOG_AMI)
			lane_timed_line(lane, &e->fresh, text, len, now.wall, &now);
	}
}

static void note_stray(struct events *e, const struct notice *n)
{
	boot_t now = loop_boot(e->p.loop);

	e->strays++;
	if (now.ns < e->quiet_until.ns)
		return;
	e->quiet_until.ns = now.ns + COMPLAIN_NS;
	log_warn("events: no jail '%s' is running, for \"%s\" (%llu such so far)", n->jail,
		 n->text, (unsigned long long)e->strays);
}

/* Only who may write to our socket is believed: by UDP everybody can say anything. */
static void on_notice(void *ctx, const struct notice *n, bool trusted)
{
	struct events *e = ctx;
	struct lane *lane = pipeline_find(*e->p.pipeline, n->jail);
	struct now now = begin(e);
	struct report r = {
		.who = n->who, .when = n->timed ? n->when : now.wall,
		.text = n->text, .len = strlen(n->text),
		/* Nobody logs in without an answer from us on the way. */
		.proven = (n->proven || n->success) && trusted,
		.what = n->success ? REPORT_SUCCESS : REPORT_FAILURE,
	};

	if (!lane)
		note_stray(e, n);
	else if (n->success && !trusted)
		e->unbelieved++;
	else if (lane_report(lane, &r, &now) < 0)
		e->dropped++;
}

/* ---- Asterisk --------------------------------------------------------------------- */

static bool is_wanted(const struct pipeline *pl)
{
	for (size_t i = 0; i < pipeline_count(pl); i++)
		if (lane_conf(pipeline_lane(pl, i))->backend == LOG_AMI)
			return true;
	return false;
}

static struct ami_settings ami_of(const struct config_settings *s)
{
	return (struct ami_settings){
		.host = s->ami_host.s, .port = (uint16_t)s->ami_port,
		.user = s->ami_user.s, .secret_file = s->ami_secret_file.s,
		.tls = s->ami_tls == TRI_YES ? AMI_TLS_YES :
		       s->ami_tls == TRI_NO ? AMI_TLS_NO : AMI_TLS_AUTO,
		.ca_file = s->ami_tls_ca.s, .fingerprint = s->ami_tls_fingerprint.s,
		.plain_login = s->ami_auth == AMI_AUTH_PLAIN,
	};
}

static void configure_ami(struct events *e, const struct config_settings *s)
{
	struct ami_settings how = ami_of(s);
	bool wanted = is_wanted(*e->p.pipeline) && how.host && how.user && how.secret_file;

	if (wanted && e->ami && ami_settings_equal(e->ami, &how)) {
		ami_try_now(e->ami);
		return;
	}
	ami_free(e->ami);
	e->ami = NULL;
	if (wanted && ami_new(&e->ami, e->p.loop, e->p.resolver, &how, on_line, e))
		log_err("events: no memory to talk to Asterisk");
}

/* ---- mailboxes ------------------------------------------------------------------------ */

static struct mailbox_params params(struct events *e, const struct config_settings *s)
{
	return (struct mailbox_params){
		.loop = e->p.loop, .rate = (unsigned int)s->events_rate,
		.fn = on_notice, .ctx = e,
	};
}

static void open_local(struct events *e, const struct config_settings *s)
{
	struct mailbox_params p = params(e, s);
	gid_t gid = (gid_t)-1;
	int err = 0;

	if (s->events_group.s)
		err = events_group(s->events_group.s, &gid);
	if (!err)
		err = mailbox_unix(&e->local, &p, e->path, gid);
	e->local_error = err;
	if (err)
		log_err("events: cannot open %s: %s", e->path, strerror(-err));
}

static void open_udp(struct events *e, const struct config_settings *s)
{
	struct mailbox_params p = params(e, s);
	struct ipaddr at, *peers = NULL;
	size_t n = 0;
	uint16_t port;
	int err = events_udp_parse(s->events_udp.s, &at, &port);

	if (!err)
		err = events_peers(&s->events_udp_peers, &peers, &n);
	if (!err)
		err = mailbox_udp(&e->udp, &p, &at, port, peers, n);
	free(peers);
	e->udp_error = err;
	if (err)
		log_err("events: cannot open UDP %s: %s", s->events_udp.s, strerror(-err));
}

/* A word of settings for all that a socket was opened with. */
static char *spec_of(const struct config_settings *s)
{
	struct str all = { 0 };

	str_printf(&all, "%s %d", s->events_udp.s ? s->events_udp.s : "", s->events_rate);
	for (size_t i = 0; i < s->events_udp_peers.n; i++)
		str_printf(&all, " %s", s->events_udp_peers.v[i].s);
	return str_take(&all);
}

static void configure_udp(struct events *e, const struct config_settings *s)
{
	char *spec = spec_of(s);

	if (spec && e->udp_spec && streq(spec, e->udp_spec)) {
		free(spec);
		return;
	}
	mailbox_free(e->udp);
	free(e->udp_spec);
	e->udp = NULL;
	e->udp_spec = spec;
	e->udp_error = 0;
	if (s->events_udp.s)
		open_udp(e, s);
}

/* The rights of the other socket were set while we could. */
static void configure_local(struct events *e, const struct config_settings *s)
{
	const char *group = s->events_group.s ? s->events_group.s : "";

	if (!streq(group, e->group ? e->group : ""))
		log_warn("events: another events-group takes effect after a restart");
	if (e->local)
		mailbox_set_rate(e->local, (unsigned int)s->events_rate);
}

/* ---- lifetime ------------------------------------------------------------------------------ */

void events_configure(struct events *e, const struct config_settings *s)
{
	configure_ami(e, s);
	configure_udp(e, s);
	configure_local(e, s);
}

static char *beside(const char *socket)
{
	const char *slash = strrchr(socket, '/');
	char *path = NULL;

	if (asprintf(&path, "%.*s%s", slash ? (int)(slash - socket + 1) : 0, socket,
		     EVENTS_SOCKET) < 0)
		return NULL;
	return path;
}

int events_new(struct events **out, const struct events_params *p,
	       const struct config_settings *s)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->p = *p;
	e->fresh.operating = true;
	e->path = beside(p->socket);
	e->group = strdup(s->events_group.s ? s->events_group.s : "");
	if (!e->path || !e->group) {
		events_free(e);
		return -ENOMEM;
	}
	open_local(e, s);
	*out = e;
	return 0;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	ami_free(e->ami);
	mailbox_free(e->local);
	mailbox_free(e->udp);
	free(e->path);
	free(e->group);
	free(e->udp_spec);
	free(e);
}
