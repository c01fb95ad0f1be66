// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ban_many, unban_many - lists of addresses: from files, from other programs, and
 * bans that `export` wrote.  A list comes in requests of at most REQUEST_MANY, so
 * that log lines have their turn in between.
 */
#include <errno.h>
#include <math.h>

#include "daemon/evidence.h"
#include "daemon/requests.h"

struct many {
	struct daemon *d;
	const json_t *req;		/* with what all have in common */
	struct ctl_reply *r;
	size_t done, fresh, already, refused;
};

static int check_size(const json_t *list, struct str *why)
{
	if (json_is_array(list) && json_array_size(list) <= REQUEST_MANY)
		return 0;
	str_printf(why, "a list of up to %d addresses is wanted", REQUEST_MANY);
	return -E2BIG;
}

static void refuse(struct many *m, const char *address, const char *why)
{
	m->refused++;
	ctl_reply_add(m->r, json_pack("{s:s*, s:s}", "refused", address, "why", why));
}

/* ---- ban ------------------------------------------------------------------- */

static const char *either(const json_t *row, const json_t *req, const char *name)
{
	const char *own = request_member(row, name);

	return own && *own && !streq(own, "-") ? own : request_member(req, name);
}

static uint32_t count_of(const json_t *row, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(row, name));

	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

/* A row of `export` has a beginning, and an end unless it has none. */
static int times_of(struct many *m, const json_t *row, struct ban_wish *w, struct str *why)
{
	const json_t *since = json_object_get(row, "since");
	const json_t *until = json_object_get(row, "until");
	double begin = json_number_value(since), end = json_number_value(until);

	w->restored = json_is_number(since) && until;
	if (!w->restored)
		return request_length(m->d, json_object_get(row, "for") ? row : m->req,
				      w->jail, &w->bantime_us, why);
	if (!(fabs(begin) < 1e11) || !(fabs(end) < 1e12)) {
		str_puts(why, "its times are none");
		return -EINVAL;
	}
	w->since = wall_from_s(begin);
	w->bantime_us = json_is_null(until) ? BANTIME_FOREVER :
			wall_from_s(end).us - w->since.us;
	return end < begin && !json_is_null(until) ? -ETIME : 0;
}

/* Ends are never the same twice, having gone from one clock to the other and back. */
static bool stands(const struct many *m, const struct ban_wish *w)
{
	wall_t end = ban_end_after(w->since, w->bantime_us);
	struct ban ban;

	if (!ban_store_find(bans_store(m->d->bans), &w->who, w->jail, &ban))
		return false;
	return ban_end_wall(ban.until, loop_boot(m->d->loop), loop_wall(m->d->loop)).us >=
	       end.us - US_PER_S;
}

static int ban_one(struct many *m, const json_t *row, struct str *why)
{
	const char *jail = either(row, m->req, "jail");
	struct allow_match saved = { 0 };
	struct str lines = { 0 };
	struct ban_wish w = {
		.jail = jail ? jail : "manual", .since = loop_wall(m->d->loop),
		.reason = either(row, m->req, "reason"),
		.failures = count_of(row, "failures"), .earlier = count_of(row, "earlier"),
		.scope = bans_scope_number(m->d->bans, request_member(row, "scope")),
	};
	int ret = request_address(row, &w.who, why);

	if (!ret)
		ret = times_of(m, row, &w, why);
	if (ret) {
		request_explain(ret, &saved, why);
		return ret;
	}
	if (w.restored && stands(m, &w))
		return BAN_SAME;
	evidence_read(json_object_get(row, "lines"), &lines);
	w.lines = lines.s;
	ret = bans_add(m->d->bans, &w, &saved);
	str_fini(&lines);
	request_explain(ret, &saved, why);
	return ret;
}

static void ban_row(struct many *m, const json_t *row)
{
	struct str why = { 0 };
	int ret = ban_one(m, row, &why);

	m->fresh += ret == BAN_NEW;
	if (ret == BAN_NEW || ret == BAN_PROLONGED)
		m->done++;
	else if (ret == BAN_SAME)
		m->already++;
	else
		refuse(m, request_member(row, "address"),
		       why.len ? why.s : strerror(-ret));
	str_fini(&why);
}

int request_ban_many(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct many m = { .d = ctx, .req = req, .r = r };
	const json_t *list = json_object_get(req, "bans"), *row;
	int err = check_size(list, why);
	size_t i;

	if (err)
		return err;
	json_array_foreach(list, i, row)
		ban_row(&m, row);
	saver_hurry(m.d->saver);
	ctl_reply_add(r, json_pack("{s:I, s:I, s:I, s:I}", "banned", (json_int_t)m.done,
				   "new", (json_int_t)m.fresh,
				   "already", (json_int_t)m.already,
				   "refused", (json_int_t)m.refused));
	return 0;
}

/* ---- unban ----------------------------------------------------------------- */

static void unban_row(struct many *m, const json_t *row)
{
	const char *jail = request_member(m->req, "jail");
	struct str why = { 0 };
	struct ipaddr who;
	size_t n;

	if (request_address(row, &who, &why)) {
		refuse(m, request_member(row, "address"), why.s);
	} else {
		n = bans_lift(m->d->bans, &who, jail);
		request_pardon(m->d, &who, jail);
		m->done += n;
		m->already += !n;
	}
	str_fini(&why);
}

int request_unban_many(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct many m = { .d = ctx, .req = req, .r = r };
	const json_t *list = json_object_get(req, "bans"), *row;
	int err = check_size(list, why);
	size_t i;

	if (err)
		return err;
	json_array_foreach(list, i, row)
		unban_row(&m, row);
	saver_hurry(m.d->saver);
	ctl_reply_add(r, json_pack("{s:I, s:I, s:I}", "unbanned", (json_int_t)m.done,
				   "already", (json_int_t)m.already,
				   "refused", (json_int_t)m.refused));
	return 0;
}
