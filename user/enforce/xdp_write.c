// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_write - bans and allowed addresses into the maps, and out again. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

#define BATCH	1024	/* bans in one call */

/* ---- tries, and the settings that say whether to look there ----------------- */

static __u32 *trie_entries(struct xdp *x, enum xdp_map m)
{
	return m == MAP_NETS4 ? &x->settings.nets4 : m == MAP_NETS6 ? &x->settings.nets6 :
	       m == MAP_ALLOW4 ? &x->settings.allow4 : &x->settings.allow6;
}

static int write_settings(struct xdp *x)
{
	__u32 zero = 0;

	return bpf_map_update_elem(x->fd[MAP_SETTINGS], &zero, &x->settings, BPF_ANY);
}

int xdp_settings_count(struct xdp *x)
{
	for (int m = MAP_NETS4; m <= MAP_ALLOW6; m++) {
		int err = map_count(x->fd[m], trie_entries(x, m));

		if (err)
			return err;
	}
	return write_settings(x);
}

/*
 * Is exactly this key there?  A look-up gives the longest match, so the value
 * must say which; and BPF_EXIST means nothing to tries before kernel 6.13.
 */
static bool trie_has(struct xdp *x, enum xdp_map m, const struct prefix6 *key,
		     struct net_ban *value)
{
	return *trie_entries(x, m) && !bpf_map_lookup_elem(x->fd[m], key, value) &&
	       value->prefixlen == key->len;
}

/* @value begins with the length of the key, in every trie. */
static int trie_add(struct xdp *x, enum xdp_map m, const struct prefix6 *key,
		    const void *value)
{
	struct net_ban old;
	int err;

	if (trie_has(x, m, key, &old))
		return bpf_map_update_elem(x->fd[m], key, value, BPF_ANY);
	/* Counted before it is there, or the program would not look for it. */
	++*trie_entries(x, m);
	err = write_settings(x);
	if (!err)
		err = bpf_map_update_elem(x->fd[m], key, value, BPF_ANY);
	if (err) {
		--*trie_entries(x, m);
		write_settings(x);
	}
	return err;
}

static int trie_del(struct xdp *x, enum xdp_map m, const struct prefix6 *key)
{
	int err;

	if (!*trie_entries(x, m))
		return 0;
	err = bpf_map_delete_elem(x->fd[m], key);
	if (err)
		return err == -ENOENT ? 0 : err;
	--*trie_entries(x, m);
	return write_settings(x);
}

static int put_in_trie(struct xdp *x, const struct ipaddr *who, struct net_ban *v)
{
	enum xdp_map m = MAP_NETS4 + family_of(who);
	struct net_ban old;
	struct prefix6 key;

	prefix_make(who, &key);
	if (trie_has(x, m, &key, &old))
		v->hits = old.hits;		/* they go on */
	return trie_add(x, m, &key, v);
}

static int del_from_trie(struct xdp *x, const struct ipaddr *who)
{
	struct prefix6 key;

	prefix_make(who, &key);
	return trie_del(x, MAP_NETS4 + family_of(who), &key);
}

/* ---- hashes ----------------------------------------------------------------- */

/* Bans of one family on their way, in the form of a batch. */
struct batch {
	struct xdp *x;
	int family;
	uint32_t n;
	uint8_t keys[BATCH * 16];
	struct host_ban values[BATCH];
};

static size_t key_size(int family)
{
	return family ? 16 : 4;
}

static int batch_write(struct batch *b)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts);
	int fd = b->x->fd[MAP_BANS4 + b->family], ret = 0;
	uint32_t done = b->n;

	if (b->n > 1 && !bpf_map_update_batch(fd, b->keys, b->values, &done, &opts))
		return 0;
	/* Just one; or a kernel before 5.6; or one of them was refused. */
	for (uint32_t i = 0; i < b->n; i++) {
		int err = bpf_map_update_elem(fd, b->keys + i * key_size(b->family),
					      &b->values[i], BPF_ANY);

		if (err)
			ret = err;
	}
	return ret;
}

/* Counters of addresses that are banned already go on. */
static int batch_flush(struct batch *b)
{
	struct host_ban old;
	int err;

	for (uint32_t i = 0; i < b->n; i++)
		if (!bpf_map_lookup_elem(b->x->fd[MAP_BANS4 + b->family],
					 b->keys + i * key_size(b->family), &old))
			b->values[i].hits = old.hits;
	err = b->n ? batch_write(b) : 0;
	b->n = 0;
	return err;
}

static int batch_add(struct batch *b, const struct ipaddr *who, const struct host_ban *v)
{
	int err = 0;

	if (b->n == BATCH || (b->n && b->family != family_of(who)))
		err = batch_flush(b);
	b->family = family_of(who);
	memcpy(b->keys + b->n * key_size(b->family), who->bytes, key_size(b->family));
	b->values[b->n++] = *v;
	return err;
}

static int del_from_hash(struct xdp *x, const struct ipaddr *who)
{
	int err = bpf_map_delete_elem(x->fd[MAP_BANS4 + family_of(who)], who->bytes);

	return err == -ENOENT ? 0 : err;
}

/* ---- bans ------------------------------------------------------------------- */

static int add_one(struct batch *b, const struct enforce_ban *ban)
{
	struct ban_image image;
	int err, ret;

	if (ban->who.family != 4 && ban->who.family != 6)
		return -EINVAL;
	ban_encode(ban, &image);
	ret = image.in_hash ? batch_add(b, &ban->who, &image.hash) : 0;
	if (image.in_trie) {
		err = put_in_trie(b->x, &ban->who, &image.trie);
		if (err && !ret)
			ret = err;
		return ret;
	}
	err = del_from_trie(b->x, &ban->who);
	if (!err && !image.in_hash && ipaddr_is_host(&ban->who))
		err = del_from_hash(b->x, &ban->who);
	return ret ? ret : err;
}

int xdp_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct batch b = { .x = (struct xdp *)e };
	int err, ret = 0;

	for (size_t i = 0; i < n; i++) {
		err = add_one(&b, &bans[i]);
		if (err)
			ret = err;
	}
	err = batch_flush(&b);
	if (err)
		ret = err;
	if (ret)
		log_err("xdp: cannot write bans: %s", strerror(-ret));
	return ret;
}

int xdp_del(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct xdp *x = (struct xdp *)e;
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		int err = del_from_trie(x, &who[i]);

		if (!err && ipaddr_is_host(&who[i]))
			err = del_from_hash(x, &who[i]);
		if (err)
			ret = err;
	}
	if (ret)
		log_err("xdp: cannot lift bans: %s", strerror(-ret));
	return ret;
}

/* ---- the allowlist ---------------------------------------------------------- */

struct pruning {
	struct xdp *x;
	enum xdp_map map;
	const struct ipaddr *keep;	/* sorted */
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return ipaddr_compare(a, b);
}

static int prune_one(void *ctx, const void *key, const void *value)
{
	struct pruning *p = ctx;
	struct enforce_ban there;
	struct net_ban none = { 0 };

	(void)value;
	net_decode(p->map - MAP_ALLOW4, key, &none, &there);
	if (bsearch(&there.who, p->keep, p->n, sizeof(there.who), compare))
		return 0;
	return trie_del(p->x, p->map, key);
}

int xdp_allow_repair(struct xdp *x)
{
	int err = 0;

	if (!x->allow)
		return 0;	/* nobody has said what is allowed */
	for (size_t i = 0; i < x->n_allow && !err; i++) {
		struct prefix6 key;

		prefix_make(&x->allow[i], &key);
		err = trie_add(x, MAP_ALLOW4 + family_of(&x->allow[i]), &key, &key.len);
	}
	for (enum xdp_map m = MAP_ALLOW4; m <= MAP_ALLOW6 && !err; m++) {
		struct pruning p = { x, m, x->allow, x->n_allow };

		err = map_walk(x->fd[m], prune_one, &p);
	}
	return err;
}

int xdp_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct xdp *x = (struct xdp *)e;
	struct ipaddr *list = calloc(n + 1, sizeof(*list));
	int err = list ? 0 : -ENOMEM;

	if (!err) {
		memcpy(list, who, n * sizeof(*list));
		qsort(list, n, sizeof(*list), compare);
		free(x->allow);
		x->allow = list;
		x->n_allow = n;
		err = xdp_allow_repair(x);
	}
	if (err)
		log_err("xdp: cannot write the allowlist: %s", strerror(-err));
	return err;
}
