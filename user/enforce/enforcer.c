// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.h"

#include <errno.h>

void enforcer_close(struct enforcer *e)
{
	if (e)
		e->ops->close(e);
}

const char *enforcer_name(const struct enforcer *e)
{
	return e->ops->name;
}

bool enforcer_forgets(const struct enforcer *e)
{
	return e->ops->forgets;
}

bool enforcer_needs_net_admin(const struct enforcer *e)
{
	return e->ops->net_admin;
}

bool enforcer_needs_net_raw(const struct enforcer *e)
{
	return e->ops->net_raw;
}

bool enforcer_starts_programs(const struct enforcer *e)
{
	return e->ops->programs;
}

bool enforcer_needs_bpf(const struct enforcer *e)
{
	return e->ops->needs_bpf && e->ops->needs_bpf(e);
}

int enforcer_scope(struct enforcer *e, const struct enforce_scope *s)
{
	return e->ops->scope ? e->ops->scope(e, s) : -EOPNOTSUPP;
}

int enforcer_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out)
{
	return e->ops->scope_get ? e->ops->scope_get(e, scope, out) : -EOPNOTSUPP;
}

int enforcer_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	return e->ops->add ? e->ops->add(e, bans, n) : -EOPNOTSUPP;
}

int enforcer_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	return e->ops->allow ? e->ops->allow(e, who, n) : -EOPNOTSUPP;
}

int enforcer_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
			 struct enforce_repairs *out)
{
	*out = (struct enforce_repairs){ 0 };
	return e->ops->resync_step ? e->ops->resync_step(e, truth, now, out) : -EOPNOTSUPP;
}

bool enforcer_wants_resync(const struct enforcer *e)
{
	return e->ops->wants_resync && e->ops->wants_resync(e);
}

void enforce_repairs_add(struct enforce_repairs *sum, const struct enforce_repairs *r)
{
	sum->checked += r->checked;
	sum->missing += r->missing;
	sum->changed += r->changed;
	sum->foreign += r->foreign;
	sum->expired += r->expired;
	sum->other += r->other;
}

int enforcer_resync(struct enforcer *e, const struct enforce_truth *truth,
		    enforce_clock_fn *clock, struct enforce_repairs *out)
{
	struct enforce_repairs sum = { 0 }, step;
	int ret;

	if (e->ops->resync_stop)
		e->ops->resync_stop(e);
	do {
		ret = enforcer_resync_step(e, truth, clock(), &step);
		enforce_repairs_add(&sum, &step);
	} while (ret > 0);
	if (out)
		*out = sum;
	return ret;
}

int enforcer_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		  struct enforce_hits *out)
{
	*out = (struct enforce_hits){ 0 };
	return e->ops->hits ? e->ops->hits(e, who, now, out) : -EOPNOTSUPP;
}

int enforcer_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	return e->ops->each ? e->ops->each(e, now, fn, ctx) : -EOPNOTSUPP;
}

int enforcer_stats(struct enforcer *e, struct enforce_stats *out)
{
	*out = (struct enforce_stats){ 0 };
	return e->ops->stats ? e->ops->stats(e, out) : -EOPNOTSUPP;
}

static void drop_end(struct enforce_ban *b, unsigned int i)
{
	b->ends[i] = b->ends[--b->n];
}

/* Is there an end that already says at least this much? */
static bool says(const struct enforce_ban *b, uint16_t scope, boot_t until)
{
	for (unsigned int i = 0; i < b->n; i++) {
		const struct enforce_end *e = &b->ends[i];

		if ((e->scope == scope || e->scope == ENFORCE_SCOPE_ALL) &&
		    e->until.ns >= until.ns)
			return true;
	}
	return false;
}

static void put_end(struct enforce_ban *b, uint16_t scope, boot_t until)
{
	for (unsigned int i = 0; i < b->n; ) {
		struct enforce_end *e = &b->ends[i];

		if (e->scope == scope || (scope == ENFORCE_SCOPE_ALL &&
					  e->until.ns <= until.ns))
			drop_end(b, i);
		else
			i++;
	}
	b->ends[b->n++] = (struct enforce_end){ scope, until };
}

/* Make the end that comes soonest, of some ports only, one of every packet. */
static void widen_soonest(struct enforce_ban *b)
{
	int soonest = -1;
	boot_t until;

	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].scope != ENFORCE_SCOPE_ALL &&
		    (soonest < 0 || b->ends[i].until.ns < b->ends[soonest].until.ns))
			soonest = (int)i;
	until = b->ends[soonest].until;
	drop_end(b, soonest);
	put_end(b, ENFORCE_SCOPE_ALL, until);
}

bool enforce_ban_add(struct enforce_ban *b, uint16_t scope, boot_t until)
{
	bool fits = true;

	if (says(b, scope, until))
		return true;
	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].scope == scope)
			drop_end(b, i);
	/* Twice at most: the second one replaces what the first one became. */
	while (b->n == ENFORCE_ENDS) {
		fits = false;
		widen_soonest(b);
	}
	put_end(b, scope, until);
	return fits;
}
