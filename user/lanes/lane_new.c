// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/lane_private.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/str.h"

enum { TEXT_BUDGET = 4 << 20 };	/* bytes of kept lines for each jail */

static int64_t us_of(double seconds)
{
	if (seconds < 0)
		return BANTIME_FOREVER;
	return seconds > 3e11 ? (int64_t)3e17 : (int64_t)llround(seconds * 1e6);
}

/* ---- building ------------------------------------------------------------ */

static int build_stamp(struct lane *l, struct regex_env *env, wall_t now,
		       struct diag *d)
{
	const struct config_filter *f = &l->conf->filter;
	struct stamp_spec spec = {
		.patterns = f->datepattern.v, .n = f->datepattern.n,
		.timezone = l->conf->logtimezone,
	};

	return stamp_new(&l->stamp, &spec, env, now, d);
}

static int build_filter(struct lane *l, struct regex_env *env, struct diag *d)
{
	const struct config_filter *f = &l->conf->filter;
	struct filter_spec spec = {
		.name = l->conf->name, .prefregex = f->prefregex,
		.failregex = f->failregex.v, .n_failregex = f->failregex.n,
		.ignoreregex = f->ignoreregex.v, .n_ignoreregex = f->ignoreregex.n,
		.maxlines = f->maxlines > 1 ? (unsigned int)f->maxlines : 1,
		.names = f->usedns == USEDNS_NO ? FILTER_NAMES_NONE :
			 f->usedns == USEDNS_RAW ? FILTER_NAMES_RAW :
			 FILTER_NAMES_RESOLVE,
	};

	return filter_new(&l->filter, &spec, env, d);
}

static struct escalation escalation_of(const struct config_increment *c)
{
	return (struct escalation){
		.increment = c->on, .overalljails = c->overalljails,
		.factor = c->factor, .formula = c->formula,
		.multipliers = c->multipliers, .n_multipliers = c->n_multipliers,
		.maxtime_us = c->maxtime > 0 ? us_of(c->maxtime) : 0,
		.rndtime_us = c->rndtime > 0 ? us_of(c->rndtime) : 0,
	};
}

/*
 * SIP comes by UDP, where everybody can write any sender.  As long as nothing can
 * be done about a sender without proof but to ban him, all count alike.
 */
static bool wants_proof(const struct config_jail *c, bool graded)
{
	if (c->evidence != EVIDENCE_AUTO)
		return c->evidence == EVIDENCE_PROVEN;
	return graded && c->sip;
}

static int build_jail(struct lane *l, const struct lane_params *p)
{
	const struct config_jail *c = l->conf;
	struct jail_policy policy = {
		.name = c->name,
		.window = {
			.maxretry = c->maxretry > 0 ? (uint32_t)c->maxretry : 1,
			.findtime_us = us_of(c->findtime),
			.maxmatches = p->no_lines || c->maxmatches < 0 ? 0 :
				      (uint32_t)c->maxmatches,
			.max_ids = p->max_ids, .pool = p->pool, .max_text = TEXT_BUDGET,
		},
		.count_prefix6 = p->ipv6_prefix,
		.wants_proof = wants_proof(c, p->graded),
		.bantime_us = us_of(c->bantime),
		.escalation = escalation_of(&c->increment),
		.past = p->past, .random = p->random, .ctx = p->ops.ctx,
	};

	return jail_new(&l->jail, &policy);
}

static int build_allow(struct lane *l, struct diag *d)
{
	const struct texts *words = &l->conf->ignoreip;
	int err;

	l->allow = allowlist_new(l->conf->name);
	if (!l->allow)
		return -ENOMEM;
	for (size_t i = 0; i < words->n; i++) {
		err = allowlist_add(l->allow, words->v[i].s, strlen(words->v[i].s));
		if (err == -ENOMEM)
			return err;
		if (err)
			diag_error(d, &words->v[i], "ignoreip '%s': %s",
				   words->v[i].s, strerror(-err));
		else if (!allowlist_word_is_plain(words->v[i].s, strlen(words->v[i].s)))
			diag_warn(d, &words->v[i], "ignoreip '%s' is no address, network, "
				  "host name or file: it spares no address", words->v[i].s);
	}
	return 0;
}

static int build_ignorecache(struct lane *l)
{
	const struct config_ignorecache *c = &l->conf->ignorecache;

	if (!c->key.s || c->max_count <= 0)
		return 0;
	l->ignorecache = ignorecache_new((size_t)c->max_count,
					 (uint64_t)(c->max_time * NS_PER_S));
	return l->ignorecache ? 0 : -ENOMEM;
}

/* Lines about logins and challenges are many, and of use only for grades. */
static int choose_what_to_hear(struct lane *l)
{
	if (!l->ops.hit && !l->ops.success && !jail_policy(l->jail)->wants_proof)
		l->deaf = filter_informs(l->filter);
	return filter_leave_out(l->filter, l->deaf);
}

int lane_new(struct lane **out, const struct lane_params *p, wall_t now,
	     struct diag *d)
{
	struct lane *l = calloc(1, sizeof(*l));
	int err, again;

	if (!l)
		return -ENOMEM;
	l->conf = p->conf;
	l->ops = p->ops;
	l->everyone = p->everyone;
	l->as_logged = p->as_logged;
	l->challenges = p->challenges;
	/* Both, so that one run of `check` shows the problems of both. */
	err = build_stamp(l, p->env, now, d);
	again = build_filter(l, p->env, d);
	err = err ? err : again;
	if (!err)
		err = build_jail(l, p);
	if (!err)
		err = build_allow(l, d);
	if (!err)
		err = build_ignorecache(l);
	if (!err)
		err = choose_what_to_hear(l);
	if (err) {
		lane_free(l);
		return err;
	}
	*out = l;
	return 0;
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	stamp_free(l->stamp);
	filter_free(l->filter);
	jail_free(l->jail);
	allowlist_free(l->allow);
	ignorecache_free(l->ignorecache);
	free(l);
}

/* Fields that the new filter does not have are left out; so is all without memory. */
static void inherit_sessions(struct lane *l, struct lane *old)
{
	struct str saved = { 0 };

	filter_touch(old->filter);
	filter_save(old->filter, &saved);
	if (saved.len && !saved.failed)
		filter_restore(l->filter, saved.s, saved.len);
	filter_touch(l->filter);
	str_fini(&saved);
}

int lane_inherit(struct lane *l, struct lane *old)
{
	struct jail *kept = old->jail;
	int err = jail_set_policy(kept, jail_policy(l->jail));

	if (err)
		return err;
	old->jail = l->jail;
	l->jail = kept;
	l->stats = old->stats;
	if (l->stats.doubtful)
		l->deaf = filter_informs(l->filter);
	inherit_sessions(l, old);
	return 0;
}

/* ---- what others may look at --------------------------------------------- */

const struct config_jail *lane_conf(const struct lane *l)
{
	return l->conf;
}

const struct lane_stats *lane_stats(const struct lane *l)
{
	return &l->stats;
}

struct jail *lane_jail(struct lane *l)
{
	return l->jail;
}

struct allowlist *lane_allow(struct lane *l)
{
	return l->allow;
}

struct ignorecache *lane_ignorecache(struct lane *l)
{
	return l->ignorecache;
}

struct stamp *lane_stamp(struct lane *l)
{
	return l->stamp;
}

struct filter *lane_filter(struct lane *l)
{
	return l->filter;
}

void lane_set_scope(struct lane *l, int scope)
{
	l->scope = scope;
}

int lane_scope(const struct lane *l)
{
	return l->scope;
}
