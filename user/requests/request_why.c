// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * why - all that is known of an address: who bans it and what led there, who
 * allows it, what has been counted, and what happened before.
 * Each finding is a row of its own; "what" tells what kind it is.
 */
#include <errno.h>

#include "base/jsontext.h"
#include "keeping/evidence.h"
#include "requests/report.h"
#include "requests/requests_private.h"

enum { EVENTS = 20 };		/* earlier bans shown, the newest first */

struct inquiry {
	struct daemon *d;
	struct ipaddr who;
	struct ctl_reply *r;
};

static const struct config_filter *filter_of(struct daemon *d, const char *jail)
{
	struct lane *lane = pipeline_find(d->pipeline, jail);

	return lane ? &lane_conf(lane)->filter : NULL;
}

static void add(struct inquiry *q, const char *what, json_t *row)
{
	json_object_set_new(row, "what", json_string(what));
	ctl_reply_add(q->r, row);
}

/* ---- now ----------------------------------------------------------------- */

static void add_ban(void *ctx, const struct ban *ban)
{
	struct inquiry *q = ctx;
	json_t *row = report_ban(q->d, ban);

	json_object_set_new(row, "lines",
			    evidence_json(ban->lines, filter_of(q->d, ban->jail)));
	add(q, "ban", row);
}

static void add_allowed(struct inquiry *q, const char *jail, const struct allow_match *m)
{
	char net[IPADDR_TEXT];

	add(q, "allowed", json_pack("{s:s, s:s*, s:o*, s:s*}", "by", allow_kind_name(m->kind),
		"entry", m->net.family ? ipaddr_format(&m->net, net) : NULL,
		"label", json_word(m->label), "jail", jail));
}

static void find_allowed(struct inquiry *q)
{
	boot_t now = loop_boot(q->d->loop);
	struct allow_match m;

	if (allowlist_touches(q->d->everyone, &q->who, now, &m))
		add_allowed(q, NULL, &m);
	for (size_t i = 0; i < pipeline_count(q->d->pipeline); i++) {
		struct lane *lane = pipeline_lane(q->d->pipeline, i);

		if (allowlist_touches(lane_allow(lane), &q->who, now, &m))
			add_allowed(q, lane_conf(lane)->name, &m);
	}
}

/* In one of its windows: failures that count, or those for lack of proof. */
static void add_window(struct inquiry *q, struct lane *lane, struct window *w, bool proof)
{
	struct jail *jail = lane_jail(lane);
	const struct jail_policy *policy = jail_policy(jail);
	struct window_id id = { .addr = jail_counted(jail, &q->who) };
	uint32_t n = window_count(w, &id, loop_wall(q->d->loop));
	struct str lines = { 0 };
	char who[IPADDR_TEXT];

	if (!n)
		return;
	evidence_write(window_lines(w, &id), SIZE_MAX, &lines);
	add(q, "watched", json_pack("{s:s, s:s, s:s, s:i, s:i, s:f, s:o}",
		"address", ipaddr_format(&id.addr, who), "jail", jail_name(jail),
		"grade", !policy->wants_proof ? "any" : proof ? "proven" : "unproven",
		"failures", (int)n, "maxretry", (int)policy->window.maxretry,
		"findtime", (double)policy->window.findtime_us / US_PER_S,
		"lines", evidence_json(lines.s, &lane_conf(lane)->filter)));
	str_fini(&lines);
}

static void add_watched(struct inquiry *q, struct lane *lane)
{
	struct jail *jail = lane_jail(lane);

	add_window(q, lane, jail_window(jail), true);
	if (jail_unproven(jail))
		add_window(q, lane, jail_unproven(jail), false);
}

static void add_standing(struct inquiry *q)
{
	json_t *row = sip_report_address(q->d->sip, &q->who);

	if (row)
		add(q, "sip", row);
}

/* ---- before -------------------------------------------------------------- */

static void add_past(void *ctx, const char *jail, const struct ipaddr *who,
		     const struct ban_past *past)
{
	struct inquiry *q = ctx;

	(void)who;
	add(q, "past", json_pack("{s:o, s:i, s:f}", "jail", json_word(jail),
				 "bans", (int)past->bans, "last", wall_to_s(past->last)));
}

static void add_event(void *ctx, const struct ban *b, wall_t until)
{
	struct inquiry *q = ctx;
	json_t *end = until.us == WALL_NEVER.us ? json_null() : json_real(wall_to_s(until));

	add(q, "event", json_pack("{s:o, s:f, s:o, s:i, s:i, s:o*, s:o}",
		"jail", json_word(b->jail), "since", wall_to_s(b->since), "until", end,
		"failures", (int)b->failures, "earlier", (int)b->earlier,
		"reason", json_word(b->reason),
		"lines", evidence_json(b->lines, filter_of(q->d, b->jail))));
}

int request_why(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct inquiry q = { .d = ctx, .r = r };
	struct daemon *d = ctx;
	int err = request_address(req, &q.who, why);

	if (err)
		return err;
	ban_store_around(bans_store(d->bans), &q.who, add_ban, &q);
	find_allowed(&q);
	for (size_t i = 0; i < pipeline_count(d->pipeline); i++)
		add_watched(&q, pipeline_lane(d->pipeline, i));
	add_standing(&q);
	bans_pasts(d->bans, &q.who, add_past, &q);
	/* Written a moment later than decided: the newest may be missing here. */
	ban_db_events(d->db, &q.who, EVENTS, add_event, &q);
	return 0;
}
