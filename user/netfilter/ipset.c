// SPDX-License-Identifier: GPL-2.0-or-later
/* ipset - opening, closing and taking out; ipset.h says what there is. */
#include "ipset.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "ipt.h"
#include "netfilter.h"

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

	ipset_resync_stop(e);
	snapshot_fini(&s->seen);
	nl_close(&s->nl);
	nlbuf_fini(&s->out);
	allowed_fini(&s->allowed);
	free(s);
}

static const struct enforcer_ops ipset_ops = {
	.name = "iptables+ipset",
	.net_admin = true,
	.net_raw = true,
	.programs = true,
	.close = ipset_close,
	.scope = ipset_scope,
	.scope_get = ipset_scope_get,
	.add = ipset_add,
	.allow = ipset_allow,
	.resync_step = ipset_resync_step,
	.resync_stop = ipset_resync_stop,
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
	int err = ipset_make(s, IPSET_ALLOW, family);

	if (!err)
		err = ipset_make(s, ENFORCE_SCOPE_ALL, family);
	if (!err && !ipt_chain_jumped(family))
		err = ipset_write_chain(s, family);
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
	s->reach = ipset_reach(boot_now());
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
	ipset_message(s, IPSET_CMD_HEADER, NLM_F_ACK, name);
	return ipset_talk(s);
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
		if (!ask_header(s, ipset_name(s, ENFORCE_SCOPE_ALL, family, name)))
			s->made[ENFORCE_SCOPE_ALL] |= 1u << (family == 6);
	if (!s->made[ENFORCE_SCOPE_ALL]) {
		ipset_close(&s->e);
		return -ENOENT;
	}
	*out = &s->e;
	return 0;
}

/* ---- removal ----------------------------------------------------------------------- */

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
	nlbuf_u8(&s->out, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_OURS);
	nlbuf_u32(&s->out, IPSET_ATTR_FLAGS | NLA_F_NET_BYTEORDER, IPSET_FLAG_LIST_SETNAME);
	err = nl_dump(&s->nl, &s->out, on_name, out);
	return err ? err : out->err;
}

/* The kernel lets go of a set some time after the last rule that named it. */
static int destroy(struct ipset *s, const char *name)
{
	int err = -EBUSY;

	for (int tries = 0; err && err != -ENOENT && tries < 100; tries++) {
		ipset_message(s, IPSET_CMD_DESTROY, NLM_F_ACK, name);
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
