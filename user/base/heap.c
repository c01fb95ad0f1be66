// SPDX-License-Identifier: GPL-2.0-or-later
#include "heap.h"

#include <errno.h>
#include <stdlib.h>

void heap_fini(struct heap *h)
{
	free(h->nodes);
	*h = (struct heap){ 0 };
}

static void put(struct heap *h, size_t at, struct heap_node *node)
{
	h->nodes[at] = node;
	node->at = at;
}

static void sift_up(struct heap *h, struct heap_node *node)
{
	size_t at = node->at;

	while (at && h->nodes[(at - 1) / 2]->key > node->key) {
		put(h, at, h->nodes[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(h, at, node);
}

static void sift_down(struct heap *h, struct heap_node *node)
{
	size_t at = node->at, child;

	while ((child = at * 2 + 1) < h->n) {
		if (child + 1 < h->n &&
		    h->nodes[child + 1]->key < h->nodes[child]->key)
			child++;
		if (h->nodes[child]->key >= node->key)
			break;
		put(h, at, h->nodes[child]);
		at = child;
	}
	put(h, at, node);
}

int heap_insert(struct heap *h, struct heap_node *node, uint64_t key)
{
	size_t size = h->size ? h->size * 2 : 16;
	struct heap_node **p;

	if (h->n == h->size) {
		p = realloc(h->nodes, size * sizeof(*p));
		if (!p)
			return -ENOMEM;
		h->nodes = p;
		h->size = size;
	}
	node->key = key;
	node->at = h->n++;
	sift_up(h, node);
	return 0;
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	struct heap_node *last = h->nodes[--h->n];

	if (last == node)
		return;
	put(h, node->at, last);
	sift_up(h, last);
	sift_down(h, last);
}

void heap_move(struct heap *h, struct heap_node *node, uint64_t key)
{
	node->key = key;
	sift_up(h, node);
	sift_down(h, node);
}
