// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * set - change a setting of a jail that runs.  It counts from the next failure on,
 * and until the next reload or restart: what should stay goes into jail.local.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "config/timespan.h"
#include "requests/requests_private.h"

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

static const struct setter {
	const char *name;
	/* One or the other: a new policy, or something done at once. */
	int (*set)(struct jail_policy *p, const char *value, struct str *why);
	int (*change)(struct daemon *d, struct lane *l, const char *value, struct str *why);
} setters[] = {
	{ "maxretry", set_maxretry, NULL },
	{ "findtime", set_findtime, NULL },
	{ "bantime", set_bantime, NULL },
	{ "maxmatches", set_maxmatches, NULL },
	{ "addignoreip", NULL, allow },
	{ "delignoreip", NULL, allow_no_more },
};

static const struct setter *find_setter(const json_t *req, struct str *why)
{
	const char *name = request_member(req, "option");

	for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
		if (name && streq(name, setters[i].name))
			return &setters[i];
	str_printf(why, "'%s' is none of ", name ? name : "");
	for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
		str_printf(why, "%s%s", i ? ", " : "", setters[i].name);
	return NULL;
}

static int change_policy(struct lane *lane, const struct setter *s, const char *value,
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
	struct lane *lane = request_lane(ctx, req, why);
	const char *value = request_member(req, "value");
	const struct setter *s = lane ? find_setter(req, why) : NULL;
	struct daemon *d = ctx;
	int err;

	if (!s)
		return -ENOENT;
	err = !value ? -EINVAL : s->change ? s->change(d, lane, value, why) :
	      change_policy(lane, s, value, why);
	if (err)
		return err;
	log_notice("[%s] set %s %s", lane_conf(lane)->name, s->name, value);
	saver_hurry(d->saver);
	ctl_reply_add(r, json_pack("{s:s, s:s, s:s}", "jail", lane_conf(lane)->name,
				   "option", s->name, "set", value));
	return 0;
}
