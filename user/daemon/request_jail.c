// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * get, set - settings of a jail that runs.  A change counts from the next failure
 * on, and until the next reload or restart: what should stay goes into jail.local.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/timespan.h"
#include "daemon/requests.h"

static struct lane *find_lane(struct daemon *d, const json_t *req, struct str *why)
{
	const char *jail = request_member(req, "jail");
	struct lane *lane = jail ? pipeline_find(d->pipeline, jail) : NULL;

	if (!lane)
		str_printf(why, "no jail '%s' is running", jail ? jail : "");
	return lane;
}

/* ---- values -------------------------------------------------------------------- */

static json_t *get_maxretry(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_integer(jail_policy(lane_jail(l))->window.maxretry);
}

static json_t *get_maxmatches(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_integer(jail_policy(lane_jail(l))->window.maxmatches);
}

static json_t *get_findtime(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_real((double)jail_policy(lane_jail(l))->window.findtime_us / US_PER_S);
}

static json_t *get_bantime(struct daemon *d, struct lane *l)
{
	int64_t us = jail_policy(lane_jail(l))->bantime_us;

	(void)d;
	return json_real(us < 0 ? -1 : (double)us / US_PER_S);
}

struct words { json_t *list; };

/* A file's or a name's entries are told by what was configured, once. */
static void add_entry(void *ctx, const struct allow_match *m)
{
	struct words *w = ctx;
	char net[IPADDR_TEXT];
	const char *word = m->label ? m->label : ipaddr_format(&m->net, net);
	size_t i;
	json_t *it;

	json_array_foreach(w->list, i, it)
		if (m->label && streq(json_string_value(it), word))
			return;
	json_array_append_new(w->list, json_string(word));
}

static json_t *get_ignoreip(struct daemon *d, struct lane *l)
{
	struct words w = { json_array() };

	allowlist_each(lane_allow(l), loop_boot(d->loop), add_entry, &w);
	return w.list;
}

static int number(const char *text, long max, uint32_t *out, struct str *why)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 0 || n > max) {
		str_printf(why, "'%s' is not a number up to %ld", text, max);
		return -EINVAL;
	}
	*out = (uint32_t)n;
	return 0;
}

static int microseconds(const char *text, int64_t *us, struct str *why)
{
	double s;

	if (timespan_parse(text, &s, NULL) || s > 1e11) {
		str_printf(why, "'%s' is not a time such as 10m, 1h or 2d", text);
		return -EINVAL;
	}
	*us = s < 0 ? BANTIME_FOREVER : (int64_t)(s * 1e6);
	return 0;
}

static int set_maxretry(struct jail_policy *p, const char *value, struct str *why)
{
	return number(value, WINDOW_MAX_RETRY, &p->window.maxretry, why);
}

static int set_maxmatches(struct jail_policy *p, const char *value, struct str *why)
{
	return number(value, 1000, &p->window.maxmatches, why);
}

static int set_findtime(struct jail_policy *p, const char *value, struct str *why)
{
	return microseconds(value, &p->window.findtime_us, why);
}

static int set_bantime(struct jail_policy *p, const char *value, struct str *why)
{
	return microseconds(value, &p->bantime_us, why);
}

static int allow(struct daemon *d, struct lane *l, const char *value, struct str *why)
{
	int err = allowlist_add(lane_allow(l), value, strlen(value));

	if (err)
		str_printf(why, "'%s': %s", value, strerror(-err));
	else
		names_refresh(d->names);
	return err;
}

static int allow_no_more(struct daemon *d, struct lane *l, const char *value, struct str *why)
{
	int err = allowlist_remove(lane_allow(l), value, strlen(value));

	(void)d;
	if (err)
		str_printf(why, "'%s' is not in the ignoreip of this jail", value);
	return err;
}

static const struct setting {
	const char *name;
	json_t *(*get)(struct daemon *d, struct lane *l);	/* NULL: only set */
	int (*set)(struct jail_policy *p, const char *value, struct str *why);
	int (*change)(struct daemon *d, struct lane *l, const char *value, struct str *why);
} settings[] = {
	{ "maxretry", get_maxretry, set_maxretry, NULL },
	{ "findtime", get_findtime, set_findtime, NULL },
	{ "bantime", get_bantime, set_bantime, NULL },
	{ "maxmatches", get_maxmatches, set_maxmatches, NULL },
	{ "ignoreip", get_ignoreip, NULL, NULL },
	{ "addignoreip", NULL, NULL, allow },
	{ "delignoreip", NULL, NULL, allow_no_more },
};

/* ---- requests ------------------------------------------------------------------ */

static void list_names(bool to_set, struct str *why)
{
	const char *separator = "";

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];

		if (to_set ? !s->set && !s->change : !s->get)
			continue;
		str_printf(why, "%s%s", separator, s->name);
		separator = ", ";
	}
}

static const struct setting *find_setting(const json_t *req, bool to_set, struct str *why)
{
	const char *name = request_member(req, "option");

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const struct setting *s = &settings[i];

		if (name && streq(name, s->name) && (to_set ? s->set || s->change : !!s->get))
			return s;
	}
	str_printf(why, "'%s' is none of ", name ? name : "");
	list_names(to_set, why);
	return NULL;
}

static void add_value(struct daemon *d, struct lane *l, const struct setting *s,
		      struct ctl_reply *r)
{
	ctl_reply_add(r, json_pack("{s:s, s:s, s:o}", "jail", lane_conf(l)->name,
				   "option", s->name, "value", s->get(d, l)));
}

int request_get(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct lane *lane = find_lane(ctx, req, why);
	const struct setting *s;

	if (!lane)
		return -ENOENT;
	if (!request_member(req, "option")) {
		for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
			if (settings[i].get)
				add_value(ctx, lane, &settings[i], r);
		return 0;
	}
	s = find_setting(req, false, why);
	if (!s)
		return -ENOENT;
	add_value(ctx, lane, s, r);
	return 0;
}

static int change_policy(struct lane *lane, const struct setting *s, const char *value,
			 struct str *why)
{
	struct jail_policy policy = *jail_policy(lane_jail(lane));
	int err = s->set(&policy, value, why);

	if (!err)
		err = jail_set_policy(lane_jail(lane), &policy);
	if (err && !why->len)
		str_printf(why, "%s = %s is out of range", s->name, value);
	return err;
}

int request_set(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct lane *lane = find_lane(ctx, req, why);
	const char *value = request_member(req, "value");
	const struct setting *s = lane ? find_setting(req, true, why) : NULL;
	struct daemon *d = ctx;
	int err;

	if (!s)
		return -ENOENT;
	err = !value ? -EINVAL : s->change ? s->change(d, lane, value, why) :
	      change_policy(lane, s, value, why);
	if (err)
		return err;
	log_notice("[%s] set %s %s", lane_conf(lane)->name, s->name, value);
	saver_touch(d->saver);
	ctl_reply_add(r, json_pack("{s:s, s:s, s:s}", "jail", lane_conf(lane)->name,
				   "option", s->name, "set", value));
	return 0;
}
