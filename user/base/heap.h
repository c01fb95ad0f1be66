/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * heap - a binary heap of nodes that live inside the things they order;
 * the smallest key is on top.  The heap owns its array, never the nodes.
 */
#pragma once
#include "util.h"

struct heap_node {
	uint64_t key;		/* what it is ordered by, e.g. an end time */
	size_t at;		/* its place in the array, kept by the heap */
};

struct heap {
	struct heap_node **nodes;	/* owns the array */
	size_t n, size;
};

void heap_fini(struct heap *h);
int heap_insert(struct heap *h, struct heap_node *node, uint64_t key); /* 0, -ENOMEM */
/* @node must be in the heap. */
void heap_remove(struct heap *h, struct heap_node *node);
void heap_move(struct heap *h, struct heap_node *node, uint64_t key);
/* The node with the smallest key, or NULL. */
static inline struct heap_node *heap_top(const struct heap *h)
{
	return h->n ? h->nodes[0] : NULL;
}
