// SPDX-License-Identifier: GPL-2.0-or-later
/* requests - what the control socket can ask, one function each. */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/timespan.h"
#include "daemon/parts.h"

static const char *member(const json_t *req, const char *name)
{
	return json_string_value(json_object_get(req, name));
}

static int parse_address(const json_t *req, struct ipaddr *who, struct str *why)
{
	const char *text = member(req, "address");

	if (text && !ipaddr_parse_net(text, strlen(text), who))
		return 0;
	str_printf(why, "'%s' is not an address or network", text ? text : "");
	return -EINVAL;
}

/* ---- list ------------------------------------------------------------------------ */

struct listing {
	struct daemon *d;
	struct ban_cursor cursor;
	struct ban_filter filter;
	struct ipaddr within;
	char *jail;			/* owns */
};

static bool list_more(void *state, struct ctl_reply *r)
{
	struct listing *l = state;
	struct ban ban;

	while (r->out.len < CTL_CHUNK) {
		if (!ban_store_next(bans_store(l->d->bans), &l->cursor, &l->filter, &ban))
			return false;
		ctl_reply_add(r, report_ban(l->d, &ban));
	}
	return true;
}

static void list_free(void *state)
{
	struct listing *l = state;

	free(l->jail);
	free(l);
}

static int do_list(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct listing *l = calloc(1, sizeof(*l));
	int err = 0;

	if (!l)
		return -ENOMEM;
	l->d = ctx;
	if (member(req, "address")) {
		err = parse_address(req, &l->within, why);
		l->filter.within = &l->within;
	}
	if (member(req, "jail")) {
		l->jail = strdup(member(req, "jail"));
		l->filter.jail = l->jail;
	}
	if (err) {
		list_free(l);
		return err;
	}
	r->more = list_more;
	r->free_state = list_free;
	r->state = l;
	return 0;
}

/* ---- ban, unban ------------------------------------------------------------------ */

/* How long: as asked for, else the jail's own time, else the default's. */
static int ban_length(struct daemon *d, const json_t *req, const char *jail,
		      int64_t *us, struct str *why)
{
	const char *text = member(req, "for");
	const struct config_jail *conf = config_find_jail(d->config, jail);
	double seconds = conf && conf->loaded ? conf->bantime : 600;

	if (text && timespan_parse(text, &seconds, NULL)) {
		str_printf(why, "'%s' is not a time such as 10m, 1h or 2d", text);
		return -EINVAL;
	}
	*us = seconds < 0 ? BANTIME_FOREVER : (int64_t)(seconds * 1e6);
	return 0;
}

static void explain_refusal(int err, const struct allow_match *saved, struct str *why)
{
	char net[IPADDR_TEXT];

	if (err == -EPERM)
		str_printf(why, "it must not be banned: it touches %s (%s%s%s)",
			   ipaddr_format(&saved->net, net), allow_kind_name(saved->kind),
			   saved->label ? " " : "", saved->label ? saved->label : "");
	else if (err == -ENOSPC)
		str_puts(why, "max-bans is reached; raise it in xdpban.conf");
	else if (err == -ETIME)
		str_puts(why, "the ban would be over already");
}

/* The narrowest network ban around an address. */
struct cover {
	struct ipaddr who, net;		/* net.family 0: none */
};

static void note_cover(void *ctx, const struct ban *b)
{
	struct cover *c = ctx;

	if (!ipaddr_equal(&b->who, &c->who) &&
	    (!c->net.family || b->who.prefix > c->net.prefix))
		c->net = b->who;
}

static bool find_cover(struct daemon *d, const struct ipaddr *who, char net[static IPADDR_TEXT])
{
	struct cover c = { .who = *who };

	ban_store_around(bans_store(d->bans), who, note_cover, &c);
	ipaddr_format(&c.net, net);
	return c.net.family;
}

static void add_ban_row(struct daemon *d, const struct ipaddr *who, const char *jail,
			struct ctl_reply *r)
{
	char net[IPADDR_TEXT];
	struct ban ban;
	json_t *row;

	if (!ban_store_find(bans_store(d->bans), who, jail, &ban))
		return;
	row = report_ban(d, &ban);
	if (find_cover(d, who, net))
		json_object_set_new(row, "covered_by", json_string(net));
	ctl_reply_add(r, row);
}

static int do_ban(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *jail = member(req, "jail");
	struct allow_match saved = { 0 };
	struct daemon *d = ctx;
	struct ban_wish w = {
		.jail = jail ? jail : "manual", .since = loop_wall(d->loop),
		.reason = member(req, "reason"),
	};
	int err = parse_address(req, &w.who, why);

	if (!err && jail && !config_find_jail(d->config, jail)) {
		str_printf(why, "there is no jail '%s'", jail);
		err = -ENOENT;
	}
	if (!err)
		err = ban_length(d, req, w.jail, &w.bantime_us, why);
	if (err)
		return err;
	err = bans_add(d->bans, &w, &saved);
	explain_refusal(err, &saved, why);
	saver_touch(d->saver);
	add_ban_row(d, &w.who, w.jail, r);
	return err < 0 ? err : 0;
}

static void tell_cover(struct daemon *d, const struct ipaddr *who, struct ctl_reply *r)
{
	char net[IPADDR_TEXT];

	if (find_cover(d, who, net))
		ctl_reply_add(r, json_pack("{s:s}", "still_covered_by", net));
}

static int do_unban(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct daemon *d = ctx;
	const char *jail = member(req, "jail");
	struct ipaddr who;
	size_t n;
	int err;

	if (!member(req, "address")) {
		n = bans_lift_all(d->bans, jail);
	} else {
		err = parse_address(req, &who, why);
		if (err)
			return err;
		n = bans_lift(d->bans, &who, jail);
		tell_cover(d, &who, r);
		if (!n && !r->out.len) {
			str_printf(why, "%s is not banned", member(req, "address"));
			return -ENOENT;
		}
	}
	saver_touch(d->saver);
	ctl_reply_add(r, json_pack("{s:I}", "unbanned", (json_int_t)n));
	return 0;
}

/* ---- status, reload -------------------------------------------------------------- */

static int do_status(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *jail = member(req, "jail");
	struct daemon *d = ctx;

	if (jail && !pipeline_find(d->pipeline, jail)) {
		str_printf(why, "no jail '%s' is running", jail);
		return -ENOENT;
	}
	ctl_reply_add(r, report_status(d, jail));
	return 0;
}

static int do_reload(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct diag problems = { 0 };
	struct daemon *d = ctx;
	int err = daemon_reload(d, &problems);
	char buf[2048];

	(void)req;
	for (size_t i = 0; i < problems.n; i++)
		ctl_reply_add(r, json_pack("{s:s}", "problem",
			      diag_format(&problems.entries[i], buf, sizeof(buf))));
	if (err)
		str_printf(why, "the configuration has %zu error%s; the old one stays in force",
			   problems.count[DIAG_ERROR],
			   problems.count[DIAG_ERROR] == 1 ? "" : "s");
	diag_fini(&problems);
	return err;
}

static int do_ping(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	ctl_reply_add(r, json_pack("{s:s, s:s}", "pong", "xdpban", "version", XDPBAN_VERSION));
	return 0;
}

const struct ctl_handler daemon_requests[] = {
	{ "list", do_list },
	{ "ban", do_ban },
	{ "unban", do_unban },
	{ "status", do_status },
	{ "reload", do_reload },
	{ "ping", do_ping },
	{ 0 }
};
