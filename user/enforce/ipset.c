// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipset - the backend of iptables with sets.  Sets are spoken to by netlink:
 * many elements in one message; the few rules that ask them by ipt_chain.c.
 *
 *   xdpban-allow-4		never dropped
 *   xdpban-all-4		every packet is dropped
 *   xdpban-1a2b3c4d-4		some ports only; the number is a hash of which,
 *				so that a daemon that comes later finds them
 *
 * The kernel ends elements on time and counts what each one dropped.
 */
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "ipt.h"
#include "ladder.h"
#include "netlink.h"
#include "resync.h"
#include "scopes.h"

#define PROTOCOL	6		/* of ipset's messages; kernels know it since 2.6.39 */
#define REVISION	6		/* of hash:net; since 3.18 */
#define LIST_MAX	(32u << 10)	/* bytes of elements in one message */
#define TIMEOUT_MAX	2147483		/* seconds; what ipset can count to */
#define ALLOW		SCOPES_MAX	/* stands for a scope where sets are named */
#define FRESH_NS	(NS_PER_S / 4)	/* how old counters may be */

struct ipset {
	struct enforcer e;
	struct nl nl;
	struct nlbuf out;
	struct scopes scopes;
	uint8_t made[SCOPES_MAX + 1];	/* bit 0: the set for IPv4, bit 1: for IPv6 */
	size_t n_rules[2];
	bool has6;
	bool known;			/* the rules are ours, of this run */
	struct ipaddr *allow;		/* owns */
	size_t n_allow;
	uint32_t max[2];
	struct snapshot seen;		/* for counters, */
	boot_t seen_at;			/* read then */
};

static const char *set_name(const struct ipset *s, unsigned int scope, int family,
			    char out[static IPSET_MAXNAMELEN])
{
	const uint8_t *p = (const uint8_t *)&s->scopes.at[scope % SCOPES_MAX];
	uint32_t hash = 2166136261u;	/* FNV-1a */

	if (scope == ALLOW || scope == ENFORCE_SCOPE_ALL) {
		snprintf(out, IPSET_MAXNAMELEN, "xdpban-%s-%d",
			 scope == ALLOW ? "allow" : "all", family);
		return out;
	}
	for (size_t i = 0; i < sizeof(s->scopes.at[0]); i++)
		hash = (hash ^ p[i]) * 16777619u;
	snprintf(out, IPSET_MAXNAMELEN, "xdpban-%08x-%d", hash, family);
	return out;
}

/* ---- messages ---------------------------------------------------------------------------- */

static void message(struct ipset *s, int command, uint16_t flags, const char *name)
{
	nlbuf_msg(&s->nl, &s->out, (uint16_t)(NFNL_SUBSYS_IPSET << 8 | command), flags,
		  NFPROTO_IPV4);
	nlbuf_u8(&s->out, IPSET_ATTR_PROTOCOL, PROTOCOL);
	nlbuf_str(&s->out, IPSET_ATTR_SETNAME, name);
}

static void net_u32(struct nlbuf *b, uint16_t type, uint32_t value)
{
	nlbuf_u32(b, type | NLA_F_NET_BYTEORDER, value);
}

/* ipset's own errors begin at 4096. */
static int talk(struct ipset *s)
{
	int err = nl_talk(&s->nl, &s->out, NULL, NULL);

	return err == -IPSET_ERR_TYPE_SPECIFIC ? -ENOSPC : err <= -IPSET_ERR_PRIVATE ? -EPROTO : err;
}

/* A set that is there already is fine. */
static int make_set(struct ipset *s, unsigned int scope, int family)
{
	bool six = family == 6;
	char name[IPSET_MAXNAMELEN];
	size_t data;
	int err;

	if (s->made[scope] >> six & 1)
		return 0;
	message(s, IPSET_CMD_CREATE, NLM_F_ACK, set_name(s, scope, family, name));
	nlbuf_str(&s->out, IPSET_ATTR_TYPENAME, "hash:net");
	nlbuf_u8(&s->out, IPSET_ATTR_REVISION, REVISION);
	nlbuf_u8(&s->out, IPSET_ATTR_FAMILY, six ? NFPROTO_IPV6 : NFPROTO_IPV4);
	data = nlbuf_nest(&s->out, IPSET_ATTR_DATA);
	net_u32(&s->out, IPSET_ATTR_MAXELEM, 2 * s->max[six] + 65536);
	if (scope != ALLOW) {
		net_u32(&s->out, IPSET_ATTR_TIMEOUT, 0);
		net_u32(&s->out, IPSET_ATTR_CADT_FLAGS, IPSET_FLAG_WITH_COUNTERS);
	}
	nlbuf_nest_end(&s->out, data);
	err = talk(s);
	if (!err)
		s->made[scope] |= 1u << six;
	return err;
}

struct list {
	struct ipset *s;
	int command;
	const char *name;
	size_t nest;
	bool open;
};

static void list_end(struct list *l)
{
	if (l->open)
		nlbuf_nest_end(&l->s->out, l->nest);
	l->open = false;
}

/* What ipset cannot count to has no end there, until it can: the banned stay so. */
static boot_t representable(boot_t until, boot_t now)
{
	return until.ns > now.ns + TIMEOUT_MAX * NS_PER_S ? BOOT_NEVER : until;
}

static uint32_t timeout_of(boot_t until, boot_t now)
{
	until = representable(until, now);
	if (until.ns == BOOT_NEVER.ns)
		return 0;
	return (uint32_t)((until.ns - now.ns + NS_PER_S - 1) / NS_PER_S);
}

/* @timeout: in seconds; NULL: the set has none. */
static void list_add(struct list *l, const struct ipaddr *who, const uint32_t *timeout)
{
	struct nlbuf *b = &l->s->out;
	size_t data, ip;

	if (l->open && nlbuf_nest_len(b, l->nest) > LIST_MAX)
		list_end(l);
	if (!l->open) {
		message(l->s, l->command, NLM_F_ACK, l->name);
		net_u32(b, IPSET_ATTR_LINENO, 0);
		l->nest = nlbuf_nest(b, IPSET_ATTR_ADT);
		l->open = true;
	}
	data = nlbuf_nest(b, IPSET_ATTR_DATA);
	ip = nlbuf_nest(b, IPSET_ATTR_IP);
	if (who->family == 4)
		nlbuf_put(b, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, who->bytes, 4);
	else
		nlbuf_put(b, IPSET_ATTR_IPADDR_IPV6 | NLA_F_NET_BYTEORDER, who->bytes, 16);
	nlbuf_nest_end(b, ip);
	nlbuf_u8(b, IPSET_ATTR_CIDR, who->prefix);
	if (timeout)
		net_u32(b, IPSET_ATTR_TIMEOUT, *timeout);
	nlbuf_nest_end(b, data);
}

/* ---- rules ---------------------------------------------------------------------------------- */

struct rules {
	struct str *text;
	const char *set, *target;
	size_t n;
};

static void put_rule(void *ctx, const char *match)
{
	struct rules *r = ctx;

	str_printf(r->text, "-A " IPT_CHAIN " %s-m set --match-set %s src -j %s\n",
		   match, r->set, r->target);
	r->n++;
}

static int write_chain(struct ipset *s, int family)
{
	struct str text = { 0 };
	char name[IPSET_MAXNAMELEN];
	struct rules r = { &text, name, "ACCEPT", 0 };
	int err;

	ipt_chain_begin(&text);
	set_name(s, ALLOW, family, name);
	put_rule(&r, "");
	r.target = "DROP";
	for (unsigned int id = 0; id < SCOPES_MAX; id++) {
		if (!(s->made[id] >> (family == 6) & 1))
			continue;
		set_name(s, id, family, name);
		ipt_matches(id ? &s->scopes.at[id] : NULL, family, put_rule, &r);
	}
	err = ipt_chain_commit(family, &text);
	s->n_rules[family == 6] = r.n;
	str_fini(&text);
	return err;
}

/* The set of @scope, and the rules that ask it. */
static int need(struct ipset *s, unsigned int scope, int family)
{
	int err;

	if (scope >= SCOPES_MAX || (scope && !s->scopes.used[scope]))
		return -EINVAL;
	if (s->made[scope] >> (family == 6) & 1)
		return 0;
	err = make_set(s, scope, family);
	return err ? err : write_chain(s, family);
}

static int make_all(struct ipset *s)
{
	int err = 0;

	memset(s->made, 0, sizeof(s->made));
	for (int family = 4; family <= (s->has6 ? 6 : 4) && !err; family += 2) {
		err = make_set(s, ALLOW, family);
		for (unsigned int id = 0; id < SCOPES_MAX && !err; id++)
			if (!id || s->scopes.used[id])
				err = make_set(s, id, family);
		if (!err)
			err = write_chain(s, family);
	}
	return err;
}

/* ---- bans -------------------------------------------------------------------------------------- */

static const struct enforce_end *end_in(const struct enforce_ban *b, unsigned int scope,
					boot_t now)
{
	for (unsigned int i = 0; i < b->n; i++)
		if (b->ends[i].scope == scope && b->ends[i].until.ns > now.ns)
			return &b->ends[i];
	return NULL;
}

static int write_set(struct ipset *s, unsigned int scope, int family,
		     const struct enforce_ban *bans, size_t n, boot_t now)
{
	char name[IPSET_MAXNAMELEN];
	struct list add = { .s = s, .command = IPSET_CMD_ADD, .name = name };
	struct list del = { .s = s, .command = IPSET_CMD_DEL, .name = name };
	int err;

	set_name(s, scope, family, name);
	for (size_t i = 0; i < n; i++)
		if (bans[i].who.family == family && !end_in(&bans[i], scope, now))
			list_add(&del, &bans[i].who, NULL);
	list_end(&del);
	err = talk(s);
	for (size_t i = 0; i < n && !err; i++) {
		const struct enforce_end *end = end_in(&bans[i], scope, now);
		uint32_t timeout = end ? timeout_of(end->until, now) : 0;

		if (bans[i].who.family == family && end)
			list_add(&add, &bans[i].who, &timeout);
	}
	list_end(&add);
	return err ? err : talk(s);
}

static int try_add(struct ipset *s, const struct enforce_ban *bans, size_t n, boot_t now)
{
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		for (unsigned int j = 0; j < bans[i].n && !err; j++)
			if (bans[i].who.family == 4 || s->has6)
				err = need(s, bans[i].ends[j].scope, bans[i].who.family);
	for (unsigned int id = 0; id < SCOPES_MAX; id++)
		for (int family = 4; family <= 6 && !err; family += 2)
			if (s->made[id] >> (family == 6) & 1)
				err = write_set(s, id, family, bans, n, now);
	return err;
}

static int ipset_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct ipset *s = (struct ipset *)e;
	boot_t now = boot_now();	/* the kernel wants to know how long */
	int err = try_add(s, bans, n, now);

	if (err == -ENOENT) {		/* somebody has destroyed our sets */
		err = make_all(s);
		if (!err)
			err = try_add(s, bans, n, now);
	}
	if (err)
		log_err("ipset: cannot write bans: %s", strerror(-err));
	return err;
}

static int ipset_del(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		struct enforce_ban none = { .who = who[i] };
		int err = ipset_add(e, &none, 1);

		if (err)
			ret = err;
	}
	return ret;
}

static int write_allowed(struct ipset *s)
{
	int err = 0;

	for (int family = 4; family <= (s->has6 ? 6 : 4) && !err; family += 2) {
		char name[IPSET_MAXNAMELEN];
		struct list l = { .s = s, .command = IPSET_CMD_ADD, .name = name };

		message(s, IPSET_CMD_FLUSH, NLM_F_ACK, set_name(s, ALLOW, family, name));
		for (size_t i = 0; i < s->n_allow; i++)
			if (s->allow[i].family == family)
				list_add(&l, &s->allow[i], NULL);
		list_end(&l);
		err = talk(s);
	}
	return err;
}

static int ipset_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct ipset *s = (struct ipset *)e;
	struct ipaddr *copy = calloc(n + 1, sizeof(*copy));
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, who, n * sizeof(*who));
	free(s->allow);
	s->allow = copy;
	s->n_allow = n;
	err = write_allowed(s);
	if (err)
		log_err("ipset: cannot write the allowlist: %s", strerror(-err));
	return err;
}

/* ---- reading --------------------------------------------------------------------------------------- */

struct reading {
	unsigned int scope;
	int family;
	boot_t now;
	enforce_entry_fn *fn;
	void *ctx;
	int ret;
};

static bool decode(struct nlval attrs, const struct reading *r, struct enforce_entry *out)
{
	struct nlval ip = nl_get(nl_get(attrs, IPSET_ATTR_IP), r->family == 4 ?
				 IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6);
	struct nlval cidr = nl_get(attrs, IPSET_ATTR_CIDR);
	uint32_t left = nlval_u32(nl_get(attrs, IPSET_ATTR_TIMEOUT));
	struct enforce_end end = { (uint16_t)r->scope, BOOT_NEVER };

	if (ip.len != (r->family == 4 ? 4u : 16u))
		return false;
	if (left)
		end.until.ns = r->now.ns + left * NS_PER_S;
	*out = (struct enforce_entry){
		.ban = { .who = { .family = (uint8_t)r->family }, .n = 1, .ends = { end } },
		.hits.frames = nlval_u64(nl_get(attrs, IPSET_ATTR_PACKETS)),
		.hits.bytes = nlval_u64(nl_get(attrs, IPSET_ATTR_BYTES)),
	};
	out->ban.who.prefix = cidr.data ? nlval_u8(cidr) : r->family == 4 ? 32 : 128;
	memcpy(out->ban.who.bytes, ip.data, ip.len);
	return true;
}

static void on_list(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct nlval list = nl_get(attrs, IPSET_ATTR_ADT), data;
	struct reading *r = ctx;
	uint16_t kind;

	(void)seq, (void)type;
	while (!err && !r->ret && nl_next(&list, &data, &kind)) {
		struct enforce_entry entry;

		if (kind == IPSET_ATTR_DATA && decode(data, r, &entry))
			r->ret = r->fn(r->ctx, &entry);
	}
}

static int ipset_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	struct ipset *s = (struct ipset *)e;
	struct reading r = { .now = now, .fn = fn, .ctx = ctx };
	char name[IPSET_MAXNAMELEN];
	int err = 0;

	for (r.scope = 0; r.scope < SCOPES_MAX && !err && !r.ret; r.scope++)
		for (r.family = 4; r.family <= 6; r.family += 2) {
			if (!(s->made[r.scope] >> (r.family == 6) & 1))
				continue;
			message(s, IPSET_CMD_LIST, NLM_F_DUMP,
				set_name(s, r.scope, r.family, name));
			err = nl_dump(&s->nl, &s->out, on_list, &r);
			if (err == -ENOENT || err == -EINTR)
				err = 0;
		}
	return err ? err : r.ret;
}

/* ipset can only be asked for everything: now and then is enough. */
static int ipset_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		      struct enforce_hits *out)
{
	struct ipset *s = (struct ipset *)e;
	const struct enforce_entry *entry;
	int err = 0;

	if (!s->seen.made || now.ns - s->seen_at.ns > FRESH_NS) {
		err = snapshot_take(&s->seen, e, now);
		s->seen_at = now;
	}
	entry = err ? NULL : snapshot_find(&s->seen, who);
	if (entry)
		*out = entry->hits;
	return err ? err : entry ? 0 : -ENOENT;
}

static int sum(void *ctx, const struct enforce_entry *e)
{
	struct enforce_stats *out = ctx;

	out->totals[0].frames += e->hits.frames;
	out->totals[0].bytes += e->hits.bytes;
	if (!ipaddr_is_host(&e->ban.who))
		++*(e->ban.who.family == 4 ? &out->nets4 : &out->nets6);
	return 0;
}

static int ipset_stats(struct enforcer *e, struct enforce_stats *out)
{
	struct ipset *s = (struct ipset *)e;

	out->max_bans4 = s->max[0];
	out->max_bans6 = s->max[1];
	for (size_t i = 0; i < s->n_allow; i++)
		++*(s->allow[i].family == 4 ? &out->allow4 : &out->allow6);
	out->n_totals = 1;
	out->totals[0] = (struct enforce_total){ .reason = "drop-host", .dropped = true };
	return ipset_each(e, (boot_t){ 0 }, sum, out);
}

/* ---- repair ------------------------------------------------------------------------------------------ */

/*
 * A set that is made anew while its rules still stand cannot be told from one
 * that was there; but rules that have gone are seen.
 */
static int repair_rest(struct ipset *s, uint64_t *other)
{
	bool right = s->known && ipt_chain_right(4, s->n_rules[0]) &&
		     (!s->has6 || ipt_chain_right(6, s->n_rules[1]));
	int err = 0;

	*other += s->known && !right;
	if (!right)
		err = make_all(s);
	s->known = !err;
	return err ? err : write_allowed(s);
}

/* The truth, as far as ipset can hold it. */
struct held {
	const struct enforce_truth *truth;
	boot_t now;
};

static void hold(const struct held *h, struct enforce_ban *b)
{
	for (unsigned int i = 0; i < b->n; i++)
		b->ends[i].until = representable(b->ends[i].until, h->now);
}

static bool held_find(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	const struct held *h = ctx;
	bool found = h->truth->find(h->truth->ctx, who, out);

	if (found)
		hold(h, out);
	return found;
}

static bool held_next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	const struct held *h = ctx;
	bool found = h->truth->next(h->truth->ctx, cursor, out);

	if (found)
		hold(h, out);
	return found;
}

static int ipset_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
			     struct enforce_repairs *out)
{
	struct held held = { truth, now };
	struct enforce_truth wanted = { &held, held_find, held_next };
	int err = repair_rest((struct ipset *)e, &out->other);

	if (!err)
		err = resync_bans(e, &wanted, now, out);
	if (err)
		log_err("ipset: cannot compare or repair our sets: %s", strerror(-err));
	return err;
}

/* ---- life ---------------------------------------------------------------------------------------------- */

static int ipset_scope(struct enforcer *e, const struct enforce_scope *scope)
{
	int id = scopes_find(&((struct ipset *)e)->scopes, scope);

	if (id < 0)
		log_err("ipset: more than %d different sets of ports are in use",
			SCOPES_MAX - 1);
	return id;
}

static int ipset_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out)
{
	return scopes_get(&((struct ipset *)e)->scopes, scope, out);
}

static void ipset_close(struct enforcer *e)
{
	struct ipset *s = (struct ipset *)e;

	snapshot_fini(&s->seen);
	nl_close(&s->nl);
	nlbuf_fini(&s->out);
	free(s->allow);
	free(s);
}

static const struct enforcer_ops ipset_ops = {
	.name = "iptables+ipset",
	.net_admin = true,
	.net_raw = true,
	.close = ipset_close,
	.scope = ipset_scope,
	.scope_get = ipset_scope_get,
	.add = ipset_add,
	.del = ipset_del,
	.allow = ipset_allow,
	.resync_step = ipset_resync_step,
	.hits = ipset_hits,
	.each = ipset_each,
	.stats = ipset_stats,
};

static int ipset_alloc(struct ipset **out)
{
	struct ipset *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->e.ops = &ipset_ops;
	err = nl_open(&s->nl);
	if (err)
		ipset_close(&s->e);
	else
		*out = s;
	return err;
}

/* Rules that an earlier daemon left stand until the first resync. */
static int open_family(struct ipset *s, int family)
{
	int err = make_set(s, ALLOW, family);

	if (!err)
		err = make_set(s, ENFORCE_SCOPE_ALL, family);
	if (!err && !ipt_chain_jumped(family))
		err = write_chain(s, family);
	return err;
}

int enforcer_open_ipset(struct enforcer **out, const struct enforcer_params *p)
{
	struct ipset *s;
	int err = ipset_alloc(&s);

	if (err)
		return err;
	s->max[0] = p->max_bans4;
	s->max[1] = p->max_bans6;
	err = open_family(s, 4);
	if (!err) {
		s->has6 = !open_family(s, 6);
		*out = &s->e;
		return 0;
	}
	ipset_close(&s->e);
	return err;
}

static int ask_header(struct ipset *s, const char *name)
{
	message(s, IPSET_CMD_HEADER, NLM_F_ACK, name);
	return talk(s);
}

/* Which scopes the other sets are for only the daemon knows. */
int enforcer_look_ipset(struct enforcer **out)
{
	char name[IPSET_MAXNAMELEN];
	struct ipset *s;
	int err = ipset_alloc(&s);

	if (err)
		return err;
	for (int family = 4; family <= 6; family += 2)
		if (!ask_header(s, set_name(s, ENFORCE_SCOPE_ALL, family, name)))
			s->made[ENFORCE_SCOPE_ALL] |= 1u << (family == 6);
	if (!s->made[ENFORCE_SCOPE_ALL]) {
		ipset_close(&s->e);
		return -ENOENT;
	}
	*out = &s->e;
	return 0;
}

/* ---- removal --------------------------------------------------------------------------------------------- */

struct names {
	char (*v)[IPSET_MAXNAMELEN];	/* owns */
	size_t n;
	int err;
};

static void on_name(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct names *names = ctx;
	char name[IPSET_MAXNAMELEN];
	void *more;

	(void)seq, (void)type;
	nlval_copy(nl_get(attrs, IPSET_ATTR_SETNAME), name, sizeof(name));
	if (err || !starts_with(name, "xdpban-"))
		return;
	if (names->n && streq(names->v[names->n - 1], name))
		return;		/* a set comes in several pieces */
	more = reallocarray(names->v, names->n + 1, sizeof(*names->v));
	if (!more) {
		names->err = -ENOMEM;
		return;
	}
	names->v = more;
	memcpy(names->v[names->n++], name, sizeof(name));
}

static int our_sets(struct ipset *s, struct names *out)
{
	int err;

	nlbuf_msg(&s->nl, &s->out, NFNL_SUBSYS_IPSET << 8 | IPSET_CMD_LIST, NLM_F_DUMP,
		  NFPROTO_IPV4);
	nlbuf_u8(&s->out, IPSET_ATTR_PROTOCOL, PROTOCOL);
	net_u32(&s->out, IPSET_ATTR_FLAGS, IPSET_FLAG_LIST_SETNAME);
	err = nl_dump(&s->nl, &s->out, on_name, out);
	return err ? err : out->err;
}

/* The kernel lets go of a set some time after the last rule that named it. */
static int destroy(struct ipset *s, const char *name)
{
	int err = -EBUSY;

	for (int tries = 0; err && err != -ENOENT && tries < 100; tries++) {
		message(s, IPSET_CMD_DESTROY, NLM_F_ACK, name);
		err = nl_talk(&s->nl, &s->out, NULL, NULL);
		if (err)
			usleep(10000);
	}
	return err == -ENOENT ? 0 : err <= -IPSET_ERR_PRIVATE ? -EBUSY : err;
}

int enforcer_remove_ipset(void)
{
	struct names names = { 0 };
	struct ipset *s;
	int err = ipset_alloc(&s);

	if (err)
		return err;
	err = our_sets(s, &names);
	if (!err && !names.n)
		err = -ENOENT;
	for (int family = 4; family <= 6 && !err; family += 2) {
		err = ipt_chain_remove(family);
		if (err == -ENOENT)
			err = 0;
	}
	for (size_t i = 0; i < names.n && !err; i++)
		err = destroy(s, names.v[i]);
	free(names.v);
	ipset_close(&s->e);
	return err;
}
