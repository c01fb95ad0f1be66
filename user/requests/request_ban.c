// SPDX-License-Identifier: GPL-2.0-or-later
/* ban, unban - by hand. */
#include <errno.h>
#include <stdlib.h>

#include "config/timespan.h"
#include "daemon/amnesty.h"
#include "requests/report.h"
#include "requests/requests_private.h"

int request_length(struct daemon *d, const json_t *req, const char *jail, int64_t *us,
		   struct str *why)
{
	const json_t *given = json_object_get(req, "for");
	struct lane *lane = pipeline_find(d->pipeline, jail);
	int64_t own = lane ? jail_policy(lane_jail(lane))->bantime_us : 600 * US_PER_S;
	double seconds = own < 0 ? -1 : (double)own / US_PER_S;

	if (json_is_number(given))
		seconds = json_number_value(given);
	if (json_is_string(given) &&
	    timespan_parse(json_string_value(given), &seconds, NULL)) {
		str_printf(why, "'%s' is not a time such as 10m, 1h or 2d",
			   json_string_value(given));
		return -EINVAL;
	}
	/* Typed by hand, another negative number is a slip, and "for ever" a bad guess. */
	if (json_is_string(given) && seconds < 0 && seconds != -1) {
		str_printf(why, "'%s' is no length for a ban; -1 is for ever",
			   json_string_value(given));
		return -EINVAL;
	}
	if (seconds > 1e11)
		seconds = -1;
	*us = seconds < 0 ? BANTIME_FOREVER : (int64_t)(seconds * 1e6);
	return 0;
}

void request_explain(int err, const struct allow_match *saved, struct str *why)
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

int request_ban(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *jail = request_member(req, "jail");
	struct allow_match saved = { 0 };
	struct str refusal = { 0 };
	struct daemon *d = ctx;
	struct ban_wish w = {
		.jail = jail ? jail : REQUEST_JAIL, .since = loop_wall(d->loop),
		.reason = request_member(req, "reason"),
	};
	int err = request_address(req, &w.who, why);

	if (!err && jail && !request_knows_jail(d, jail, why))
		err = -ENOENT;
	if (!err)
		err = request_length(d, req, w.jail, &w.bantime_us, why);
	if (err)
		return err;
	err = bans_add(d->bans, &w, &saved);
	request_explain(err, &saved, &refusal);
	if (refusal.len)
		str_printf(why, "%s: %s", request_member(req, "address"), refusal.s);
	str_fini(&refusal);
	add_ban_row(d, &w.who, w.jail, r);
	if (err < 0)
		saver_hurry(d->saver);
	else
		request_wait_saved(d, r);
	return err < 0 ? err : 0;
}

static void tell_cover(struct daemon *d, const struct ipaddr *who, struct ctl_reply *r)
{
	char net[IPADDR_TEXT];

	if (find_cover(d, who, net))
		ctl_reply_add(r, json_pack("{s:s}", "still_covered_by", net));
}

static void explain_none(struct daemon *d, const struct ipaddr *who, struct str *why)
{
	char text[IPADDR_TEXT], net[IPADDR_TEXT];

	ipaddr_format(who, text);
	if (find_cover(d, who, net))
		str_printf(why, "%s has no ban of its own; it is in %s, which is banned", text,
			   net);
	else
		str_printf(why, "%s is not banned", text);
}

int request_unban(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct daemon *d = ctx;
	const char *jail = request_member(req, "jail");
	struct ipaddr who;
	size_t n;
	int err = request_check(req, why);

	if (err)
		return err;
	if (jail && !request_knows_jail(d, jail, why))
		return -ENOENT;
	if (!request_member(req, "address")) {
		n = bans_lift_all(d->bans, jail);
	} else {
		err = request_address(req, &who, why);
		if (err)
			return err;
		n = bans_lift(d->bans, &who, jail);
		amnesty_pardon(d, &who, jail);
		if (!jail)
			n += sip_forgive(d->sip, &who);
		if (!n) {
			explain_none(d, &who, why);
			return -ENOENT;
		}
		tell_cover(d, &who, r);
	}
	ctl_reply_add(r, json_pack("{s:I}", "unbanned", (json_int_t)n));
	request_wait_saved(d, r);
	return 0;
}
