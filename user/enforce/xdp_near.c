// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_near - keeps the map of neighbourhoods that banned networks touch, which
 * bpf_abi.h describes, as xdp_front.c keeps the filter of single addresses: bits
 * are set before a network is written, and cleared when a comparison of all bans
 * has made a whole new map.
 */
#include "xdp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SIZE	(2 * NEAR_WORDS * sizeof(uint64_t))

void xdp_near_open(struct xdp *x)
{
	void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, x->fd[MAP_NEAR], 0);

	x->near.live = at == MAP_FAILED || !x->shared ? NULL : at;
}

void xdp_near_close(struct xdp *x)
{
	xdp_near_abandon(x);
	if (x->near.live)
		munmap(x->near.live, SIZE);
}

/* The neighbourhoods that @net touches, first and last. */
static void touched(const struct xdp *x, const struct ipaddr *net, uint32_t *first,
		    uint32_t *last)
{
	bool v6 = family_of(net);
	uint32_t top;

	if (net->prefix < (v6 ? NEAR_LEN6 : NEAR_LEN4)) {
		*first = v6 ? NEAR_BITS : near_at4(net->bytes);
		*last = *first + (v6 ? NEAR_BITS : NEAR_BITS >> net->prefix) - 1;
		return;
	}
	memcpy(&top, net->bytes, sizeof(top));
	*first = *last = v6 ? near_at6(&x->settings.keys, top) : near_at4(net->bytes);
}

static bool has(const uint64_t *words, uint32_t at)
{
	return words[at / 64] >> at % 64 & 1;
}

bool xdp_near_add(struct xdp *x, const struct ipaddr *net)
{
	struct xdp_near *n = &x->near;
	bool in_use = n->live && x->settings.near, had = true;
	uint32_t first, last;

	touched(x, net, &first, &last);
	for (uint32_t at = first; at <= last; at++) {
		had = had && (!in_use || has(n->live, at));
		if (in_use)
			__atomic_fetch_or(&n->live[at / 64], 1ull << at % 64, __ATOMIC_SEQ_CST);
		if (n->next)
			n->next[at / 64] |= 1ull << at % 64;
	}
	return had;
}

int xdp_near_begin(struct xdp *x)
{
	xdp_near_abandon(x);
	x->near.next = x->near.live ? calloc(1, SIZE) : NULL;
	return x->near.live && !x->near.next ? -ENOMEM : 0;
}

int xdp_near_finish(struct xdp *x)
{
	struct xdp_near *n = &x->near;

	if (!n->next)
		return 0;
	for (uint32_t i = 0; i < 2 * NEAR_WORDS; i++)
		__atomic_store_n(&n->live[i], n->next[i], __ATOMIC_RELAXED);
	xdp_near_abandon(x);
	if (x->settings.near)
		return 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	x->settings.near = 1;
	return xdp_settings_write(x);
}

void xdp_near_abandon(struct xdp *x)
{
	free(x->near.next);
	x->near.next = NULL;
}
