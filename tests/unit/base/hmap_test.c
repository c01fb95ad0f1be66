// SPDX-License-Identifier: GPL-2.0-or-later
/* The hash map against an array that knows what must be in it. */
#include <stdlib.h>

#include "base/hmap.h"
#include "base/util.h"
#include "../t.h"

enum { N = 5000 };

struct thing {
	struct hmap_node node;
	uint32_t key;
	bool in;
};

static struct thing *find(const struct hmap *m, uint32_t key)
{
	struct hmap_node *n = hmap_first(m, hmap_hash(m, &key, sizeof(key)));

	for (; n; n = hmap_next(n))
		if (container_of(n, struct thing, node)->key == key)
			return container_of(n, struct thing, node);
	return NULL;
}

static void insert(struct hmap *m, struct thing *t)
{
	hmap_insert(m, &t->node, hmap_hash(m, &t->key, sizeof(t->key)));
	t->in = true;
}

static size_t wrong(const struct hmap *m, struct thing *things)
{
	size_t bad = 0;

	for (uint32_t i = 0; i < N; i++)
		bad += find(m, i) != (things[i].in ? &things[i] : NULL);
	return bad;
}

static void grows_and_shrinks(struct hmap *m, struct thing *things)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *n;
	size_t seen = 0;

	for (uint32_t i = 0; i < N; i++) {
		things[i].key = i;
		insert(m, &things[i]);
	}
	t_is("all are counted", m->n, N);
	t_is("all are found", wrong(m, things), 0);
	for (uint32_t i = 0; i < N; i += 3) {
		hmap_remove(m, &things[i].node);
		things[i].in = false;
	}
	t_is("what was removed is not", wrong(m, things), 0);
	/* A walk may remove what it was just given. */
	while ((n = hmap_each(m, &c))) {
		struct thing *t = container_of(n, struct thing, node);

		seen += t->in;
		if (t->key % 2) {
			hmap_remove(m, n);
			t->in = false;
		}
	}
	t_is("a walk sees each one", seen, N - (N + 2) / 3);
	t_is("and what it removed is gone", wrong(m, things), 0);
}

/* Looking ahead finds and changes nothing, in whatever is there or not. */
static void expected(struct hmap *m, const struct thing *things)
{
	uint64_t hashes[HMAP_BATCH + 1];
	size_t n = m->n, missed = 0;

	for (uint32_t i = 0; i < HMAP_BATCH + 1; i++)
		hashes[i] = hmap_hash(m, &i, sizeof(i));
	hmap_expect(m, hashes, 0);
	hmap_expect(m, hashes, HMAP_BATCH + 1);
	for (uint32_t i = 0; i < HMAP_BATCH + 1; i++)
		missed += find(m, i) != (things[i].in ? &things[i] : NULL);
	t_is("as many as before", (int64_t)m->n, (int64_t)n);
	t_is("and the same", (int64_t)missed, 0);
}

/* Nodes with the same hash are all kept, and told apart by the caller. */
static void collisions(struct hmap *m)
{
	struct thing same[3] = { { .key = 1 }, { .key = 2 }, { .key = 3 } };
	struct hmap_node *n;
	size_t seen = 0;

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		hmap_insert(m, &same[i].node, 42);
	for (n = hmap_first(m, 42); n; n = hmap_next(n))
		seen |= (size_t)1 << container_of(n, struct thing, node)->key;
	t_is("all three", seen, 2 + 4 + 8);
	hmap_remove(m, &same[1].node);
	for (seen = 0, n = hmap_first(m, 42); n; n = hmap_next(n))
		seen |= (size_t)1 << container_of(n, struct thing, node)->key;
	t_is("without the one in the middle", seen, 2 + 8);
	t_ok("no neighbour", !hmap_first(m, 43));
	hmap_remove(m, &same[0].node);
	hmap_remove(m, &same[2].node);
}

/* The reference values of SipHash-1-3 with the key 00 01 .. 0f. */
static void the_hash_is_siphash(void)
{
	static const uint64_t want[] = {
		0xabac0158050fc4dcull, 0xc9f49bf37d57ca93ull, 0x82cb9b024dc7d44dull,
		0x8bf80ab8e7ddf7fbull, 0xcf75576088d38328ull, 0xdef9d52f49533b67ull,
		0xc50d2b50c59f22a7ull, 0xd3927d989bb11140ull, 0x369095118d299a8eull,
	};
	struct hmap m = { .key = { 0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull } };
	uint8_t text[16];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		t_is("hash", (int64_t)hmap_hash(&m, text, i), (int64_t)want[i]);
}

int main(void)
{
	struct thing *things = calloc(N, sizeof(*things));
	struct hmap m, other;

	t_ok("two maps", things && !hmap_init(&m) && !hmap_init(&other));
	t_ok("with keys of their own", hmap_hash(&m, "x", 1) != hmap_hash(&other, "x", 1));
	collisions(&m);
	expected(&m, things);
	grows_and_shrinks(&m, things);
	expected(&m, things);
	the_hash_is_siphash();
	hmap_fini(&m);
	hmap_fini(&other);
	hmap_fini(&other);
	free(things);
	return t_done();
}
