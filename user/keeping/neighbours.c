// SPDX-License-Identifier: GPL-2.0-or-later
#include "keeping/neighbours.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"

enum {
	MAX_NETS = 65536,		/* watched at once */
	NAMED = 8,			/* members that a reason names */
};

struct neighbours {
	struct bans *bans;		/* borrows */
	struct aggregate *counts;	/* NULL: switched off */
	struct aggregate_policy policy;
	int64_t bantime_us;
	struct neighbours_stats stats;
};

static struct aggregate_policy policy_of(const struct config_settings *s)
{
	return (struct aggregate_policy){
		.count = (uint32_t)s->aggregate,
		.within_us = (int64_t)(s->aggregate_within * 1e6),
		.prefix4 = (uint8_t)s->aggregate_prefix4,
		.prefix6 = (uint8_t)s->aggregate_prefix6,
		.max_nets = MAX_NETS,
	};
}

static bool is_same(const struct aggregate_policy *a, const struct aggregate_policy *b)
{
	return a->count == b->count && a->within_us == b->within_us &&
	       a->prefix4 == b->prefix4 && a->prefix6 == b->prefix6;
}

int neighbours_configure(struct neighbours *n, const struct config_settings *settings)
{
	struct aggregate_policy policy = policy_of(settings);
	struct aggregate *counts = NULL;
	int err;

	n->bantime_us = settings->aggregate_bantime < 0 ? BANTIME_FOREVER :
			(int64_t)(settings->aggregate_bantime * 1e6);
	if (is_same(&policy, &n->policy))
		return 0;
	err = policy.count ? aggregate_new(&counts, &policy) : 0;
	if (err)
		return err;
	aggregate_free(n->counts);
	n->counts = counts;
	n->policy = policy;
	return 0;
}

int neighbours_new(struct neighbours **out, struct bans *bans,
		   const struct config_settings *settings)
{
	struct neighbours *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->bans = bans;
	err = neighbours_configure(n, settings);
	if (err) {
		free(n);
		return err;
	}
	*out = n;
	return 0;
}

void neighbours_free(struct neighbours *n)
{
	if (!n)
		return;
	aggregate_free(n->counts);
	free(n);
}

/* ---- banning a network --------------------------------------------------- */

/* What the bans of all members shut, if that is one thing; else everything. */
static uint16_t common_scope(struct neighbours *n, const struct aggregate_verdict *v)
{
	struct ban_store *store = bans_store(n->bans);
	int scope = -1;

	for (size_t i = 0; i < v->n; i++) {
		struct ban_effect e;
		size_t effects = ban_store_effects(store, &v->members[i].who, &e, 1);

		if (!effects)
			continue;	/* it has ended by now */
		if (effects > 1 || (scope >= 0 && scope != e.scope))
			return BAN_SCOPE_ALL;
		scope = e.scope;
	}
	return scope < 0 ? BAN_SCOPE_ALL : (uint16_t)scope;
}

static char *reason_of(const struct neighbours *n, const struct aggregate_verdict *v)
{
	struct str s = { 0 };
	char who[IPADDR_TEXT];

	str_printf(&s, "%zu of its addresses were banned within %llds:", v->n,
		   (long long)(n->policy.within_us / US_PER_S));
	for (size_t i = 0; i < v->n && i < NAMED; i++)
		str_printf(&s, " %s", ipaddr_format(&v->members[i].who, who));
	if (v->n > NAMED)
		str_printf(&s, " and %zu more", v->n - NAMED);
	return str_take(&s);
}

static void ban_net(struct neighbours *n, const struct aggregate_verdict *v, wall_t when)
{
	struct ban_wish w = {
		.who = v->net, .jail = NEIGHBOURS_JAIL, .since = when,
		.scope = common_scope(n, v), .bantime_us = n->bantime_us,
		.failures = (uint32_t)v->n,
	};
	struct allow_match saved;
	char *reason = reason_of(n, v);
	char net[IPADDR_TEXT];
	int how;

	w.reason = reason;
	how = bans_add(n->bans, &w, &saved);
	free(reason);
	n->stats.banned += how == BAN_NEW;
	if (how == -EPERM) {
		n->stats.spared++;
		log_warn("[" NEIGHBOURS_JAIL "] %s has %zu banned addresses, but is not "
			 "banned: somebody in it is allowed (%s)",
			 ipaddr_format(&v->net, net), v->n, allow_kind_name(saved.kind));
	} else if (how < 0 && how != -ETIME) {
		log_err("[" NEIGHBOURS_JAIL "] cannot ban %s: %s",
			ipaddr_format(&v->net, net), strerror(-how));
	}
}

void neighbours_note(struct neighbours *n, const struct ban *ban)
{
	struct aggregate_verdict v;

	/* Bans by hand and of networks say nothing about neighbours. */
	if (!n->counts || !ban->failures || streq(ban->jail, NEIGHBOURS_JAIL))
		return;
	if (aggregate_note(n->counts, &ban->who, ban->since, &v) > 0)
		ban_net(n, &v, ban->since);
}

/* ---- counts -------------------------------------------------------------- */

void neighbours_forget(struct neighbours *n, const struct ipaddr *who)
{
	if (n->counts)
		aggregate_forget(n->counts, who);
}

void neighbours_purge(struct neighbours *n, wall_t now)
{
	if (n->counts)
		aggregate_purge(n->counts, now);
}

void neighbours_export(struct neighbours *n, aggregate_export_fn *fn, void *ctx)
{
	if (n->counts)
		aggregate_export(n->counts, fn, ctx);
}

void neighbours_touch(struct neighbours *n)
{
	if (n->counts)
		aggregate_touch(n->counts);
}

int neighbours_import(struct neighbours *n, const void *key, size_t key_len,
		      const void *value, size_t value_len)
{
	if (!n->counts)
		return -EINVAL;
	return aggregate_import(n->counts, key, key_len, value, value_len);
}

struct neighbours_stats neighbours_stats(const struct neighbours *n)
{
	struct neighbours_stats s = n->stats;

	if (n->counts) {
		s.nets = aggregate_nets(n->counts);
		s.evicted = aggregate_evicted(n->counts);
	}
	return s;
}
