// SPDX-License-Identifier: GPL-2.0-or-later
/* The heap: the smallest is on top, through any mix of changes. */
#include <stdlib.h>

#include "base/heap.h"
#include "base/util.h"
#include "../t.h"

enum { N = 1000 };

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static bool is_heap(const struct heap *h)
{
	for (size_t i = 0; i < h->n; i++) {
		if (h->nodes[i]->at != i)
			return false;
		if (i && h->nodes[(i - 1) / 2]->key > h->nodes[i]->key)
			return false;
	}
	return true;
}

/* False: it is not in any more. */
static bool remove_node(struct heap *h, struct heap_node *node)
{
	heap_remove(h, node);
	return false;
}

static void any_mix_of_changes(void)
{
	struct heap_node nodes[N] = { 0 };
	bool in[N] = { 0 };
	struct heap h = { 0 };
	uint32_t seed = 7;
	size_t broken = 0;

	for (int i = 0; i < 20000; i++) {
		uint32_t k = next(&seed) % N;

		if (!in[k])
			in[k] = !heap_insert(&h, &nodes[k], next(&seed) % 500);
		else if (next(&seed) % 3)
			heap_move(&h, &nodes[k], next(&seed) % 500);
		else
			in[k] = remove_node(&h, &nodes[k]);
		broken += i % 100 == 0 && !is_heap(&h);
	}
	t_is("it stays a heap", broken, 0);
	t_ok("and has something left", h.n > N / 4);
	heap_fini(&h);
}

static void comes_out_in_order(void)
{
	struct heap_node nodes[N];
	struct heap h = { 0 };
	uint32_t seed = 3;
	uint64_t last = 0;
	size_t unordered = 0;

	t_ok("an empty one has no top", !heap_top(&h));
	for (size_t i = 0; i < N; i++)
		t_is("insert", heap_insert(&h, &nodes[i], next(&seed)), 0);
	for (size_t i = 0; i < N; i++) {
		struct heap_node *top = heap_top(&h);

		unordered += top->key < last;
		last = top->key;
		heap_remove(&h, top);
	}
	t_is("in order", unordered, 0);
	t_ok("and then it is empty", !heap_top(&h) && !h.n);
	heap_insert(&h, &nodes[0], UINT64_MAX);
	heap_insert(&h, &nodes[1], 0);
	t_ok("the extremes", heap_top(&h) == &nodes[1]);
	heap_move(&h, &nodes[1], UINT64_MAX);
	heap_move(&h, &nodes[0], 1);
	t_ok("change places", heap_top(&h) == &nodes[0]);
	heap_fini(&h);
	heap_fini(&h);
}

int main(void)
{
	comes_out_in_order();
	any_mix_of_changes();
	return t_done();
}
