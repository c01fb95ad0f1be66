// SPDX-License-Identifier: GPL-2.0-or-later
/* nft_table - our table: which sets it has, its hook, its counters. */
#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"

/* After defragmentation (-400), before raw (-300) and conntrack (-200). */
#define PRIORITY	(-310)

/* What nft(8) calls types of keys, and where it keeps a set's comment. */
enum { TYPE_IPV4 = 7, TYPE_IPV6 = 8, UDATA_SET_COMMENT = 7 };

static const char *const counters[] = { "pass-allowed", "drop-host", "drop-net" };

static void message(struct nft *n, int command, uint16_t flags)
{
	nlbuf_msg(&n->nl, &n->out, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | command), flags,
		  NFPROTO_INET);
}

/* ---- names -------------------------------------------------------------------------- */

const char *nft_set_name(const struct nft_set *s, char buf[static NFT_NAME])
{
	if (s->allow)
		snprintf(buf, NFT_NAME, "allow%d.%d", s->family, s->prefix);
	else if (s->scope == ENFORCE_SCOPE_ALL)
		snprintf(buf, NFT_NAME, "ban%d.%d", s->family, s->prefix);
	else
		snprintf(buf, NFT_NAME, "s%u.ban%d.%d", s->scope, s->family, s->prefix);
	return buf;
}

/* Only names that we would give ourselves. */
static bool set_parse(const char *name, struct nft_set *out)
{
	unsigned int scope = 0, family = 0, prefix = 0;
	char again[NFT_NAME];
	bool allow = false;

	if (sscanf(name, "allow%1u.%3u", &family, &prefix) == 2)
		allow = true;
	else if (sscanf(name, "ban%1u.%3u", &family, &prefix) != 2 &&
		 sscanf(name, "s%3u.ban%1u.%3u", &scope, &family, &prefix) != 3)
		return false;
	*out = (struct nft_set){ allow, (uint8_t)family, (uint8_t)prefix, (uint16_t)scope };
	return (family == 4 ? prefix <= 32 : family == 6 && prefix <= 128) &&
	       scope < SCOPES_MAX && streq(nft_set_name(out, again), name);
}

int nft_set_find(const struct nft *n, const struct nft_set *wanted)
{
	for (size_t i = 0; i < n->n_sets; i++) {
		const struct nft_set *s = &n->sets[i];

		if (s->allow == wanted->allow && s->family == wanted->family &&
		    s->prefix == wanted->prefix && s->scope == wanted->scope)
			return (int)i;
	}
	return -1;
}

static int put_set(struct nft *n, const struct nft_set *s)
{
	struct nft_set *more;

	if (n->n_sets == NFT_SETS_MAX)
		return -ENOSPC;
	more = reallocarray(n->sets, n->n_sets + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	n->sets = more;
	n->sets[n->n_sets++] = *s;
	return 0;
}

/* ---- what is there --------------------------------------------------------------------- */

struct loading {
	struct nft *n;
	int err;
};

/* nft(8) keeps comments as a type, a length and the text with its NUL. */
static void take_comment(struct nft *n, unsigned int scope, struct nlval udata)
{
	const uint8_t *p = udata.data;
	char text[256];

	if (udata.len < 3 || p[0] != UDATA_SET_COMMENT || p[1] > udata.len - 2)
		return;
	nlval_copy((struct nlval){ p + 2, p[1] }, text, sizeof(text));
	scopes_set(&n->scopes, scope, text);
}

static void load_one(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct loading *l = ctx;
	struct nft_set s;
	char name[NFT_NAME];

	(void)seq;
	if (err || type != NFT_MSG_NEWSET || !nlval_is(nl_get(attrs, NFTA_SET_TABLE), NFT_TABLE))
		return;
	nlval_copy(nl_get(attrs, NFTA_SET_NAME), name, sizeof(name));
	if (!set_parse(name, &s) || nft_set_find(l->n, &s) >= 0)
		return;
	if (s.scope && !l->n->scopes.used[s.scope])
		take_comment(l->n, s.scope, nl_get(attrs, NFTA_SET_USERDATA));
	if (s.scope && !l->n->scopes.used[s.scope])
		return;		/* nobody can say what it is for */
	err = put_set(l->n, &s);
	if (err)
		l->err = err;
}

static int ask_dump(struct nft *n, int command, uint16_t table_attr, nl_answer_fn *fn,
		    void *ctx)
{
	message(n, command, NLM_F_DUMP);
	nlbuf_str(&n->out, table_attr, NFT_TABLE);
	return nl_dump(&n->nl, &n->out, fn, ctx);
}

int nft_load(struct nft *n)
{
	struct loading l = { .n = n };
	int err = -EINTR;

	for (int tries = 0; err == -EINTR && tries < 8; tries++) {
		n->n_sets = 0;
		err = ask_dump(n, NFT_MSG_GETSET, NFTA_SET_TABLE, load_one, &l);
	}
	if (err == -ENOENT)
		err = 0;	/* no table at all */
	return err ? err : l.err;
}

bool nft_exists(struct nft *n)
{
	message(n, NFT_MSG_GETTABLE, 0);
	nlbuf_str(&n->out, NFTA_TABLE_NAME, NFT_TABLE);
	return !nl_talk(&n->nl, &n->out, NULL, NULL);
}

static void count_rule(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	size_t *count = ctx;

	(void)seq;
	*count += !err && type == NFT_MSG_NEWRULE &&
		  nlval_is(nl_get(attrs, NFTA_RULE_TABLE), NFT_TABLE);
}

int nft_rules_right(struct nft *n, bool *right)
{
	int err = -EINTR;
	size_t count = 0;

	for (int tries = 0; err == -EINTR && tries < 8; tries++) {
		count = 0;
		err = ask_dump(n, NFT_MSG_GETRULE, NFTA_RULE_TABLE, count_rule, &count);
	}
	*right = !err && count == n->n_rules;
	return err == -ENOENT ? 0 : err;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void make_table(struct nft *n)
{
	message(n, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	nlbuf_str(&n->out, NFTA_TABLE_NAME, NFT_TABLE);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		size_t nest;

		message(n, NFT_MSG_NEWOBJ, NLM_F_CREATE);
		nlbuf_str(&n->out, NFTA_OBJ_TABLE, NFT_TABLE);
		nlbuf_str(&n->out, NFTA_OBJ_NAME, counters[i]);
		nlbuf_u32(&n->out, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
		nest = nlbuf_nest(&n->out, NFTA_OBJ_DATA);
		nlbuf_nest_end(&n->out, nest);
	}
}

static void make_hook(struct nft *n)
{
	size_t hook;

	message(n, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	nlbuf_str(&n->out, NFTA_CHAIN_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_CHAIN_NAME, "prerouting");
	hook = nlbuf_nest(&n->out, NFTA_CHAIN_HOOK);
	nlbuf_u32(&n->out, NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
	nlbuf_u32(&n->out, NFTA_HOOK_PRIORITY, (uint32_t)PRIORITY);
	nlbuf_nest_end(&n->out, hook);
	nlbuf_str(&n->out, NFTA_CHAIN_TYPE, "filter");
	nlbuf_u32(&n->out, NFTA_CHAIN_POLICY, NF_ACCEPT);
}

/* What the scope means is kept where a daemon that comes later can read it. */
static void add_comment(struct nft *n, unsigned int scope)
{
	struct str text = { 0 };
	char udata[2 + UINT8_MAX] = { UDATA_SET_COMMENT };

	enforce_scope_format(&n->scopes.at[scope], &text);
	if (text.s && text.len < UINT8_MAX) {
		udata[1] = (char)(text.len + 1);
		memcpy(udata + 2, text.s, text.len + 1);
		nlbuf_put(&n->out, NFTA_SET_USERDATA, udata, text.len + 3);
	}
	str_fini(&text);
}

static void make_set(struct nft *n, const struct nft_set *s, uint32_t id)
{
	char name[NFT_NAME];
	size_t nest;

	message(n, NFT_MSG_NEWSET, NLM_F_CREATE);
	nlbuf_str(&n->out, NFTA_SET_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_SET_NAME, nft_set_name(s, name));
	nlbuf_u32(&n->out, NFTA_SET_KEY_TYPE, s->family == 4 ? TYPE_IPV4 : TYPE_IPV6);
	nlbuf_u32(&n->out, NFTA_SET_KEY_LEN, s->family == 4 ? 4 : 16);
	nlbuf_u32(&n->out, NFTA_SET_ID, id);
	nlbuf_u32(&n->out, NFTA_SET_FLAGS, s->allow ? 0 : NFT_SET_TIMEOUT);
	if (s->allow)
		return;
	nest = nlbuf_nest(&n->out, NFTA_SET_EXPR);	/* of every element */
	nlbuf_str(&n->out, NFTA_EXPR_NAME, "counter");
	nlbuf_nest_end(&n->out, nest);
	if (s->scope)
		add_comment(n, s->scope);
}

/* Only after the rules that name it are gone. */
static void drop_set(struct nft *n, const struct nft_set *s)
{
	char name[NFT_NAME];
	int at = nft_set_find(n, s);

	if (at < 0)
		return;
	message(n, NFT_MSG_DELSET, 0);
	nlbuf_str(&n->out, NFTA_SET_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_SET_NAME, nft_set_name(s, name));
	n->sets[at] = n->sets[--n->n_sets];
}

/* All rules of the table at once. */
static void empty_chains(struct nft *n)
{
	message(n, NFT_MSG_DELRULE, 0);
	nlbuf_str(&n->out, NFTA_RULE_TABLE, NFT_TABLE);
}

int nft_write(struct nft *n, struct nft_sets add, struct nft_sets drop)
{
	int err = 0;

	nlbuf_batch_begin(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES);
	make_table(n);
	make_hook(n);
	for (size_t i = 0; i < add.n && !err; i++) {
		if (nft_set_find(n, &add.v[i]) >= 0)
			continue;
		make_set(n, &add.v[i], (uint32_t)i + 1);
		err = put_set(n, &add.v[i]);
	}
	empty_chains(n);
	for (size_t i = 0; i < drop.n; i++)
		drop_set(n, &drop.v[i]);
	n->n_rules = nft_rules(n);
	nlbuf_batch_end(&n->nl, &n->out);
	if (!err)
		err = nl_talk(&n->nl, &n->out, NULL, NULL);
	nlbuf_reset(&n->out);
	if (err) {
		n->n_rules = 0;	/* not what the kernel has: written again later */
		nft_load(n);
	}
	return err;
}

int nft_remove(struct nft *n)
{
	int err;

	nlbuf_batch_begin(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES);
	message(n, NFT_MSG_DELTABLE, 0);
	nlbuf_str(&n->out, NFTA_TABLE_NAME, NFT_TABLE);
	nlbuf_batch_end(&n->nl, &n->out);
	err = nl_talk(&n->nl, &n->out, NULL, NULL);
	return err == -ENOENT ? 0 : err;
}

/* ---- totals ------------------------------------------------------------------------ */

static void take_total(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct enforce_stats *out = ctx;
	struct nlval data = nl_get(attrs, NFTA_OBJ_DATA);

	(void)seq;
	if (err || type != NFT_MSG_NEWOBJ || !nlval_is(nl_get(attrs, NFTA_OBJ_TABLE), NFT_TABLE))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
		if (nlval_is(nl_get(attrs, NFTA_OBJ_NAME), counters[i])) {
			out->totals[i].frames = nlval_u64(nl_get(data, NFTA_COUNTER_PACKETS));
			out->totals[i].bytes = nlval_u64(nl_get(data, NFTA_COUNTER_BYTES));
		}
}

int nft_totals(struct nft *n, struct enforce_stats *out)
{
	out->n_totals = ARRAY_SIZE(counters);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		out->totals[i].reason = counters[i];
		out->totals[i].dropped = starts_with(counters[i], "drop");
	}
	return ask_dump(n, NFT_MSG_GETOBJ, NFTA_OBJ_TABLE, take_total, out);
}
