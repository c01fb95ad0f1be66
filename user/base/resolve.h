/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve - host names to addresses, inside the loop, through c-ares.
 * Names may come from attackers: what waits and what is kept is capped, an
 * answer holds at most RESOLVE_ADDRS addresses, and nothing ever blocks.
 */
#pragma once
#include "base/ipaddr.h"
#include "base/loop.h"

#define RESOLVE_ADDRS	32u	/* addresses taken of one answer */
#define RESOLVE_NAMES	1000u	/* answers kept */
#define RESOLVE_WAITING	256u	/* questions at once; more are refused */
#define RESOLVE_KEEP_S	300	/* how long an answer is good */
#define RESOLVE_FAILED_S 30	/* how long a failure is */

struct resolver;

int resolver_new(struct resolver **out, struct loop *loop);	/* 0 or -errno */
/* Whoever waits is told that there is no address.  NULL is fine. */
void resolver_free(struct resolver *r);

/* @addrs: during the call.  @n == 0: the name has no address, or nobody answered. */
typedef void resolve_fn(void *ctx, const struct ipaddr *addrs, size_t n);
/*
 * Ask for all addresses of @name; @fn is called once, perhaps before this
 * returns.  0; -EAGAIN: too many questions wait; -EINVAL: no host name; -ENOMEM.
 */
int resolver_ask(struct resolver *r, const char *name, resolve_fn *fn, void *ctx);

/* The same with all that is known of the answer, and never from what is kept. */
struct resolve_result {
	const struct ipaddr *addrs;
	size_t n;
	unsigned int ttl_s;	/* the shortest of all; UINT_MAX if there is none */
	bool answered;		/* false: no server answered, or not to all of it */
};
typedef void resolve_result_fn(void *ctx, const struct resolve_result *result);
int resolver_ask_fresh(struct resolver *r, const char *name, resolve_result_fn *fn,
		       void *ctx);
/*
 * Ask for other records: @fn gets the packet, or NULL with @answered telling
 * whether a server said that there is nothing.
 */
enum resolve_type { RESOLVE_SRV = 33, RESOLVE_NAPTR = 35 };	/* RFC 2782, 3403 */
typedef void resolve_packet_fn(void *ctx, const unsigned char *packet, int len, bool answered);
int resolver_ask_packet(struct resolver *r, const char *name, enum resolve_type type,
			resolve_packet_fn *fn, void *ctx);

/* Questions that were one too many (-EAGAIN). */
uint64_t resolver_refused(const struct resolver *r);
