/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exchange - requests and the answers to them, put together: what has somebody
 * been refused, what has been granted to him, and who can prove that he is there.
 *
 * A challenge (401, 407) that is answered is how every phone begins; it is a refusal
 * only after EXCHANGE_PATIENCE_NS without an answer.  A number that does not exist
 * (404, 484), dialled with credentials, is a mistake of a customer.  An old nonce is
 * nobody's fault.  A password that the server asked for and accepted is a success,
 * whoever else may know the nonce.  A call that was answered without one counts when
 * the ACK brings back the tag of the answer, which nobody else can know.
 *
 * Memory is fixed; it neither counts nor bans, and reads no clock.
 */
#pragma once
#include "challenge.h"
#include "message.h"

struct exchanges;

#define EXCHANGE_PATIENCE_NS	(10 * NS_PER_S)
#define EXCHANGE_TEXT		160	/* bytes of a text below, with its NUL */

enum exchange_what {
	EXCHANGE_NOTHING,
	EXCHANGE_REFUSED,
	EXCHANGE_SUCCEEDED,	/* it has authenticated */
	EXCHANGE_CALLED,	/* the server itself turns to it */
	EXCHANGE_ANSWERED,	/* its call was answered, without a password, and it heard */
};

struct exchange_result {
	enum exchange_what what;
	struct ipaddr who;
	boot_t when;
	bool proven;		/* nobody else can have sent what was refused */
	bool unanswered;	/* a challenge that nobody made anything of */
	uint64_t call;		/* a number of the call that was answered */
	char text[EXCHANGE_TEXT];	/* printable: what was refused, for `why` */
};

struct exchange_seen {
	struct ipaddr peer;
	bool out;		/* the server sent it to @peer */
	bool tcp;		/* over a connection: the peer is there */
	boot_t when;
	const struct sip_message *message;
};

/* For at most @max calls at a time; borrows @challenges.  NULL: no memory. */
struct exchanges *exchanges_new(size_t max, struct challenges *challenges);
void exchanges_free(struct exchanges *x);	/* NULL is fine */

/* A message went by; what follows from it. */
enum exchange_what exchanges_see(struct exchanges *x, const struct exchange_seen *seen,
				 struct exchange_result *r);
/*
 * Whose patience has ended by @now: one for each call, false after the last.  Also
 * forgets what is over.
 */
bool exchanges_next_due(struct exchanges *x, boot_t now, struct exchange_result *r);

struct exchange_stats {
	size_t calls;		/* kept now */
	uint64_t evicted;	/* forgotten early, for lack of room */
};
struct exchange_stats exchanges_stats(const struct exchanges *x);
