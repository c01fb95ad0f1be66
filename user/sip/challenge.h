/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * challenge - who was sent which nonce or tag: whoever says it back can receive
 * what is sent to his address, so he has not forged it.
 *
 * Only if nobody else could know it.  Kamailio's nonces depend on the second alone,
 * if it is not told otherwise: one that went to two addresses proves nothing for
 * either.  Its tags are a constant and a checksum of the request, which anybody can
 * compute: a tag proves nothing once another call had one with the same beginning.
 *
 * Memory is fixed: the oldest go first.  What is kept are hashes under a key of our
 * own, no texts.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct challenges;

#define CHALLENGE_MAX	63u	/* bytes that count: chan_pjsip logs no more */
/*
 * So long can it be said back: a nonce outlives its challenge by that with any
 * server that we know.
 */
#define CHALLENGE_AGE_NS (300 * NS_PER_S)

/* Room for at least @max of them.  NULL: no memory. */
struct challenges *challenges_new(size_t max);
void challenges_free(struct challenges *c);	/* NULL is fine */

/* The server has sent @nonce to @who. */
void challenges_sent(struct challenges *c, const struct ipaddr *who, const char *nonce,
		     size_t len, boot_t now);
/* @who says it: does that prove that he is there? */
bool challenges_proves(const struct challenges *c, const struct ipaddr *who,
		       const char *nonce, size_t len, boot_t now);

/* The same for the tag that an answer in the call @call_id had. */
void challenges_sent_tag(struct challenges *c, const struct ipaddr *who, const char *tag,
			 size_t len, const char *call_id, size_t call_len, boot_t now);
bool challenges_tag_proves(const struct challenges *c, const struct ipaddr *who,
			   const char *tag, size_t len, boot_t now);

struct challenge_stats {
	uint64_t sent;		/* noted */
	uint64_t shared;	/* nonces that became worthless: sent to others, too */
	uint64_t evicted;	/* forgotten before their time, for lack of room */
};
struct challenge_stats challenges_stats(const struct challenges *c);
