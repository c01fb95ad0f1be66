// SPDX-License-Identifier: GPL-2.0-or-later
#include "aggregate.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/hmap.h"
#include "base/str.h"

enum {
	NET_DIRTY	= 1,	/* changed since the last export, in that list */
	NET_SAVED	= 2,	/* the database has it: its end must be told */
};

/* Without members it only waits for its end to be told to the database. */
struct net {
	struct hmap_node node;
	TAILQ_ENTRY(net) age;		/* the one noted longest ago comes first */
	TAILQ_ENTRY(net) change;
	struct ipaddr who;
	uint8_t flags;
	uint16_t n, size;
	struct aggregate_member *members;	/* owns; oldest first, all different */
};

TAILQ_HEAD(net_list, net);

struct aggregate {
	struct aggregate_policy policy;
	struct hmap by_net;		/* owns the nets */
	struct net_list by_age, changed;
	size_t live;			/* nets with members */
	uint64_t evicted;
	struct aggregate_member *told;	/* owns: what the last verdict points to */
};

static bool policy_ok(const struct aggregate_policy *p)
{
	return p->count && p->count <= AGGREGATE_MAX_COUNT && p->within_us > 0 &&
	       p->prefix4 <= 32 && p->prefix6 <= 128 && p->max_nets;
}

int aggregate_new(struct aggregate **out, const struct aggregate_policy *p)
{
	struct aggregate *a;

	if (!policy_ok(p))
		return -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	if (hmap_init(&a->by_net)) {
		free(a);
		return -ENOMEM;
	}
	a->policy = *p;
	TAILQ_INIT(&a->by_age);
	TAILQ_INIT(&a->changed);
	*out = a;
	return 0;
}

static struct net *net_of(struct hmap_node *node)
{
	return container_of(node, struct net, node);
}

void aggregate_free(struct aggregate *a)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *node;

	if (!a)
		return;
	while ((node = hmap_each(&a->by_net, &c))) {
		free(net_of(node)->members);
		free(net_of(node));
	}
	hmap_fini(&a->by_net);
	free(a->told);
	free(a);
}

/* ---- nets ----------------------------------------------------------------- */

static struct net *find(const struct aggregate *a, const struct ipaddr *who)
{
	struct hmap_node *node = hmap_first(&a->by_net,
					    hmap_hash(&a->by_net, who, sizeof(*who)));

	while (node && !ipaddr_equal(&net_of(node)->who, who))
		node = hmap_next(node);
	return node ? net_of(node) : NULL;
}

static void mark(struct aggregate *a, struct net *net)
{
	if (net->flags & NET_DIRTY)
		return;
	net->flags |= NET_DIRTY;
	TAILQ_INSERT_TAIL(&a->changed, net, change);
}

static void unmark(struct aggregate *a, struct net *net)
{
	if (!(net->flags & NET_DIRTY))
		return;
	net->flags &= (uint8_t)~NET_DIRTY;
	TAILQ_REMOVE(&a->changed, net, change);
}

static void drop(struct aggregate *a, struct net *net)
{
	unmark(a, net);
	hmap_remove(&a->by_net, &net->node);
	free(net->members);
	free(net);
}

/* No members any more. */
static void end(struct aggregate *a, struct net *net)
{
	if (net->n) {
		TAILQ_REMOVE(&a->by_age, net, age);
		a->live--;
	}
	net->n = 0;
	if (net->flags & NET_SAVED)
		mark(a, net);
	else
		drop(a, net);
}

static struct net *find_or_add(struct aggregate *a, const struct ipaddr *who)
{
	struct net *net = find(a, who);

	if (net)
		return net;
	net = calloc(1, sizeof(*net));
	if (!net)
		return NULL;
	net->who = *who;
	hmap_insert(&a->by_net, &net->node, hmap_hash(&a->by_net, who, sizeof(*who)));
	return net;
}

/* ---- members ------------------------------------------------------------------ */

static void remove_at(struct net *net, uint32_t i)
{
	memmove(&net->members[i], &net->members[i + 1],
		(net->n - i - 1u) * sizeof(*net->members));
	net->n--;
}

static void remove_member(struct net *net, const struct ipaddr *who)
{
	for (uint32_t i = 0; i < net->n; i++)
		if (ipaddr_equal(&net->members[i].who, who)) {
			remove_at(net, i);
			return;
		}
}

static int reserve(struct net *net)
{
	uint16_t size = net->size ? (uint16_t)(net->size * 2) : 4;
	struct aggregate_member *p;

	if (net->n < net->size)
		return 0;
	p = realloc(net->members, size * sizeof(*p));
	if (!p)
		return -ENOMEM;
	net->members = p;
	net->size = size;
	return 0;
}

/* Insert in the order of time; the caller made room. */
static void insert(struct net *net, const struct aggregate_member *m)
{
	uint32_t i = net->n;

	while (i && net->members[i - 1].when.us > m->when.us)
		i--;
	memmove(&net->members[i + 1], &net->members[i], (net->n - i) * sizeof(*m));
	net->members[i] = *m;
	net->n++;
}

static bool too_old(const struct aggregate *a, wall_t when, wall_t newest)
{
	return when.us < newest.us && newest.us - when.us > a->policy.within_us;
}

static int add_member(struct aggregate *a, struct net *net, const struct aggregate_member *m)
{
	bool live = net->n;

	if (reserve(net))
		return -ENOMEM;
	remove_member(net, &m->who);
	insert(net, m);
	while (too_old(a, net->members[0].when, net->members[net->n - 1].when))
		remove_at(net, 0);
	if (live)
		TAILQ_REMOVE(&a->by_age, net, age);
	else
		a->live++;
	TAILQ_INSERT_TAIL(&a->by_age, net, age);
	return 0;
}

/* The caller made sure that there is at least one. */
static void make_room(struct aggregate *a)
{
	while (a->live > a->policy.max_nets) {
		end(a, TAILQ_FIRST(&a->by_age));
		a->evicted++;
	}
}

/* ---- public ----------------------------------------------------------------- */

/* False: addresses of this kind are not aggregated. */
static bool net_around(const struct aggregate *a, const struct ipaddr *who, struct ipaddr *net)
{
	uint8_t prefix = who->family == 4 ? a->policy.prefix4 : a->policy.prefix6;

	*net = *who;
	if (!who->family || !prefix || who->prefix <= prefix)
		return false;
	ipaddr_mask(net, prefix);
	return true;
}

int aggregate_note(struct aggregate *a, const struct ipaddr *who, wall_t when,
		   struct aggregate_verdict *v)
{
	struct aggregate_member m = { *who, when };
	struct ipaddr around;
	struct net *net;

	if (!net_around(a, who, &around))
		return 0;
	net = find_or_add(a, &around);
	if (!net)
		return -ENOMEM;
	if (add_member(a, net, &m)) {
		if (!net->n && !(net->flags & NET_SAVED))
			drop(a, net);
		return -ENOMEM;
	}
	mark(a, net);
	make_room(a);
	if (net->n < a->policy.count)
		return 0;
	free(a->told);
	a->told = net->members;
	*v = (struct aggregate_verdict){ around, net->members, net->n };
	net->members = NULL;
	net->size = 0;
	end(a, net);
	return 1;
}

void aggregate_forget(struct aggregate *a, const struct ipaddr *who)
{
	struct ipaddr around;
	struct net *net;

	if (!net_around(a, who, &around))
		return;
	net = find(a, &around);
	if (!net || !net->n)
		return;
	if (net->n == 1 && ipaddr_equal(&net->members[0].who, who)) {
		end(a, net);
		return;
	}
	remove_member(net, who);
	mark(a, net);
}

void aggregate_purge(struct aggregate *a, wall_t now)
{
	struct net *net, *next;

	for (net = TAILQ_FIRST(&a->by_age); net; net = next) {
		next = TAILQ_NEXT(net, age);
		if (too_old(a, net->members[net->n - 1].when, now))
			end(a, net);
	}
}

size_t aggregate_nets(const struct aggregate *a)
{
	return a->live;
}

uint64_t aggregate_evicted(const struct aggregate *a)
{
	return a->evicted;
}

/* ---- the database's form --------------------------------------------------------- */

/*
 * Key:   family, prefix length, the 4 or 16 bytes of the network.
 * Value: version; then for each member, oldest first: prefix length, its 4 or 16
 *        bytes, and the time in microseconds, eight bytes, least significant first.
 */
enum { VERSION = 1, KEY_MAX = 18, TIME = 8 };

static size_t bytes_of(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

static size_t put_addr(uint8_t *p, const struct ipaddr *a)
{
	p[0] = a->prefix;
	memcpy(p + 1, a->bytes, bytes_of(a->family));
	return 1 + bytes_of(a->family);
}

static int get_addr(const uint8_t *p, uint8_t family, struct ipaddr *out)
{
	if (p[0] > (family == 4 ? 32 : 128))
		return -EINVAL;
	*out = (struct ipaddr){ .family = family };
	memcpy(out->bytes, p + 1, bytes_of(family));
	ipaddr_mask(out, p[0]);
	return 0;
}

static void put_value(const struct net *net, struct str *value)
{
	str_reset(value);
	str_putc(value, VERSION);
	for (uint32_t i = 0; i < net->n; i++) {
		uint8_t bytes[KEY_MAX + TIME];
		size_t len = put_addr(bytes, &net->members[i].who);

		for (int k = 0; k < TIME; k++)
			bytes[len++] = (uint8_t)((uint64_t)net->members[i].when.us >> 8 * k);
		str_add(value, (char *)bytes, len);
	}
}

void aggregate_export(struct aggregate *a, aggregate_export_fn *fn, void *ctx)
{
	struct str value = { 0 };
	uint8_t key[KEY_MAX];
	struct net *net;

	while ((net = TAILQ_FIRST(&a->changed))) {
		size_t len = 1 + put_addr(key + 1, &net->who);

		key[0] = net->who.family;
		if (!net->n) {
			fn(ctx, key, len, NULL, 0);
			drop(a, net);
			continue;
		}
		put_value(net, &value);
		if (value.failed)
			break;
		fn(ctx, key, len, value.s, value.len);
		unmark(a, net);
		net->flags |= NET_SAVED;
	}
	str_fini(&value);
}

void aggregate_touch(struct aggregate *a)
{
	struct net *net;

	TAILQ_FOREACH(net, &a->by_age, age)
		mark(a, net);
}

static int get_members(struct aggregate *a, struct net *net, const uint8_t *p, size_t n)
{
	size_t addr = 1 + bytes_of(net->who.family);

	for (; n; n--, p += addr + TIME) {
		struct aggregate_member m = { 0 };
		uint64_t us = 0;

		for (int k = 0; k < TIME; k++)
			us |= (uint64_t)p[addr + (size_t)k] << 8 * k;
		m.when.us = (int64_t)us;
		if (get_addr(p, net->who.family, &m.who) ||
		    !ipaddr_contains(&net->who, &m.who) ||
		    m.when.us > INT64_MAX / 4 || m.when.us < INT64_MIN / 4)
			return -EINVAL;
		/* A lower count now: the next ban of the network decides. */
		if (net->n + 1u < a->policy.count && add_member(a, net, &m))
			return -ENOMEM;
	}
	return net->n ? 0 : -EINVAL;
}

int aggregate_import(struct aggregate *a, const void *key, size_t key_len,
		     const void *value, size_t value_len)
{
	const uint8_t *k = key, *v = value;
	struct ipaddr who;
	struct net *net;
	size_t size;
	int err;

	if (key_len < 2 || (k[0] != 4 && k[0] != 6) || key_len != 2 + bytes_of(k[0]) ||
	    get_addr(k + 1, k[0], &who))
		return -EINVAL;
	size = 1 + bytes_of(k[0]) + TIME;
	if (!value_len || v[0] != VERSION || (value_len - 1) % size)
		return -EINVAL;
	/* Made with another length: of no use now. */
	if (who.prefix != (who.family == 4 ? a->policy.prefix4 : a->policy.prefix6) ||
	    find(a, &who))
		return -EINVAL;
	net = find_or_add(a, &who);
	if (!net)
		return -ENOMEM;
	err = get_members(a, net, v + 1, (value_len - 1) / size);
	if (err) {
		end(a, net);
		return err;
	}
	net->flags |= NET_SAVED;
	make_room(a);
	return 0;
}
