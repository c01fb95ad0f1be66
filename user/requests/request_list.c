// SPDX-License-Identifier: GPL-2.0-or-later
/* list - the bans, streamed. */
#include <errno.h>
#include <stdlib.h>

#include "config/timespan.h"
#include "keeping/evidence.h"
#include "requests/report.h"
#include "requests/requests_private.h"

struct listing {
	struct daemon *d;
	struct ban_cursor cursor;
	struct ban_filter filter;
	struct ipaddr within;
	char *jail;			/* owns */
	uint64_t ending_ns;		/* only those that end within; 0: all */
	bool lines;			/* with their evidence, for `export` */
};

static bool is_wanted(const struct listing *l, const struct ban *ban)
{
	return !l->ending_ns ||
	       ban->until.ns - loop_boot(l->d->loop).ns <= l->ending_ns;
}

static void add_row(const struct listing *l, const struct ban *ban, struct ctl_reply *r)
{
	json_t *row = report_ban(l->d, ban);
	struct lane *lane;

	if (l->lines) {
		lane = pipeline_find(l->d->pipeline, ban->jail);
		json_object_set_new(row, "lines", evidence_json(ban->lines, lane ?
				    &lane_conf(lane)->filter : NULL));
	}
	ctl_reply_add(r, row);
}

static bool list_more(void *state, struct ctl_reply *r)
{
	struct listing *l = state;
	struct ban ban;

	while (r->out.len < CTL_CHUNK) {
		if (!ban_store_next(bans_store(l->d->bans), &l->cursor, &l->filter, &ban))
			return false;
		if (is_wanted(l, &ban))
			add_row(l, &ban, r);
	}
	return true;
}

static void list_free(void *state)
{
	struct listing *l = state;

	free(l->jail);
	free(l);
}

struct around { struct listing *l; struct ctl_reply *r; };

/* Bans around the address asked for; those in it are found by the walk. */
static void add_around(void *ctx, const struct ban *ban)
{
	struct around *q = ctx;

	if (!ipaddr_equal(&ban->who, &q->l->within) && is_wanted(q->l, ban) &&
	    (!q->l->jail || streq(q->l->jail, ban->jail)))
		add_row(q->l, ban, q->r);
}

static int request_ending(const json_t *req, uint64_t *ns, struct str *why)
{
	const char *text = request_member(req, "ending");
	double seconds;

	if (!text || timespan_parse(text, &seconds, NULL) || !(seconds > 0) || seconds > 1e9) {
		str_printf(why, "'%s' is not a time such as 10m, 1h or 2d", text ? text : "");
		return -EINVAL;
	}
	*ns = (uint64_t)(seconds * NS_PER_S);
	return 0;
}

int request_list(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct listing *l = calloc(1, sizeof(*l));
	struct around around = { l, r };
	int err = 0;

	if (!l)
		return -ENOMEM;
	l->d = ctx;
	if (request_member(req, "address")) {
		err = request_address(req, &l->within, why);
		l->filter.within = &l->within;
	}
	if (request_member(req, "jail")) {
		if (!err && !request_knows_jail(l->d, request_member(req, "jail"), why))
			err = -ENOENT;
		l->jail = strdup(request_member(req, "jail"));
		l->filter.jail = l->jail;
	}
	if (!err && json_object_get(req, "ending"))
		err = request_ending(req, &l->ending_ns, why);
	if (err) {
		list_free(l);
		return err;
	}
	l->lines = json_is_true(json_object_get(req, "lines"));
	if (l->filter.within)
		ban_store_around(bans_store(l->d->bans), &l->within, add_around, &around);
	r->more = list_more;
	r->free_state = list_free;
	r->state = l;
	return 0;
}
