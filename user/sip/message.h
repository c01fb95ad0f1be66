/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message - what a SIP message says about who belongs here: first line, Call-ID,
 * CSeq, tags, nonces, user names.
 * Reads the beginning of a message as it was on the wire: hostile, of any form,
 * perhaps cut off.  A field that may have been cut off is not there.  It checks
 * no syntax that does not matter here, and knows nothing of transactions.
 */
#pragma once
#include "base/util.h"

/* Bytes of the message, which may hold anything; .s NULL: not there. */
struct sip_text {
	const char *s;
	size_t len;
};

#define SIP_NONCES_MAX	4	/* of one message; the others are not looked at */

struct sip_message {
	unsigned int status;		/* of a response; 0: a request */
	struct sip_text method;		/* of a request, or what CSeq names */
	struct sip_text call_id;
	struct sip_text branch;		/* of the first Via: an answer has its request's */
	uint32_t cseq;
	struct sip_text to_tag;
	struct sip_text from_user, to_user;	/* between "sip:" and "@" */
	struct sip_text user_agent;
	struct sip_text nonces[SIP_NONCES_MAX];	/* of credentials, or of challenges */
	size_t n_nonces;
	bool stale;			/* a challenge says that only the nonce was old */
};

/*
 * Everything in @m points into @data.  0, or -EINVAL: not SIP/2.0, or without
 * Call-ID or CSeq, without which nobody can answer it.
 */
int sip_message_read(struct sip_message *m, const char *data, size_t len);

bool sip_text_is(struct sip_text t, const char *word);	/* exactly, as methods are */
