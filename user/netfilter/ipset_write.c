// SPDX-License-Identifier: GPL-2.0-or-later
/* ipset_write - messages, sets, rules, and the bans in them. */
#include "ipset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "ipt.h"

#define REVISION	6		/* of hash:net; since 3.18 */
#define LIST_MAX	(32u << 10)	/* bytes of elements in one message */
#define TIMEOUT_MAX	2147483		/* seconds; what ipset can count to */

const char *ipset_name(const struct ipset *s, unsigned int scope, int family,
		       char out[static IPSET_MAXNAMELEN])
{
	const uint8_t *p = (const uint8_t *)&s->scopes.at[scope % SCOPES_MAX];
	uint32_t hash = 2166136261u;	/* FNV-1a */

	if (scope == IPSET_ALLOW || scope == ENFORCE_SCOPE_ALL) {
		snprintf(out, IPSET_MAXNAMELEN, "xdpban-%s-%d",
			 scope == IPSET_ALLOW ? "allow" : "all", family);
		return out;
	}
	for (size_t i = 0; i < sizeof(s->scopes.at[0]); i++)
		hash = (hash ^ p[i]) * 16777619u;
	snprintf(out, IPSET_MAXNAMELEN, "xdpban-%08x-%d", hash, family);
	return out;
}

/* ---- messages ---------------------------------------------------------------------------- */

void ipset_message(struct ipset *s, int command, uint16_t flags, const char *name)
{
	nlbuf_msg(&s->nl, &s->out, (uint16_t)(NFNL_SUBSYS_IPSET << 8 | command), flags,
		  NFPROTO_IPV4);
	nlbuf_u8(&s->out, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_OURS);
	nlbuf_str(&s->out, IPSET_ATTR_SETNAME, name);
}

static void net_u32(struct nlbuf *b, uint16_t type, uint32_t value)
{
	nlbuf_u32(b, type | NLA_F_NET_BYTEORDER, value);
}

/* ipset's own errors begin at 4096. */
int ipset_talk(struct ipset *s)
{
	int err = nl_talk(&s->nl, &s->out, NULL, NULL);

	if (err == -IPSET_ERR_TYPE_SPECIFIC)
		return -ENOSPC;
	return err <= -IPSET_ERR_PRIVATE ? -EPROTO : err;
}

int ipset_make(struct ipset *s, unsigned int scope, int family)
{
	bool six = family == 6;
	char name[IPSET_MAXNAMELEN];
	size_t data;
	int err;

	if (s->made[scope] >> six & 1)
		return 0;
	ipset_message(s, IPSET_CMD_CREATE, NLM_F_ACK, ipset_name(s, scope, family, name));
	nlbuf_str(&s->out, IPSET_ATTR_TYPENAME, "hash:net");
	nlbuf_u8(&s->out, IPSET_ATTR_REVISION, REVISION);
	nlbuf_u8(&s->out, IPSET_ATTR_FAMILY, six ? NFPROTO_IPV6 : NFPROTO_IPV4);
	data = nlbuf_nest(&s->out, IPSET_ATTR_DATA);
	net_u32(&s->out, IPSET_ATTR_MAXELEM, 2 * s->max[six] + 65536);
	if (scope != IPSET_ALLOW) {
		net_u32(&s->out, IPSET_ATTR_TIMEOUT, 0);
		net_u32(&s->out, IPSET_ATTR_CADT_FLAGS, IPSET_FLAG_WITH_COUNTERS);
	}
	nlbuf_nest_end(&s->out, data);
	err = ipset_talk(s);
	if (!err)
		s->made[scope] |= 1u << six;
	return err;
}

/*
 * Elements, in as many messages as it takes.  The kernel counts the seconds of a
 * ban from when it gets to it, so a message is sent as soon as it is full.
 */
struct list {
	struct ipset *s;
	int command;
	const char *name;
	size_t nest;
	bool open;
	boot_t begun;		/* the message that is open */
	int err;		/* the first one; we go on */
};

static void list_begin(struct list *l)
{
	ipset_message(l->s, l->command, NLM_F_ACK, l->name);
	net_u32(&l->s->out, IPSET_ATTR_LINENO, 0);
	l->nest = nlbuf_nest(&l->s->out, IPSET_ATTR_ADT);
	l->open = true;
	l->begun = boot_now();
}

/* Send what there is, in front of the list too. */
static int list_send(struct list *l)
{
	int err;

	if (l->open)
		nlbuf_nest_end(&l->s->out, l->nest);
	l->open = false;
	err = ipset_talk(l->s);
	if (!l->err)
		l->err = err;
	return l->err;
}

boot_t ipset_reach(boot_t now)
{
	return (boot_t){ now.ns + TIMEOUT_MAX * NS_PER_S };
}

/* In seconds; 0 is for ever. */
static uint32_t timeout_of(const struct list *l, boot_t until)
{
	if (until.ns > l->s->reach.ns)
		return 0;
	if (until.ns <= l->begun.ns)
		return 1;
	return (uint32_t)((until.ns - l->begun.ns + NS_PER_S - 1) / NS_PER_S);
}

/* @until NULL: an element of no time, or to be deleted. */
static void list_add(struct list *l, const struct ipaddr *who, const boot_t *until)
{
	struct nlbuf *b = &l->s->out;
	size_t data, ip;

	if (l->open && nlbuf_nest_len(b, l->nest) > LIST_MAX)
		list_send(l);
	if (!l->open)
		list_begin(l);
	data = nlbuf_nest(b, IPSET_ATTR_DATA);
	ip = nlbuf_nest(b, IPSET_ATTR_IP);
	if (who->family == 4)
		nlbuf_put(b, IPSET_ATTR_IPADDR_IPV4 | NLA_F_NET_BYTEORDER, who->bytes, 4);
	else
		nlbuf_put(b, IPSET_ATTR_IPADDR_IPV6 | NLA_F_NET_BYTEORDER, who->bytes, 16);
	nlbuf_nest_end(b, ip);
	nlbuf_u8(b, IPSET_ATTR_CIDR, who->prefix);
	if (until)
		net_u32(b, IPSET_ATTR_TIMEOUT, timeout_of(l, *until));
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

int ipset_write_chain(struct ipset *s, int family)
{
	struct str text = { 0 };
	char name[IPSET_MAXNAMELEN];
	struct rules r = { &text, name, "ACCEPT", 0 };
	int err;

	ipt_chain_begin(&text);
	ipset_name(s, IPSET_ALLOW, family, name);
	put_rule(&r, "");
	r.target = "DROP";
	for (unsigned int id = 0; id < SCOPES_MAX; id++) {
		if (!(s->made[id] >> (family == 6) & 1))
			continue;
		ipset_name(s, id, family, name);
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
	err = ipset_make(s, scope, family);
	return err ? err : ipset_write_chain(s, family);
}

int ipset_make_all(struct ipset *s)
{
	int err = 0;

	memset(s->made, 0, sizeof(s->made));
	for (int family = 4; family <= (s->has6 ? 6 : 4) && !err; family += 2) {
		err = ipset_make(s, IPSET_ALLOW, family);
		for (unsigned int id = 0; id < SCOPES_MAX && !err; id++)
			if (!id || s->scopes.used[id])
				err = ipset_make(s, id, family);
		if (!err)
			err = ipset_write_chain(s, family);
	}
	return err;
}

/* ---- bans -------------------------------------------------------------------------- */

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

	ipset_name(s, scope, family, name);
	for (size_t i = 0; i < n; i++)
		if (bans[i].who.family == family && !end_in(&bans[i], scope, now))
			list_add(&del, &bans[i].who, NULL);
	err = list_send(&del);
	for (size_t i = 0; i < n && !err; i++) {
		const struct enforce_end *end = end_in(&bans[i], scope, now);

		if (bans[i].who.family == family && end)
			list_add(&add, &bans[i].who, &end->until);
	}
	return err ? err : list_send(&add);
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

int ipset_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct ipset *s = (struct ipset *)e;
	boot_t now = boot_now();	/* what is over by now, is to go */
	int err = try_add(s, bans, n, now);

	for (size_t i = 0; i < n; i++)
		ipset_touch(s, &bans[i].who);
	if (err == -ENOENT) {		/* somebody has destroyed our sets */
		err = ipset_make_all(s);
		if (!err)
			err = try_add(s, bans, n, now);
	}
	if (err)
		log_err("ipset: cannot write bans: %s", strerror(-err));
	return err;
}

int ipset_write_allowed(struct ipset *s)
{
	int err = 0;

	for (int family = 4; family <= (s->has6 ? 6 : 4) && !err; family += 2) {
		char name[IPSET_MAXNAMELEN];
		struct list l = { .s = s, .command = IPSET_CMD_ADD, .name = name };

		ipset_name(s, IPSET_ALLOW, family, name);
		ipset_message(s, IPSET_CMD_FLUSH, NLM_F_ACK, name);
		for (size_t i = 0; i < s->allowed.n; i++)
			if (s->allowed.list[i].family == family)
				list_add(&l, &s->allowed.list[i], NULL);
		err = list_send(&l);
	}
	return err;
}

int ipset_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct ipset *s = (struct ipset *)e;
	int err = allowed_keep(&s->allowed, who, n);

	if (!err)
		err = ipset_write_allowed(s);
	if (err)
		log_err("ipset: cannot write the allowlist: %s", strerror(-err));
	return err;
}
