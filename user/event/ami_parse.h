/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ami_parse - the bytes of Asterisk's manager interface (AMI) into messages.
 * A banner line, then blocks of "Key: Value" lines, each block ended by an empty
 * line.  Everything is capped: what an attacker can put into a value may make
 * that value shorter, but neither hide the rest of the message nor cost memory.
 * Does not know what a message means, nor where bytes come from.
 */
#pragma once
#include "base/util.h"

#define AMI_BANNER_MAX	128u	/* bytes of the first line */
#define AMI_LINE_MAX	1024u	/* of a line; the rest of it is left out */
#define AMI_FIELDS_MAX	64u	/* of a message; with more it is refused */

struct ami_field {
	const char *key, *value;	/* NUL-terminated, without NUL inside */
};

/* Valid while it is handed out. */
struct ami_message {
	size_t n;
	struct ami_field fields[AMI_FIELDS_MAX];
	/*
	 * A line held a CR, LF or NUL (lines end in CR LF), or was no "Key: Value":
	 * Asterisk's own text is not like that.
	 */
	bool odd;
};

/* The first field called @key (in any case), or NULL. */
const char *ami_field(const struct ami_message *m, const char *key);

struct ami_parse_stats {
	uint64_t messages;	/* handed out */
	uint64_t cut;		/* lines whose end was left out */
	uint64_t refused;	/* messages with too many lines */
};

struct ami_parser;
typedef void ami_message_fn(void *ctx, const struct ami_message *m);

/* NULL: no memory.  Messages go to @fn, which must not free the parser. */
struct ami_parser *ami_parser_new(ami_message_fn *fn, void *ctx);
void ami_parser_free(struct ami_parser *p);	/* NULL is fine */
/* A new connection: expect the banner; the counters go on. */
void ami_parser_reset(struct ami_parser *p);
/* The next bytes.  0, or -EPROTO: this is no manager interface. */
int ami_parser_push(struct ami_parser *p, const char *data, size_t len);
/* The banner came, whole. */
bool ami_parser_greeted(const struct ami_parser *p);
const struct ami_parse_stats *ami_parser_stats(const struct ami_parser *p);
