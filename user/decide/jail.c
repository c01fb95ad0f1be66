// SPDX-License-Identifier: GPL-2.0-or-later
#include "jail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Forged senders are as many as somebody likes: they have a room of their own, so
 * that they push nobody out of the other one.
 */
enum { MAX_UNPROVEN = 1 << 14 };

struct jail {
	struct jail_policy policy;	/* owns .name */
	struct window *window;		/* owns */
	struct window *unproven;	/* owns; NULL: no proof was ever asked for */
	char id[WINDOW_MAX_ID + 1];	/* what the last verdict points to */
};

int jail_new(struct jail **out, const struct jail_policy *policy)
{
	struct jail *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return -ENOMEM;
	err = window_new(&j->window, &policy->window);
	if (!err)
		err = jail_set_policy(j, policy);
	if (err) {
		jail_free(j);
		return err;
	}
	*out = j;
	return 0;
}

void jail_free(struct jail *j)
{
	if (!j)
		return;
	window_free(j->window);
	window_free(j->unproven);
	free((char *)j->policy.name);
	free(j);
}

static int set_unproven(struct jail *j, const struct jail_policy *policy)
{
	struct window_limits limits = policy->window;

	limits.pool = NULL;
	limits.max_ids = MAX_UNPROVEN;
	if (j->unproven)
		return window_set_limits(j->unproven, &limits);
	return policy->wants_proof ? window_new(&j->unproven, &limits) : 0;
}

int jail_set_policy(struct jail *j, const struct jail_policy *policy)
{
	char *name;
	int err;

	if (policy->count_prefix4 > 32 || policy->count_prefix6 > 128)
		return -EINVAL;
	name = strdup(policy->name);
	if (!name)
		return -ENOMEM;
	err = window_set_limits(j->window, &policy->window);
	if (!err)
		err = set_unproven(j, policy);
	if (err) {
		free(name);
		return err;
	}
	free((char *)j->policy.name);
	j->policy = *policy;
	j->policy.name = name;
	return 0;
}

const char *jail_name(const struct jail *j)
{
	return j->policy.name;
}

const struct jail_policy *jail_policy(const struct jail *j)
{
	return &j->policy;
}

struct window *jail_window(struct jail *j)
{
	return j->window;
}

struct window *jail_unproven(struct jail *j)
{
	return j->unproven;
}

struct ipaddr jail_counted(const struct jail *j, const struct ipaddr *addr)
{
	uint8_t prefix = addr->family == 4 ? j->policy.count_prefix4 : j->policy.count_prefix6;
	struct ipaddr who = *addr;

	if (who.family && prefix && prefix < who.prefix)
		ipaddr_mask(&who, prefix);
	return who;
}

void jail_expect(const struct jail *j, const struct ipaddr *const *addrs, size_t n)
{
	struct window_id ids[WINDOW_BATCH];

	for (size_t i = 0; i < n; i++)
		ids[i] = (struct window_id){ .addr = jail_counted(j, addrs[i]) };
	window_expect(j->policy.wants_proof ? j->unproven : j->window, ids, n);
}

static struct jail_past past_of(const struct jail *j, const struct ipaddr *who, bool overall)
{
	if (!who->family || !j->policy.past)
		return (struct jail_past){ 0 };
	return j->policy.past(j->policy.ctx, overall ? NULL : j->policy.name, who);
}

/*
 * Failures of a known offender count more, but not those that he committed
 * before his last ban and that the log only now tells of.
 */
static uint32_t weight_of(const struct jail *j, const struct failure *f,
			  const struct ipaddr *who)
{
	const struct escalation *e = &j->policy.escalation;
	uint32_t maxretry = j->policy.window.maxretry;
	uint32_t count = f->count ? f->count : 1;
	struct jail_past past;
	uint64_t weight;

	if (!e->increment)
		return count;
	past = past_of(j, who, false);
	if (f->when.us <= past.last.us)
		return count;
	weight = (uint64_t)count * escalate_weight(e, past.bans, maxretry);
	return weight < maxretry ? (uint32_t)weight : maxretry;
}

int64_t jail_bantime(struct jail *j, const struct ipaddr *who, uint32_t *earlier)
{
	const struct escalation *e = &j->policy.escalation;
	double random = 0;

	*earlier = past_of(j, who, e->overalljails).bans;
	if (e->rndtime_us && j->policy.random)
		random = j->policy.random(j->policy.ctx);
	return escalate_bantime(e, j->policy.bantime_us, *earlier, random);
}

static const char *id_text(struct jail *j, const struct window_id *id)
{
	size_t len = id->len < WINDOW_MAX_ID ? id->len : WINDOW_MAX_ID;

	_Static_assert(sizeof(j->id) >= IPADDR_TEXT, "an address fits");
	if (id->addr.family)
		return ipaddr_format(&id->addr, j->id);
	if (len)
		memcpy(j->id, id->text, len);
	j->id[len] = '\0';
	return j->id;
}

static void pass(struct jail *j, struct window *w, const struct window_note *note,
		 struct verdict *v)
{
	v->who = note->id.addr;
	v->id = id_text(j, &note->id);
	v->when = note->when;
	v->bantime_us = jail_bantime(j, &v->who, &v->earlier);
	v->lines = window_take(w, &note->id);
}

/*
 * He was banned for that already, and only the log is read again: by us after
 * Fail2ban, or late.  Another ban for it would be a longer one, too.
 */
static bool is_answered(const struct jail *j, const struct window_note *note)
{
	struct jail_past past = past_of(j, &note->id.addr, false);

	return past.bans && note->when.us <= past.last.us;
}

int jail_note(struct jail *j, const struct failure *f, struct verdict *v)
{
	struct window_note note = {
		.id = { .addr = jail_counted(j, &f->addr), .text = f->id, .len = f->id_len },
		.when = f->when,
		.lines = f->lines,
		.n_lines = f->n_lines,
		.regex = f->regex,
		.proven = f->proven,
	};
	bool apart = j->policy.wants_proof && !f->proven;
	struct window *w = apart ? j->unproven : j->window;
	int n;

	note.weight = weight_of(j, f, &note.id.addr);
	*v = (struct verdict){ .unproven = apart };
	n = window_note(w, &note, &v->first);
	if (n < 0)
		return n;
	v->failures = (uint32_t)n;
	if (v->failures < j->policy.window.maxretry)
		return 0;
	if (!apart && is_answered(j, &note)) {
		window_forget(w, &note.id);
		return 0;
	}
	pass(j, w, &note, v);
	return 1;
}

bool jail_succeeded(struct jail *j, const struct ipaddr *who)
{
	struct window_id id = { .addr = jail_counted(j, who) };
	bool any = window_forget(j->window, &id);

	return (j->unproven && window_forget(j->unproven, &id)) || any;
}

int jail_note_ban(struct jail *j, const char *by, const struct ipaddr *who,
		  wall_t when, struct verdict *v)
{
	char line[320], addr[IPADDR_TEXT];
	struct window_text text = { line, 0 };
	struct failure f = { .addr = *who, .when = when, .lines = &text, .n_lines = 1,
			     .regex = -1, .proven = true };
	int len;

	if (streq(by, j->policy.name))
		return 0;
	len = snprintf(line, sizeof(line), "[%s] Ban %s", by, ipaddr_format(who, addr));
	text.len = (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1;
	return jail_note(j, &f, v);
}
