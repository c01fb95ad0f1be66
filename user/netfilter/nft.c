// SPDX-License-Identifier: GPL-2.0-or-later
/* nft - the nftables backend, as an enforcer. */
#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#include "base/log.h"
#include "enforce/resync.h"
#include "netfilter.h"

static void nft_close(struct enforcer *e)
{
	struct nft *n = (struct nft *)e;

	nl_close(&n->nl);
	nlbuf_fini(&n->out);
	free(n->sets);
	allowed_fini(&n->allowed);
	free(n);
}

static int nft_scope(struct enforcer *e, const struct enforce_scope *s)
{
	int id = scopes_find(&((struct nft *)e)->scopes, s);

	if (id < 0)
		log_err("nftables: more than %d different sets of ports are in use",
			SCOPES_MAX - 1);
	return id;
}

static int nft_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out)
{
	return scopes_get(&((struct nft *)e)->scopes, scope, out);
}

/* ---- reading ------------------------------------------------------------------------ */

struct each {
	enforce_entry_fn *fn;
	void *ctx;
};

static int each_elem(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	const struct each *each = ctx;
	struct enforce_entry entry = {
		.ban = { .who = e->who, .n = 1, .ends = { { s->scope, e->until } } },
		.hits = e->hits,
	};

	return each->fn(each->ctx, &entry);
}

static int nft_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	struct nft *n = (struct nft *)e;
	struct each each = { fn, ctx };
	int ret = 0;

	for (size_t i = 0; i < n->n_sets && !ret; i++)
		if (!n->sets[i].allow)
			ret = nft_elem_each(n, &n->sets[i], now, each_elem, &each);
	return ret;
}

struct hits_of {
	struct enforce_hits *out;
	bool found;
};

static int add_hits(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	struct hits_of *h = ctx;

	(void)s;
	h->found = true;
	h->out->frames += e->hits.frames;
	h->out->bytes += e->hits.bytes;
	return 0;
}

struct question {
	const struct nft_set *set;
	struct hits_of hits;
};

static void on_element(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct question *q = ctx;

	(void)seq;
	if (!err && type == NFT_MSG_NEWSETELEM)
		nft_elems_decode(attrs, q->set, (boot_t){ 0 }, add_hits, &q->hits);
}

static int nft_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		    struct enforce_hits *out)
{
	struct nft *n = (struct nft *)e;
	struct question q = { .hits = { .out = out } };

	(void)now;
	for (size_t i = 0; i < n->n_sets; i++) {
		struct nft_list l;

		q.set = &n->sets[i];
		if (q.set->allow || q.set->family != who->family ||
		    q.set->prefix != who->prefix)
			continue;
		l = nft_list_begin(n, NFT_MSG_GETSETELEM, q.set);
		nft_list_add(n, who, 0, NULL);
		nft_list_end(n, &l);
		nl_talk(&n->nl, &n->out, on_element, &q);
	}
	return q.hits.found ? 0 : -ENOENT;
}

static int count_elem(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	(void)s, (void)e;
	++*(uint32_t *)ctx;
	return 0;
}

static int nft_stats(struct enforcer *e, struct enforce_stats *out)
{
	struct nft *n = (struct nft *)e;
	boot_t now = { 0 };

	out->max_bans4 = n->max[0];
	out->max_bans6 = n->max[1];
	allowed_count(&n->allowed, out);
	for (size_t i = 0; i < n->n_sets; i++) {
		const struct nft_set *s = &n->sets[i];

		if (!s->allow && s->prefix < (s->family == 4 ? 32 : 128))
			nft_elem_each(n, s, now, count_elem,
				      s->family == 4 ? &out->nets4 : &out->nets6);
	}
	return nft_totals(n, out);
}

/* ---- repair --------------------------------------------------------------------------- */

struct emptiness {
	bool *used;		/* for each of n->sets */
	const struct nft *n;
};

static int note_used(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	struct emptiness *m = ctx;

	(void)e;
	m->used[s - m->n->sets] = true;
	return 1;		/* one is enough */
}

static bool is_usual(const struct nft_set *s)
{
	return !s->scope && s->prefix == (s->family == 4 ? 32 : 128);
}

/* Every set costs every packet a look-up: the unusual ones go when empty. */
static int drop_empty_sets(struct nft *n, boot_t now)
{
	struct nft_set *drop = calloc(n->n_sets + 1, sizeof(*drop));
	bool *used = calloc(n->n_sets + 1, sizeof(*used));
	struct emptiness m = { used, n };
	struct nft_sets none = { 0 }, dropping = { drop, 0 };
	int err = drop && used ? 0 : -ENOMEM;

	for (size_t i = 0; i < n->n_sets && !err; i++) {
		int ret;

		if (n->sets[i].allow || is_usual(&n->sets[i]))
			continue;
		ret = nft_elem_each(n, &n->sets[i], now, note_used, &m);
		if (ret < 0)
			err = ret;
		else if (!used[i])
			drop[dropping.n++] = n->sets[i];
	}
	if (!err && dropping.n)
		err = nft_write(n, none, dropping);
	free(drop);
	free(used);
	return err;
}

static int repair_table(struct nft *n, uint64_t *other)
{
	struct nft_sets none = { 0 };
	size_t had = n->n_sets;
	bool right;
	int err = nft_load(n);

	if (!err)
		err = nft_rules_right(n, &right);
	if (err || (right && had == n->n_sets))
		return err;
	++*other;
	return nft_write(n, none, none);
}

#define BATCH		64	/* bans asked about in one step */
/*
 * The kernel lists a set in pieces, and for each it goes through all that came
 * before: 200,000 elements take three seconds, a million over a minute.
 */
#define LIST_MAX	16384

static bool fits_list(const struct enforce_truth *truth)
{
	struct enforce_ban ban;
	size_t cursor = 0, n = 0;

	while (n <= LIST_MAX && truth->next(truth->ctx, &cursor, &ban))
		n++;
	return n <= LIST_MAX;
}

static bool no_next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	(void)ctx, (void)cursor, (void)out;
	return false;
}

/* Take out what nobody wants; with very many bans, that ends by itself only. */
static int resync_foreign(struct nft *n, const struct enforce_truth *truth, boot_t now,
			  struct enforce_repairs *out)
{
	struct enforce_truth known = {
		.ctx = truth->ctx, .find = truth->find, .next = no_next,
		.partial = truth->partial,
	};

	return fits_list(truth) ? resync_bans(&n->e, &known, now, out) : 0;
}

static int sync_begin(struct nft *n, const struct enforce_truth *truth, boot_t now,
		      struct enforce_repairs *out)
{
	int err = repair_table(n, &out->other);

	n->cursor = 0;
	if (!err && n->allowed.list)
		err = nft_allow_repair(n);
	return err ? err : resync_foreign(n, truth, now, out);
}

/* 1: there are more. */
static int sync_some(struct nft *n, const struct enforce_truth *truth, uint64_t *checked)
{
	struct enforce_ban bans[BATCH];
	size_t some = 0;
	int err;

	while (some < BATCH && truth->next(truth->ctx, &n->cursor, &bans[some]))
		some++;
	*checked += some;
	err = some ? nft_add(&n->e, bans, some) : 0;
	return err ? err : some == BATCH;
}

static int nft_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
			   struct enforce_repairs *out)
{
	struct nft *n = (struct nft *)e;
	uint64_t had_new = n->put_new, had_again = n->put_again, listed = 0;
	int ret;

	if (!n->syncing) {
		ret = sync_begin(n, truth, now, out);
		n->syncing = !ret;
		if (!ret)
			ret = 1;
	} else {
		ret = sync_some(n, truth, &listed);
	}
	/* A list may lack what is there; but what had to be written was not. */
	out->missing = n->put_new - had_new;
	out->changed = n->put_again - had_again;
	out->checked = listed;
	if (!ret)
		ret = drop_empty_sets(n, now);
	if (ret < 0)
		log_err("nftables: cannot compare or repair our table: %s", strerror(-ret));
	if (ret <= 0)
		n->syncing = false;
	return ret;
}

static void nft_resync_stop(struct enforcer *e)
{
	((struct nft *)e)->syncing = false;
}

/* ---- opening --------------------------------------------------------------------------- */

static const struct enforcer_ops nft_ops = {
	.name = "nftables",
	.net_admin = true,
	.close = nft_close,
	.scope = nft_scope,
	.scope_get = nft_scope_get,
	.add = nft_add,
	.allow = nft_allow,
	.resync_step = nft_resync_step,
	.resync_stop = nft_resync_stop,
	.hits = nft_hits,
	.each = nft_each,
	.stats = nft_stats,
};

static int nft_alloc(struct nft **out)
{
	struct nft *n = calloc(1, sizeof(*n));
	int err;

	if (!n)
		return -ENOMEM;
	n->e.ops = &nft_ops;
	err = nl_open(&n->nl);
	if (err) {
		nft_close(&n->e);
		return err;
	}
	*out = n;
	return 0;
}

int enforcer_open_nft(struct enforcer **out, const struct enforcer_params *p)
{
	struct nft_sets none = { 0 };
	struct nft *n;
	int err = nft_alloc(&n);

	if (err)
		return err;
	n->max[0] = p->max_bans4;
	n->max[1] = p->max_bans6;
	err = nft_load(n);
	if (!err)
		err = nft_write(n, none, none);
	if (err) {
		nft_close(&n->e);
		return err;
	}
	*out = &n->e;
	return 0;
}

int enforcer_look_nft(struct enforcer **out)
{
	struct nft *n;
	int err = nft_alloc(&n);

	if (!err) {
		err = nft_exists(n) ? nft_load(n) : -ENOENT;
		if (err)
			nft_close(&n->e);
	}
	if (!err)
		*out = &n->e;
	return err;
}

int enforcer_remove_nft(void)
{
	struct nft *n;
	int err = nft_alloc(&n);

	if (!err) {
		err = nft_exists(n) ? nft_remove(n) : -ENOENT;
		nft_close(&n->e);
	}
	return err;
}
