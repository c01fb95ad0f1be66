// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_near - keeps the map of neighbourhoods that banned networks touch, which
 * bpf_abi.h describes, as xdp_front.c keeps the filter of single addresses: bits
 * are set before a network is written, and cleared when a comparison of all bans
 * has made a whole new map.  That of the allowlist, which is always written as a
 * whole, is made anew each time.
 */
#include "xdp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HALF_WORDS	(2 * NEAR_WORDS)	/* of the networks, or the allowlist */
#define HALF_SIZE	(HALF_WORDS * sizeof(uint64_t))
#define SIZE		(2 * HALF_SIZE)

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

static void set(uint64_t *words, uint32_t at)
{
	__atomic_fetch_or(&words[at / 64], 1ull << at % 64, __ATOMIC_SEQ_CST);
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
			set(n->live, at);
		if (n->next)
			set(n->next, at);
	}
	return had;
}

int xdp_near_begin(struct xdp *x)
{
	xdp_near_abandon(x);
	x->near.next = x->near.live ? calloc(1, HALF_SIZE) : NULL;
	return x->near.live && !x->near.next ? -ENOMEM : 0;
}

static void put_in_place(uint64_t *live, const uint64_t *next)
{
	for (uint32_t i = 0; i < HALF_WORDS; i++)
		__atomic_store_n(&live[i], next[i], __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static int announce(struct xdp *x, __u32 *setting)
{
	if (*setting)
		return 0;
	*setting = 1;
	return xdp_settings_write(x);
}

int xdp_near_finish(struct xdp *x)
{
	struct xdp_near *n = &x->near;

	if (!n->next)
		return 0;
	put_in_place(n->live, n->next);
	xdp_near_abandon(x);
	return announce(x, &x->settings.near);
}

void xdp_near_abandon(struct xdp *x)
{
	free(x->near.next);
	x->near.next = NULL;
}

/* ---- the allowlist ----------------------------------------------------------- */

/* Sets the bits of all of it in @words; gives how many entries had not all of theirs. */
static uint64_t add_allowed(const struct xdp *x, uint64_t *words)
{
	uint64_t lacked = 0;

	for (size_t i = 0; i < x->n_allow; i++) {
		uint32_t first, last;
		bool had = true;

		touched(x, &x->allow[i], &first, &last);
		for (uint32_t at = first; at <= last; at++) {
			had = had && has(words, at);
			set(words, at);
		}
		lacked += !had;
	}
	return lacked;
}

uint64_t xdp_near_allow(struct xdp *x)
{
	uint64_t lacked = x->near.live ? add_allowed(x, x->near.live + HALF_WORDS) : 0;

	return x->settings.near_allow ? lacked : 0;
}

int xdp_near_allow_only(struct xdp *x)
{
	uint64_t *next;

	if (!x->near.live)
		return 0;
	next = calloc(1, HALF_SIZE);
	if (!next)
		return -ENOMEM;
	add_allowed(x, next);
	put_in_place(x->near.live + HALF_WORDS, next);
	free(next);
	return announce(x, &x->settings.near_allow);
}
