/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink - requests to the kernel's packet filters (nfnetlink), and answers.
 * A change is one system call of some microseconds and says at once whether it
 * was taken; to start nft or ipset for it would take milliseconds, and theirs
 * are the programs' words to be parsed.  Knows attributes, not what they mean.
 *
 * Needs CAP_NET_ADMIN for each request, not only when it is opened.
 * Numbers of attributes are in network order, as nfnetlink has them.
 */
#pragma once
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "base/util.h"

struct nl {
	int fd;			/* owns; -1: closed */
	uint32_t seq;		/* of the last request */
	char *buf;		/* owns; what is received */
};

int nl_open(struct nl *nl);	/* 0 or -errno */
void nl_close(struct nl *nl);	/* also after a failed nl_open() */

/* ---- requests ----------------------------------------------------------------- */

/* Messages that are being written; zeroed it is empty. */
struct nlbuf {
	char *data;		/* owns */
	size_t len, size;
	size_t msg;		/* where the message being written begins */
	bool failed;		/* out of memory: sending says so */
};

void nlbuf_fini(struct nlbuf *b);
void nlbuf_reset(struct nlbuf *b);

/* Begin a message of @type, (subsystem << 8 | command), whose number is nl->seq then, ... */
void nlbuf_msg(struct nl *nl, struct nlbuf *b, uint16_t type, uint16_t flags,
	       uint8_t family);
/* ... append attributes (numbers are given as the machine has them), ... */
void nlbuf_put(struct nlbuf *b, uint16_t type, const void *data, size_t len);
void nlbuf_u8(struct nlbuf *b, uint16_t type, uint8_t value);
void nlbuf_u32(struct nlbuf *b, uint16_t type, uint32_t value);
void nlbuf_u64(struct nlbuf *b, uint16_t type, uint64_t value);
void nlbuf_str(struct nlbuf *b, uint16_t type, const char *text);
/* ... some of them inside others. */
size_t nlbuf_nest(struct nlbuf *b, uint16_t type);
void nlbuf_nest_end(struct nlbuf *b, size_t nest);
/* Bytes of the nest so far; one must stay below 64 KiB. */
size_t nlbuf_nest_len(const struct nlbuf *b, size_t nest);

/* Everything up to _end is taken as a whole or not at all, by @subsystem. */
void nlbuf_batch_begin(struct nl *nl, struct nlbuf *b, uint16_t subsystem);
void nlbuf_batch_end(struct nl *nl, struct nlbuf *b);

/* ---- answers ------------------------------------------------------------------- */

/* An attribute's content; valid during the call it is given to. */
struct nlval {
	const void *data;	/* NULL: the attribute is not there */
	size_t len;
};

/* Find @type among the attributes in @from. */
struct nlval nl_get(struct nlval from, uint16_t type);
/* The next attribute in @from: its content and type; false at the end. */
bool nl_next(struct nlval *from, struct nlval *out, uint16_t *type);
/* Numbers, as the machine has them; 0 when the attribute is not there, or too short. */
uint8_t nlval_u8(struct nlval v);
uint32_t nlval_u32(struct nlval v);
uint64_t nlval_u64(struct nlval v);
/* Is it exactly this text? */
bool nlval_is(struct nlval v, const char *text);
/* Copy the text, cut to the room there is; "" when it is not there. */
void nlval_copy(struct nlval v, char *out, size_t size);

/*
 * An answer to the request with @seq: the attributes of a message, whose command is
 * @type (without the subsystem), or, with type 0, an @err of it (-errno; 0: an
 * acknowledgement).
 */
typedef void nl_answer_fn(void *ctx, uint32_t seq, int err, uint16_t type,
			  struct nlval attrs);

/*
 * Send what is in @b, empty it, and take all answers.  @fn may be NULL.  0, or
 * the first error, of whichever request: who sends several requests that may
 * fail one by one counts errors in @fn.
 */
int nl_talk(struct nl *nl, struct nlbuf *b, nl_answer_fn *fn, void *ctx);
/* The same for one request with NLM_F_DUMP, whose answers come in many pieces. */
int nl_dump(struct nl *nl, struct nlbuf *b, nl_answer_fn *fn, void *ctx);

/*
 * A dump piece by piece, on a connection that is for nothing else until it is
 * complete: 1: there is more, 0: complete, or -errno.  -EINTR: complete, but
 * changed meanwhile.
 */
struct nl_dumping {
	bool torn;
};
int nl_dump_begin(struct nl *nl, struct nlbuf *b, struct nl_dumping *d);
int nl_dump_more(struct nl *nl, struct nl_dumping *d, nl_answer_fn *fn, void *ctx);
