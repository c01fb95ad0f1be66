// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's copy of the bans: telling it, comparing it, and what a ban shuts. */
#include <errno.h>

#include "base/log.h"
#include "keeping/bans_private.h"

static bool effects_of(struct bans *b, const struct ipaddr *who, struct enforce_ban *out)
{
	struct ban_effect effects[ENFORCE_ENDS * 2];
	size_t n = ban_store_effects(b->store, who, effects, ARRAY_SIZE(effects));

	*out = (struct enforce_ban){ .who = *who };
	for (size_t i = 0; i < n && i < ARRAY_SIZE(effects); i++)
		enforce_ban_add(out, effects[i].scope, effects[i].until);
	return n;
}

int bans_enforce_pending(struct bans *b)
{
	struct enforce_ban bans[PENDING];
	size_t n = b->n_pending;
	int err;

	b->n_pending = 0;
	if (b->restoring || !n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		effects_of(b, &b->pending[i].who, &bans[i]);
		bans[i].anew = b->pending[i].anew;
	}
	err = enforcer_add(b->enforcer, bans, n);
	b->stats.backend_errors += err != 0;
	b->stats.last_error = err;
	b->many_err = err ? err : b->many_err;
	return err;
}

void bans_enforce_later(struct bans *b, const struct ipaddr *who, bool anew)
{
	if (b->n_pending == PENDING)
		bans_enforce_pending(b);
	/* What a former run has left in the kernel is known after the comparison. */
	b->pending[b->n_pending++] = (struct pending){ *who, anew && b->settled };
}

static bool truth_find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	return effects_of(ctx, who, out);
}

static bool truth_next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	struct bans *b = ctx;
	struct ban_cursor c = { *cursor };
	struct ipaddr who;

	if (!ban_store_next_address(b->store, &c, &who))
		return false;
	*cursor = c.at;
	effects_of(b, &who, out);
	return true;
}

static size_t truth_count(void *ctx)
{
	struct bans *b = ctx;

	return ban_store_stats(b->store).addresses;
}

static struct enforce_truth truth_of(struct bans *b)
{
	return (struct enforce_truth){ b, truth_find, truth_next, truth_count };
}

/* Most are there already after a restart, and none after a boot. */
int bans_enforce_all(struct bans *b)
{
	struct enforce_truth truth = truth_of(b);

	truth.partial = true;
	return enforcer_resync(b->enforcer, &truth, boot_now, NULL);
}

/*
 * What a pass gave.  What the first one after the start finds too much was banned
 * by the last run, and not written down when that died; lines that led to it have
 * been read again by now, so what is still too much is over.
 */
static void resynced(struct bans *b, int err, const struct enforce_repairs *r)
{
	b->stats.repaired += r->missing + r->changed + r->other;
	b->stats.foreign += b->settled ? r->foreign : 0;
	b->stats.last_error = err;
	b->stats.backend_errors += err != 0;
	b->settled = true;
}

static void say_repaired(const struct enforce_repairs *r)
{
	if (r->missing + r->changed + r->foreign + r->other)
		log_warn("bans: repaired the kernel's copy: %llu were missing, %llu "
			 "changed, %llu not ours, %llu other",
			 (unsigned long long)r->missing, (unsigned long long)r->changed,
			 (unsigned long long)r->foreign, (unsigned long long)r->other);
}

int bans_resync(struct bans *b)
{
	struct enforce_truth truth = truth_of(b);
	struct enforce_repairs r = { 0 };
	int err;

	/* What the store does not know may be a ban that it is still to be given. */
	if (!b->complete)
		return 0;
	bans_tell_all(b);
	err = enforcer_resync(b->enforcer, &truth, boot_now, &r);
	resynced(b, err, &r);
	say_repaired(&r);
	return err;
}

bool bans_resync_step(struct bans *b)
{
	struct enforce_truth truth = truth_of(b);
	struct enforce_repairs r = { 0 };
	int ret;

	if (!b->complete)
		return true;
	bans_tell_all(b);
	/* What came before in this turn of the loop may have taken seconds. */
	ret = enforcer_resync_step(b->enforcer, &truth, boot_now(), &r);
	enforce_repairs_add(&b->pass, &r);
	if (ret > 0)
		return false;
	resynced(b, ret, &b->pass);
	say_repaired(&b->pass);
	b->pass = (struct enforce_repairs){ 0 };
	return true;
}

#define SAMPLE	32	/* who empties a map takes all of them */

/* Bans that are about to end may have, which is right. */
static bool lasts(struct bans *b, const struct ipaddr *who)
{
	uint64_t soon = boot_now().ns + NS_PER_S;
	struct enforce_ban ban;

	effects_of(b, who, &ban);
	for (unsigned int i = 0; i < ban.n; i++)
		if (ban.ends[i].until.ns > soon)
			return true;
	return false;
}

size_t bans_gone(struct bans *b, size_t *asked)
{
	struct ban_cursor c = { 0 };
	struct enforce_hits hits;
	struct ipaddr who;
	size_t gone = 0;

	*asked = 0;
	/* Without sets, each question would read the chain with programs. */
	if (b->restoring || b->n_pending || streq(enforcer_name(b->enforcer), "iptables"))
		return 0;
	while (*asked < SAMPLE && ban_store_next_address(b->store, &c, &who)) {
		if (!lasts(b, &who))
			continue;
		++*asked;
		gone += enforcer_hits(b->enforcer, &who, loop_boot(b->loop), &hits) == -ENOENT;
	}
	return gone;
}

/* ---- scopes -------------------------------------------------------------- */

static int add_scope(struct enforce_scope *s, const struct config_scope *c)
{
	int err = 0;

	for (size_t i = 0; i < c->n_protocols; i++)
		enforce_scope_protocol(s, c->protocols[i]);
	for (size_t i = 0; i < c->n_ports && !err; i++)
		err = enforce_scope_ports(s, c->ports[i].first, c->ports[i].last);
	return err;
}

int bans_scope_of(const struct config_jail *jail, struct enforce_scope *out)
{
	bool native = false, every_protocol = false, every_port = false;
	int err = 0;

	*out = (struct enforce_scope){ 0 };
	for (size_t i = 0; i < jail->n_actions && !err; i++) {
		const struct config_action *a = &jail->actions[i];

		if (!a->native)
			continue;
		native = true;
		every_protocol |= !a->scope.n_protocols;
		every_port |= !a->scope.n_ports;
		err = add_scope(out, &a->scope);
	}
	if (every_protocol)
		memset(out->protocols, 0, sizeof(out->protocols));
	if (every_port)
		out->n_ports = 0;
	if (err || !native)
		return err ? err : -ENOENT;
	return !every_protocol || !every_port;
}

int bans_scope(struct bans *b, const struct config_jail *jail, int *id)
{
	struct enforce_scope s;
	int some = bans_scope_of(jail, &s), scope;

	*id = some == -ENOENT ? LANE_REPORTS : ENFORCE_SCOPE_ALL;
	if (some <= 0)
		return some == -ENOENT ? 0 : some;
	scope = enforcer_scope(b->enforcer, &s);
	if (scope >= 0)
		*id = scope;
	return scope < 0 ? scope : 0;
}

uint16_t bans_scope_number(struct bans *b, const char *text)
{
	struct enforce_scope s;
	int id = ENFORCE_SCOPE_ALL;

	if (text && !streq(text, "all") && !enforce_scope_parse(text, &s))
		id = enforcer_scope(b->enforcer, &s);
	return id > 0 ? (uint16_t)id : ENFORCE_SCOPE_ALL;
}
