// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_write - bans and allowed addresses into the maps, and out again. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

#define BATCH	1024	/* bans in one call */

/* ---- tries, and the settings that say whether to look there ----------------- */

static bool is_whole(enum xdp_map m, const struct prefix6 *key)
{
	return key->len == (m == MAP_NETS4 || m == MAP_ALLOW4 ? 32 : 128);
}

__u32 *xdp_trie_count(struct settings *s, enum xdp_map m, const struct prefix6 *key)
{
	if (m == MAP_ALLOW4 || m == MAP_ALLOW6)
		return m == MAP_ALLOW4 ? &s->allow4 : &s->allow6;
	if (is_whole(m, key))
		return m == MAP_NETS4 ? &s->more4 : &s->more6;
	return m == MAP_NETS4 ? &s->nets4 : &s->nets6;
}

static __u32 *trie_entries(struct xdp *x, enum xdp_map m, const struct prefix6 *key)
{
	return xdp_trie_count(&x->settings, m, key);
}

int xdp_settings_write(struct xdp *x)
{
	__u32 zero = 0;

	return bpf_map_update_elem(x->fd[MAP_SETTINGS], &zero, &x->settings, BPF_ANY);
}

struct counting {
	enum xdp_map map;
	struct settings sum;
};

static int count_entry(void *ctx, const void *key, const void *value)
{
	struct counting *c = ctx;

	(void)value;
	++*xdp_trie_count(&c->sum, c->map, key);
	return 0;
}

static int count_tries(struct xdp *x, struct counting *c, enum xdp_map first,
		       enum xdp_map last)
{
	int err = 0;

	for (c->map = first; c->map <= last && !err; c->map++)
		err = map_walk(x->fd[c->map], count_entry, c);
	return err;
}

int xdp_allow_count(struct xdp *x)
{
	struct counting c = { 0 };
	int err = count_tries(x, &c, MAP_ALLOW4, MAP_ALLOW6);

	if (err)
		return err;
	x->settings.allow4 = c.sum.allow4;
	x->settings.allow6 = c.sum.allow6;
	return xdp_settings_write(x);
}

int xdp_settings_count(struct xdp *x)
{
	struct counting c = { 0 };
	int err = count_tries(x, &c, MAP_NETS4, MAP_NETS6);

	if (err)
		return err;
	x->settings.nets4 = c.sum.nets4;
	x->settings.nets6 = c.sum.nets6;
	x->settings.more4 = c.sum.more4;
	x->settings.more6 = c.sum.more6;
	return xdp_allow_count(x);
}

/*
 * Is exactly this key there?  A look-up gives the longest match, so the value
 * must say which; and BPF_EXIST means nothing to tries before kernel 6.13.
 */
static bool trie_has(struct xdp *x, enum xdp_map m, const struct prefix6 *key,
		     struct net_ban *value)
{
	return *trie_entries(x, m, key) && !bpf_map_lookup_elem(x->fd[m], key, value) &&
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
	x->tries_changed++;
	/* Counted before it is there, or the program would not look for it. */
	++*trie_entries(x, m, key);
	err = xdp_settings_write(x);
	if (!err)
		err = bpf_map_update_elem(x->fd[m], key, value, BPF_ANY);
	if (err) {
		--*trie_entries(x, m, key);
		xdp_settings_write(x);
	}
	return err;
}

static int trie_del(struct xdp *x, enum xdp_map m, const struct prefix6 *key)
{
	int err;

	if (!*trie_entries(x, m, key))
		return 0;
	err = bpf_map_delete_elem(x->fd[m], key);
	if (err)
		return err == -ENOENT ? 0 : err;
	x->tries_changed++;
	--*trie_entries(x, m, key);
	return xdp_settings_write(x);
}

static int put_in_trie(struct xdp *x, const struct ipaddr *who, struct net_ban *v)
{
	enum xdp_map m = MAP_NETS4 + family_of(who);
	struct net_ban old;
	struct prefix6 key;

	prefix_make(who, &key);
	if (trie_has(x, m, &key, &old))
		v->hits = old.hits;		/* they go on */
	if (!ipaddr_is_host(who))
		xdp_near_add(x, who);
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

/* As ban_key4() has it: the bytes of an address that it does not use are zero. */
static size_t key_size(int family)
{
	return family ? 16 : 8;
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

static int batch_flush(struct batch *b)
{
	int err = b->n ? batch_write(b) : 0;

	b->n = 0;
	return err;
}

static int batch_add(struct batch *b, const struct enforce_ban *ban, const struct host_ban *v)
{
	const struct ipaddr *who = &ban->who;
	int err = 0, fd = b->x->fd[MAP_BANS4 + family_of(who)];
	struct host_ban old;

	if (b->n == BATCH || (b->n && b->family != family_of(who)))
		err = batch_flush(b);
	b->family = family_of(who);
	memcpy(b->keys + b->n * key_size(b->family), who->bytes, key_size(b->family));
	b->values[b->n] = *v;
	/* Counters of addresses that are banned already go on. */
	if (!ban->anew && xdp_front_maybe(b->x, b->family, who->bytes) &&
	    !bpf_map_lookup_elem(fd, who->bytes, &old))
		b->values[b->n].hits = old.hits;
	else
		b->x->hosts[b->family]++;
	xdp_front_add(b->x, b->family, who->bytes);
	b->n++;
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
	b->x->writes++;
	ban_encode(ban, &image);
	ret = image.in_hash ? batch_add(b, ban, &image.hash) : 0;
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
	struct batch b;		/* 80 KB: not zeroed for one ban */
	int err, ret = 0;

	b.x = (struct xdp *)e;
	b.n = 0;
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

	x->writes += n;
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

int xdp_allow_repair(struct xdp *x, uint64_t *repaired)
{
	int err = 0;

	if (!x->allow)
		return 0;	/* nobody has said what is allowed */
	*repaired += xdp_near_allow(x);
	for (size_t i = 0; i < x->n_allow && !err; i++) {
		struct prefix6 key;

		prefix_make(&x->allow[i], &key);
		err = trie_add(x, MAP_ALLOW4 + family_of(&x->allow[i]), &key, &key.len);
	}
	for (enum xdp_map m = MAP_ALLOW4; m <= MAP_ALLOW6 && !err; m++) {
		struct pruning p = { x, m, x->allow, x->n_allow };

		err = map_walk(x->fd[m], prune_one, &p);
	}
	return err ? err : xdp_near_allow_only(x);
}

int xdp_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct xdp *x = (struct xdp *)e;
	struct ipaddr *list = calloc(n + 1, sizeof(*list));
	int err = list ? 0 : -ENOMEM;
	uint64_t new = 0;

	if (!err) {
		if (n)
			memcpy(list, who, n * sizeof(*list));
		qsort(list, n, sizeof(*list), compare);
		free(x->allow);
		x->allow = list;
		x->n_allow = n;
		err = xdp_allow_repair(x, &new);
	}
	if (err)
		log_err("xdp: cannot write the allowlist: %s", strerror(-err));
	return err;
}
