// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ban_many, unban_many - lists of addresses: from files, from other programs, and
 * bans that `export` wrote.  A list comes in requests of at most REQUEST_MANY, so
 * that log lines have their turn in between.
 */
#include <errno.h>
#include <math.h>

#include "base/jsontext.h"
#include "base/log.h"
#include "daemon/amnesty.h"
#include "keeping/evidence.h"
#include "requests/requests_private.h"

/* A list longer than this is told to the kernel and to the log as one thing. */
enum { LOG_EACH = 100 };

struct many {
	struct daemon *d;
	const json_t *req;		/* with what all have in common */
	struct ctl_reply *r;
	struct ban_wish common;
	size_t done, fresh, already, refused;
};

/* Addresses that have nothing of their own come as words of one text. */
static const char *next_word(const char **at, size_t *len)
{
	const char *word = *at + strspn(*at, " ");

	*len = strcspn(word, " ");
	*at = word + *len;
	return *len ? word : NULL;
}

static size_t count_words(const char *text)
{
	size_t n = 0, len;

	while (text && next_word(&text, &len))
		n++;
	return n;
}

/* Gives how many, or -E2BIG. */
static long check_size(const json_t *req, struct str *why)
{
	const json_t *list = json_object_get(req, "bans");
	size_t n = json_array_size(list) + count_words(request_member(req, "addresses"));

	if (n <= REQUEST_MANY && (!list || json_is_array(list)))
		return (long)n;
	str_printf(why, "a list of up to %d addresses is wanted", REQUEST_MANY);
	return -E2BIG;
}

static void refuse(struct many *m, const char *address, size_t len, const char *why)
{
	m->refused++;
	ctl_reply_add(m->r, json_pack("{s:o*, s:s}", "refused", json_text(address, len),
				      "why", why));
}

/* @row: what the request says of this address alone; NULL: nothing. */
typedef void one_fn(struct many *m, const json_t *row, const char *address, size_t len);

/* The next few, all of which are looked for in memory at the same time. */
static void each_word(struct many *m, const char **at, one_fn *fn)
{
	struct { const char *text; size_t len; } words[BANS_AHEAD];
	struct ipaddr who[BANS_AHEAD] = { 0 };
	size_t n = 0;

	while (n < BANS_AHEAD && (words[n].text = next_word(at, &words[n].len))) {
		ipaddr_parse_net(words[n].text, words[n].len, &who[n]);
		n++;
	}
	bans_expect(m->d->bans, who, n);
	for (size_t i = 0; i < n; i++)
		fn(m, NULL, words[i].text, words[i].len);
}

static void each(struct many *m, one_fn *fn)
{
	const char *at = request_member(m->req, "addresses"), *word;
	const json_t *row;
	size_t i;

	while (at && *at)
		each_word(m, &at, fn);
	json_array_foreach(json_object_get(m->req, "bans"), i, row) {
		word = request_member(row, "address");
		fn(m, row, word ? word : "", word ? strlen(word) : 0);
	}
}

/* @what: what happened to m->done of @n. */
static int each_of(struct many *m, long n, one_fn *fn, const char *what, struct str *why)
{
	int err = 0;

	if (n > LOG_EACH)
		bans_begin_many(m->d->bans);
	each(m, fn);
	if (n > LOG_EACH) {
		err = bans_end_many(m->d->bans);
		log_notice("bans: %zu of %ld in a list %s", m->done, n, what);
	}
	saver_hurry(m->d->saver);
	if (err)
		str_printf(why, "the kernel did not take all of them (%s): trying again",
			   strerror(-err));
	return err;
}

/* ---- ban ------------------------------------------------------------------- */

static const char *either(const json_t *row, const char *name, const char *common)
{
	const char *own = request_member(row, name);

	return own && *own && !streq(own, "-") ? own : common;
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

/* What the row says instead of what all have in common. */
static int wish_of(struct many *m, const json_t *row, struct ban_wish *w, struct str *why)
{
	w->jail = either(row, "jail", w->jail);
	w->reason = either(row, "reason", w->reason);
	w->failures = count_of(row, "failures");
	w->earlier = count_of(row, "earlier");
	w->scope = bans_scope_number(m->d->bans, request_member(row, "scope"));
	return times_of(m, row, w, why);
}

static int ban_one(struct many *m, const json_t *row, struct ban_wish *w, struct str *why)
{
	struct allow_match saved = { 0 };
	struct str lines = { 0 };
	int ret = row ? wish_of(m, row, w, why) : 0;

	if (!ret && w->restored && stands(m, w))
		return BAN_SAME;
	if (!ret) {
		evidence_read(json_object_get(row, "lines"), &lines);
		w->lines = lines.s;
		ret = bans_add(m->d->bans, w, &saved);
		str_fini(&lines);
	}
	request_explain(ret, &saved, why);
	return ret;
}

static void ban_row(struct many *m, const json_t *row, const char *address, size_t len)
{
	struct ban_wish w = m->common;
	struct str why = { 0 };
	int ret = request_address_text(address, len, &w.who, &why);

	if (!ret)
		ret = ban_one(m, row, &w, &why);
	m->fresh += ret == BAN_NEW;
	if (ret == BAN_NEW || ret == BAN_PROLONGED)
		m->done++;
	else if (ret == BAN_SAME)
		m->already++;
	else
		refuse(m, address, len, why.len ? why.s : strerror(-ret));
	str_fini(&why);
}

static int common_of(struct many *m, struct str *why)
{
	const char *jail = request_member(m->req, "jail");

	if (jail && *jail && !request_knows_jail(m->d, jail, why))
		return -ENOENT;
	m->common = (struct ban_wish){
		.jail = jail && *jail ? jail : REQUEST_JAIL, .since = loop_wall(m->d->loop),
		.reason = request_member(m->req, "reason"),
		.scope = bans_scope_number(m->d->bans, NULL),
	};
	return request_length(m->d, m->req, m->common.jail, &m->common.bantime_us, why);
}

int request_ban_many(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct many m = { .d = ctx, .req = req, .r = r };
	long n = check_size(req, why);
	int err = n < 0 ? (int)n : common_of(&m, why);

	if (!err)
		err = each_of(&m, n, ban_row, "are banned from now on", why);
	if (err)
		return err;
	ctl_reply_add(r, json_pack("{s:I, s:I, s:I, s:I}", "banned", (json_int_t)m.done,
				   "new", (json_int_t)m.fresh,
				   "already", (json_int_t)m.already,
				   "refused", (json_int_t)m.refused));
	return 0;
}

/* ---- unban ----------------------------------------------------------------- */

static void unban_row(struct many *m, const json_t *row, const char *address, size_t len)
{
	const char *jail = request_member(m->req, "jail");
	struct str why = { 0 };
	struct ipaddr who;
	size_t n;

	(void)row;
	if (request_address_text(address, len, &who, &why)) {
		refuse(m, address, len, why.s);
	} else {
		n = bans_lift(m->d->bans, &who, jail);
		amnesty_pardon(m->d, &who, jail);
		m->done += n;
		m->already += !n;
	}
	str_fini(&why);
}

int request_unban_many(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct many m = { .d = ctx, .req = req, .r = r };
	long n = check_size(req, why);
	const char *jail = request_member(req, "jail");
	int err = n < 0 ? (int)n : request_check(req, why);

	if (!err && jail && !request_knows_jail(ctx, jail, why))
		err = -ENOENT;
	if (!err)
		err = each_of(&m, n, unban_row, "are no longer banned", why);
	if (err)
		return err;
	ctl_reply_add(r, json_pack("{s:I, s:I, s:I}", "unbanned", (json_int_t)m.done,
				   "already", (json_int_t)m.already,
				   "refused", (json_int_t)m.refused));
	return 0;
}
