// SPDX-License-Identifier: GPL-2.0-or-later
/* write - bans and allowed addresses into the maps, and out again. */
#include "maps_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "walk.h"

#define BATCH	1024	/* bans in one call */

/* ---- tries, and the settings that say whether to look there ----------------- */

static bool is_whole(enum map_id m, const struct prefix6 *key)
{
	return key->len == (m == MAP_NETS4 || m == MAP_ALLOW4 ? 32 : 128);
}

__u32 *maps_trie_count(struct settings *s, enum map_id m, const struct prefix6 *key)
{
	if (m == MAP_ALLOW4 || m == MAP_ALLOW6)
		return m == MAP_ALLOW4 ? &s->allow4 : &s->allow6;
	if (is_whole(m, key))
		return m == MAP_NETS4 ? &s->more4 : &s->more6;
	return m == MAP_NETS4 ? &s->nets4 : &s->nets6;
}

static __u32 *trie_entries(struct maps *maps, enum map_id m, const struct prefix6 *key)
{
	return maps_trie_count(&maps->settings, m, key);
}

struct counting {
	enum map_id map;
	struct settings sum;
};

static int count_entry(void *ctx, const void *key, const void *value)
{
	struct counting *c = ctx;

	(void)value;
	++*maps_trie_count(&c->sum, c->map, key);
	return 0;
}

static int count_tries(struct maps *maps, struct counting *c, enum map_id first,
		       enum map_id last)
{
	int err = 0;

	for (c->map = first; c->map <= last && !err; c->map++)
		err = map_walk(maps->fd[c->map], count_entry, c);
	return err;
}

int maps_allow_count(struct maps *maps)
{
	struct counting c = { 0 };
	int err = count_tries(maps, &c, MAP_ALLOW4, MAP_ALLOW6);

	if (err)
		return err;
	maps->settings.allow4 = c.sum.allow4;
	maps->settings.allow6 = c.sum.allow6;
	return maps_settings_write(maps);
}

int maps_count(struct maps *maps)
{
	struct counting c = { 0 };
	int err = count_tries(maps, &c, MAP_NETS4, MAP_NETS6);

	if (err)
		return err;
	maps->settings.nets4 = c.sum.nets4;
	maps->settings.nets6 = c.sum.nets6;
	maps->settings.more4 = c.sum.more4;
	maps->settings.more6 = c.sum.more6;
	return maps_allow_count(maps);
}

/*
 * Is exactly this key there?  A look-up gives the longest match, so the value
 * must say which; and BPF_EXIST means nothing to tries before kernel 6.13.
 */
static bool trie_has(struct maps *maps, enum map_id m, const struct prefix6 *key,
		     struct net_ban *value)
{
	return *trie_entries(maps, m, key) && !bpf_map_lookup_elem(maps->fd[m], key, value) &&
	       value->prefixlen == key->len;
}

/* @value begins with the length of the key, in every trie. */
static int trie_add(struct maps *maps, enum map_id m, const struct prefix6 *key,
		    const void *value)
{
	struct net_ban old;
	int err;

	if (trie_has(maps, m, key, &old))
		return bpf_map_update_elem(maps->fd[m], key, value, BPF_ANY);
	maps->tries_changed++;
	/* Counted before it is there, or the program would not look for it. */
	++*trie_entries(maps, m, key);
	err = maps_settings_write(maps);
	if (!err)
		err = bpf_map_update_elem(maps->fd[m], key, value, BPF_ANY);
	if (err) {
		--*trie_entries(maps, m, key);
		maps_settings_write(maps);
	}
	return err;
}

static int trie_del(struct maps *maps, enum map_id m, const struct prefix6 *key)
{
	int err;

	if (!*trie_entries(maps, m, key))
		return 0;
	err = bpf_map_delete_elem(maps->fd[m], key);
	if (err)
		return err == -ENOENT ? 0 : err;
	maps->tries_changed++;
	--*trie_entries(maps, m, key);
	return maps_settings_write(maps);
}

static int put_in_trie(struct maps *maps, const struct ipaddr *who, struct net_ban *v)
{
	enum map_id m = MAP_NETS4 + family_of(who);
	struct net_ban old;
	struct prefix6 key;

	prefix_make(who, &key);
	if (trie_has(maps, m, &key, &old))
		v->hits = old.hits;		/* they go on */
	if (!ipaddr_is_host(who))
		maps_near_add(maps, who);
	return trie_add(maps, m, &key, v);
}

static int del_from_trie(struct maps *maps, const struct ipaddr *who)
{
	struct prefix6 key;

	prefix_make(who, &key);
	return trie_del(maps, MAP_NETS4 + family_of(who), &key);
}

/* ---- hashes ----------------------------------------------------------------- */

/* Bans of one family on their way, in the form of a batch. */
struct batch {
	struct maps *maps;
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
	int fd = b->maps->fd[MAP_BANS4 + b->family], ret = 0;
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
	int err = 0, fd = b->maps->fd[MAP_BANS4 + family_of(who)];
	struct host_ban old;

	if (b->n == BATCH || (b->n && b->family != family_of(who)))
		err = batch_flush(b);
	b->family = family_of(who);
	memcpy(b->keys + b->n * key_size(b->family), who->bytes, key_size(b->family));
	b->values[b->n] = *v;
	/* Counters of addresses that are banned already go on. */
	if (!ban->anew && maps_front_maybe(b->maps, b->family, who->bytes) &&
	    !bpf_map_lookup_elem(fd, who->bytes, &old))
		b->values[b->n].hits = old.hits;
	else
		b->maps->hosts[b->family]++;
	maps_front_add(b->maps, b->family, who->bytes);
	b->n++;
	return err;
}

static int del_from_hash(struct maps *maps, const struct ipaddr *who)
{
	int err = bpf_map_delete_elem(maps->fd[MAP_BANS4 + family_of(who)], who->bytes);

	return err == -ENOENT ? 0 : err;
}

/* ---- bans ------------------------------------------------------------------- */

static int add_one(struct batch *b, const struct enforce_ban *ban)
{
	struct ban_image image;
	int err, ret;

	if (ban->who.family != 4 && ban->who.family != 6)
		return -EINVAL;
	b->maps->writes++;
	ban_encode(ban, &image);
	ret = image.in_hash ? batch_add(b, ban, &image.hash) : 0;
	if (image.in_trie) {
		err = put_in_trie(b->maps, &ban->who, &image.trie);
		if (err && !ret)
			ret = err;
		return ret;
	}
	err = del_from_trie(b->maps, &ban->who);
	if (!err && !image.in_hash && ipaddr_is_host(&ban->who))
		err = del_from_hash(b->maps, &ban->who);
	return ret ? ret : err;
}

int maps_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct batch b;		/* 80 KB: not zeroed for one ban */
	int err, ret = 0;

	b.maps = (struct maps *)e;
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

int maps_del(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct maps *maps = (struct maps *)e;
	int ret = 0;

	maps->writes += n;
	for (size_t i = 0; i < n; i++) {
		int err = del_from_trie(maps, &who[i]);

		if (!err && ipaddr_is_host(&who[i]))
			err = del_from_hash(maps, &who[i]);
		if (err)
			ret = err;
	}
	if (ret)
		log_err("xdp: cannot lift bans: %s", strerror(-ret));
	return ret;
}

/* ---- the allowlist ---------------------------------------------------------- */

struct pruning {
	struct maps *maps;
	enum map_id map;
};

static int prune_one(void *ctx, const void *key, const void *value)
{
	struct pruning *p = ctx;
	struct enforce_ban there;
	struct net_ban none = { 0 };

	(void)value;
	net_decode(p->map - MAP_ALLOW4, key, &none, &there);
	return allowed_has(&p->maps->allowed, &there.who) ? 0 : trie_del(p->maps, p->map, key);
}

int maps_allow_repair(struct maps *maps, uint64_t *repaired)
{
	int err = 0;

	if (!maps->allowed.list)
		return 0;	/* nobody has said what is allowed */
	*repaired += maps_near_allow(maps);
	for (size_t i = 0; i < maps->allowed.n && !err; i++) {
		struct prefix6 key;

		prefix_make(&maps->allowed.list[i], &key);
		err = trie_add(maps, MAP_ALLOW4 + family_of(&maps->allowed.list[i]), &key, &key.len);
	}
	for (enum map_id m = MAP_ALLOW4; m <= MAP_ALLOW6 && !err; m++) {
		struct pruning p = { maps, m };

		err = map_walk(maps->fd[m], prune_one, &p);
	}
	return err ? err : maps_near_allow_only(maps);
}

int maps_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct maps *maps = (struct maps *)e;
	uint64_t new = 0;
	int err = allowed_keep(&maps->allowed, who, n);

	if (!err)
		err = maps_allow_repair(maps, &new);
	if (err)
		log_err("xdp: cannot write the allowlist: %s", strerror(-err));
	return err;
}
