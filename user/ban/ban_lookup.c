// SPDX-License-Identifier: GPL-2.0-or-later
#include "ban_store_private.h"

static struct node *skip_others(struct hmap_node *at, const struct ipaddr *who)
{
	for (; at; at = hmap_next(at)) {
		struct node *n = container_of(at, struct node, by_who);

		if (ipaddr_equal(&n->who, who))
			return n;
	}
	return NULL;
}

struct node *ban_node_hashed(const struct ban_store *s, const struct ipaddr *who,
			     uint64_t hash)
{
	return skip_others(hmap_first(&s->by_who, hash), who);
}

struct node *ban_node_first(const struct ban_store *s, const struct ipaddr *who)
{
	return ban_node_hashed(s, who, hmap_hash_addr(s->by_who.key, who));
}

struct node *ban_node_next(const struct node *n)
{
	return skip_others(hmap_next(&n->by_who), &n->who);
}

struct ban ban_node_value(const struct ban_store *s, const struct node *n)
{
	return (struct ban){
		.who = n->who,
		.jail = s->jails.v[n->jail],
		.scope = n->scope,
		.until = { n->by_end.key },
		.since = n->since,
		.failures = n->failures,
		.earlier = n->earlier,
		.reason = n->text ? n->text->reason : NULL,
		.lines = n->text ? n->text->lines : NULL,
	};
}

struct node *ban_node_find(const struct ban_store *s, const struct ipaddr *who, int jail)
{
	struct node *n = ban_node_first(s, who);

	while (n && n->jail != jail)
		n = ban_node_next(n);
	return n;
}

void ban_store_expect(const struct ban_store *s, const struct ipaddr *who, size_t n)
{
	uint64_t hashes[HMAP_BATCH];

	n = n < HMAP_BATCH ? n : HMAP_BATCH;
	for (size_t i = 0; i < n; i++)
		hashes[i] = hmap_hash_addr(s->by_who.key, &who[i]);
	hmap_expect(&s->by_who, hashes, n);
}

/* ---- look up ---------------------------------------------------------------- */

bool ban_store_find(const struct ban_store *s, const struct ipaddr *who,
		    const char *jail, struct ban *out)
{
	int index = ban_names_find(&s->jails, jail);
	const struct node *n = index < 0 ? NULL : ban_node_find(s, who, index);

	if (n)
		*out = ban_node_value(s, n);
	return n;
}

bool ban_store_mark(struct ban_store *s, const struct ipaddr *who, const char *jail)
{
	int index = ban_names_find(&s->jails, jail);
	struct node *n = index < 0 ? NULL : ban_node_find(s, who, index);
	bool fresh = n && !n->marked;

	if (n)
		n->marked = true;
	return fresh;
}

bool ban_store_is_marked(const struct ban_store *s, const struct ipaddr *who, const char *jail)
{
	int index = ban_names_find(&s->jails, jail);
	const struct node *n = index < 0 ? NULL : ban_node_find(s, who, index);

	return n && n->marked;
}

bool ban_store_unmark(struct ban_store *s, const struct ipaddr *who, struct ban *out)
{
	struct node *n = ban_node_first(s, who);

	while (n && !n->marked)
		n = ban_node_next(n);
	if (!n)
		return false;
	n->marked = false;
	*out = ban_node_value(s, n);
	return true;
}

/* The next shorter length, from @prefix down, that some ban has; -1: none. */
static int used_prefix(const struct ban_store *s, uint8_t family, int prefix)
{
	while (prefix >= 0 && !s->by_prefix[family == 6][prefix])
		prefix--;
	return prefix;
}

void ban_store_around(const struct ban_store *s, const struct ipaddr *who,
		      ban_fn *fn, void *ctx)
{
	struct ipaddr net = *who;
	int prefix = who->prefix;

	while ((prefix = used_prefix(s, who->family, prefix)) >= 0) {
		ipaddr_mask(&net, (unsigned int)prefix--);
		for (const struct node *n = ban_node_first(s, &net); n; n = ban_node_next(n)) {
			struct ban b = ban_node_value(s, n);

			fn(ctx, &b);
		}
	}
}

/* The next slot in use, or NULL; the cursor is behind it. */
static const struct node *next_used(const struct ban_store *s, struct ban_cursor *c)
{
	while (c->at < s->n_chunks * CHUNK) {
		const struct node *n = ban_node_at(s, c->at++);

		if (n->used)
			return n;
	}
	return NULL;
}

bool ban_store_next(const struct ban_store *s, struct ban_cursor *c,
		    const struct ban_filter *filter, struct ban *out)
{
	int jail = filter && filter->jail ? ban_names_find(&s->jails, filter->jail) : -1;
	const struct node *n;

	if (filter && filter->jail && jail < 0)
		return false;
	while ((n = next_used(s, c))) {
		if (jail >= 0 && n->jail != jail)
			continue;
		if (filter && filter->within && !ipaddr_contains(filter->within, &n->who))
			continue;
		*out = ban_node_value(s, n);
		return true;
	}
	return false;
}

size_t ban_store_count(const struct ban_store *s, const char *jail, uint64_t *total)
{
	int index = ban_names_find(&s->jails, jail);

	if (total)
		*total = index < 0 ? 0 : s->counts[index].total;
	return index < 0 ? 0 : s->counts[index].bans;
}

size_t ban_store_addresses(const struct ban_store *s)
{
	return s->addresses;
}

struct ban_store_stats ban_store_stats(const struct ban_store *s)
{
	struct ban_store_stats stats = s->stats;

	stats.addresses = s->addresses;
	stats.text = s->texts.bytes;
	stats.dropped_text = s->texts.dropped;
	stats.bytes = sizeof(*s) + s->n_chunks * CHUNK * sizeof(struct node) +
		      (s->by_who.mask + 1) * sizeof(*s->by_who.buckets) +
		      s->by_end.size * sizeof(*s->by_end.nodes);
	return stats;
}

/* ---- effects ---------------------------------------------------------------- */

static uint64_t end_of_all(const struct node *n)
{
	uint64_t until = 0;

	for (; n; n = ban_node_next(n))
		if (n->scope == BAN_SCOPE_ALL && n->by_end.key > until)
			until = n->by_end.key;
	return until;
}

/* Of several bans with one scope the longest counts, of equal ones the first. */
static bool counts(const struct node *first, const struct node *n, uint64_t all)
{
	bool before = true;

	if (n->scope == BAN_SCOPE_ALL ? n->by_end.key < all : n->by_end.key <= all)
		return false;
	for (const struct node *o = first; o; o = ban_node_next(o)) {
		if (o == n)
			before = false;
		else if (o->scope == n->scope && o->by_end.key >= n->by_end.key + !before)
			return false;
	}
	return true;
}

size_t ban_store_effects(const struct ban_store *s, const struct ipaddr *who,
			 struct ban_effect *out, size_t max)
{
	const struct node *first = ban_node_first(s, who);
	uint64_t all = end_of_all(first);
	size_t n_effects = 0;

	if (all && n_effects++ < max)
		out[0] = (struct ban_effect){ *who, BAN_SCOPE_ALL, { all } };
	for (const struct node *n = first; n; n = ban_node_next(n)) {
		if (n->scope == BAN_SCOPE_ALL || !counts(first, n, all))
			continue;
		if (n_effects < max)
			out[n_effects] = (struct ban_effect){ *who, n->scope,
							      { n->by_end.key } };
		n_effects++;
	}
	return n_effects;
}

bool ban_store_next_address(const struct ban_store *s, struct ban_cursor *c,
			    struct ipaddr *who)
{
	const struct node *n;

	while ((n = next_used(s, c))) {
		if (!n->leads)
			continue;
		*who = n->who;
		return true;
	}
	return false;
}

