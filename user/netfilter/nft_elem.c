// SPDX-License-Identifier: GPL-2.0-or-later
/* nft_elem - elements of sets, into messages and out of them. */
#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#define NS_PER_MS	1000000ull
#define MS_NEVER	(UINT64_MAX / NS_PER_MS)

/* ---- writing ---------------------------------------------------------------------- */

struct nft_list nft_list_begin(struct nft *n, int command, const struct nft_set *s)
{
	bool change = command != NFT_MSG_GETSETELEM;
	char name[NFT_NAME];

	nlbuf_msg(&n->nl, &n->out, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | command),
		  change ? NLM_F_CREATE : 0, NFPROTO_INET);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_SET, nft_set_name(s, name));
	return (struct nft_list){ nlbuf_nest(&n->out, NFTA_SET_ELEM_LIST_ELEMENTS), true };
}

static void put_hits(struct nlbuf *b, const struct enforce_hits *hits)
{
	size_t expr = nlbuf_nest(b, NFTA_SET_ELEM_EXPR), data;

	nlbuf_str(b, NFTA_EXPR_NAME, "counter");
	data = nlbuf_nest(b, NFTA_EXPR_DATA);
	nlbuf_u64(b, NFTA_COUNTER_BYTES, hits->bytes);
	nlbuf_u64(b, NFTA_COUNTER_PACKETS, hits->frames);
	nlbuf_nest_end(b, data);
	nlbuf_nest_end(b, expr);
}

/* @left_ms 0: it has no end; @hits may be NULL. */
void nft_list_add(struct nft *n, const struct ipaddr *who, uint64_t left_ms,
		  const struct enforce_hits *hits)
{
	struct nlbuf *b = &n->out;
	size_t elem = nlbuf_nest(b, NFTA_LIST_ELEM);
	size_t key = nlbuf_nest(b, NFTA_SET_ELEM_KEY);

	nlbuf_put(b, NFTA_DATA_VALUE, who->bytes, who->family == 4 ? 4 : 16);
	nlbuf_nest_end(b, key);
	if (left_ms)
		nlbuf_u64(b, NFTA_SET_ELEM_TIMEOUT, left_ms);
	if (hits && hits->frames)
		put_hits(b, hits);
	nlbuf_nest_end(b, elem);
}

void nft_list_end(struct nft *n, struct nft_list *l)
{
	if (l->open)
		nlbuf_nest_end(&n->out, l->nest);
	l->open = false;
}

/* ---- reading -------------------------------------------------------------------------- */

/* Somebody else's element may have another expression, or none. */
static struct nlval counter_of(struct nlval elem)
{
	struct nlval expr = nl_get(elem, NFTA_SET_ELEM_EXPR);

	return nlval_is(nl_get(expr, NFTA_EXPR_NAME), "counter") ?
	       nl_get(expr, NFTA_EXPR_DATA) : (struct nlval){ 0 };
}

static bool decode(struct nlval attrs, const struct nft_set *s, boot_t now,
		   struct nft_elem *out)
{
	struct nlval key = nl_get(nl_get(attrs, NFTA_SET_ELEM_KEY), NFTA_DATA_VALUE);
	struct nlval left = nl_get(attrs, NFTA_SET_ELEM_EXPIRATION);
	struct nlval counter = counter_of(attrs);
	uint64_t ms = left.data ? nlval_u64(left) : MS_NEVER;

	if (key.len != (s->family == 4 ? 4u : 16u))
		return false;
	*out = (struct nft_elem){ .who = { .family = s->family, .prefix = s->prefix },
				  .until = BOOT_NEVER };
	memcpy(out->who.bytes, key.data, key.len);
	if (ms < MS_NEVER && ms * NS_PER_MS < UINT64_MAX - now.ns)
		out->until.ns = now.ns + ms * NS_PER_MS;
	out->hits.frames = nlval_u64(nl_get(counter, NFTA_COUNTER_PACKETS));
	out->hits.bytes = nlval_u64(nl_get(counter, NFTA_COUNTER_BYTES));
	return true;
}

void nft_elems_decode(struct nlval attrs, const struct nft_set *s, boot_t now,
		      nft_elem_fn *fn, void *ctx)
{
	struct nlval list = nl_get(attrs, NFTA_SET_ELEM_LIST_ELEMENTS), elem;
	uint16_t type;

	while (nl_next(&list, &elem, &type)) {
		struct nft_elem e;

		if (decode(elem, s, now, &e) && fn(ctx, s, &e))
			return;
	}
}

struct dump {
	const struct nft_set *set;
	boot_t now;
	nft_elem_fn *fn;
	void *ctx;
	int ret;		/* what @fn gave */
};

static int give(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	struct dump *d = ctx;

	if (!d->ret)
		d->ret = d->fn(d->ctx, s, e);
	return d->ret;
}

static void on_answer(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct dump *d = ctx;

	(void)seq;
	if (!err && type == NFT_MSG_NEWSETELEM && !d->ret)
		nft_elems_decode(attrs, d->set, d->now, give, d);
}

/*
 * Another program's change may tear the list (-EINTR); nothing of it is wrong
 * then, but an element may be missing or come twice.  Good enough for looking,
 * and a repair that puts back what is there does no harm.
 */
int nft_elem_each(struct nft *n, const struct nft_set *s, boot_t now,
		  nft_elem_fn *fn, void *ctx)
{
	struct dump d = { s, now, fn, ctx, 0 };
	char name[NFT_NAME];
	int err;

	nlbuf_msg(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
		  NLM_F_DUMP, NFPROTO_INET);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_SET, nft_set_name(s, name));
	err = nl_dump(&n->nl, &n->out, on_answer, &d);
	if (err && err != -EINTR && err != -ENOENT)
		return err;
	return d.ret;
}
