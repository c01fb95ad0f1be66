/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * book - all who are trusted now: what every source named last, and what its
 * host names were last known to be.
 * What was good stays good: entries of a file that cannot be read, addresses of
 * a name that nobody resolves.  An address that a name does not have any more is
 * kept for TRUST_LINGER, because providers give out a part of their addresses at
 * a time.  No clock, no resolver, no kernel: whoever has them tells.
 */
#pragma once
#include "base/clock.h"
#include "base/str.h"
#include "source.h"

#define TRUST_MAX_NAMES		1000u	/* host names kept resolved */
#define TRUST_MAX_ADDRS		64u	/* addresses of one name */
#define TRUST_LINGER_US		(3600 * US_PER_S)
/* A name is asked for again when its answer's time is up, within these. */
#define TRUST_TTL_MIN_S		30u
#define TRUST_TTL_MAX_S		900u	/* SRV records have their own, not looked at */
#define TRUST_RETRY_S		30u	/* after a failure */

struct trust_book;

struct trust_addr {
	struct ipaddr addr;
	wall_t seen;		/* when an answer had it last */
};

struct trust_name {
	struct trust_name *next;
	char host[TRUST_HOST];
	bool srv;
	bool wanted;			/* an entry names it */
	bool asking;
	bool failed;			/* the last time, or a part of it */
	wall_t tried, answered;		/* 0: never */
	boot_t due;
	struct trust_addr addrs[TRUST_MAX_ADDRS];
	size_t n;
};

struct trust_book *trust_book_new(void);	/* NULL: no memory */
void trust_book_free(struct trust_book *b);	/* NULL is fine */

/*
 * These sources from now on; what others named is forgotten, what is there stays
 * until the next reading.  0 or -ENOMEM, then nothing has changed.
 */
int trust_book_configure(struct trust_book *b, const struct trust_source *sources, size_t n,
			 const struct trust_limits *limits);
/* Read all sources again.  0 or -ENOMEM: what was known before stays. */
int trust_book_read(struct trust_book *b);

size_t trust_book_sources(const struct trust_book *b);
const struct trust_source *trust_book_source(const struct trust_book *b, size_t i);
const struct trust_reading *trust_book_reading(const struct trust_book *b, size_t i);

/* All names, linked by .next. */
const struct trust_name *trust_book_names(const struct trust_book *b);
/* The name that is to be asked for at @now, and marked as asked; NULL: none. */
const struct trust_name *trust_book_ask(struct trust_book *b, boot_t now);
/* When there will be one; BOOT_NEVER. */
boot_t trust_book_due(const struct trust_book *b);
/* Nobody could be asked: put it off. */
void trust_book_put_off(struct trust_book *b, const char *host, bool srv, boot_t now);

struct trust_answer {
	const struct ipaddr *addrs;
	size_t n;
	unsigned int ttl_s;
	bool complete;		/* every question was answered */
};
/* What a name resolved to.  True: its addresses have changed. */
bool trust_book_answer(struct trust_book *b, const char *host, bool srv,
		       const struct trust_answer *a, boot_t now, wall_t wall);
/* The name of an entry; NULL: it is an address, or there were too many names. */
const struct trust_name *trust_book_name(const struct trust_book *b,
					 const struct trust_entry *e);
uint64_t trust_book_refused(const struct trust_book *b);	/* names beyond the cap */

/*
 * Call @fn for each group of networks that one line names.  @label, "ROLE NAME,
 * FILE:LINE", is the same for the same line at all times.
 */
typedef int trust_group_fn(void *ctx, const char *label, const struct ipaddr *nets, size_t n);
int trust_book_groups(const struct trust_book *b, trust_group_fn *fn, void *ctx);

/* What resolved to what, as lines of text, to be read back by another run. */
void trust_book_save(const struct trust_book *b, struct str *out);
/* Lines that are none are left out; names that nobody wants are too. */
void trust_book_load(struct trust_book *b, const char *text, size_t len);
