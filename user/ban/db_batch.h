/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_batch - changes to a database that wait to be written, in order.
 * A change is a statement's number and the values of its parameters; they are
 * packed, as a flood makes a million of them.  Private to ban_db.
 */
#pragma once
#include "base/ipaddr.h"
#include "base/str.h"

/* The statements; db_file has their SQL, the parameters are listed there. */
enum db_op {
	DB_PUT_BAN, DB_DEL_BAN, DB_ENDED_BOOT, DB_ENDED_WALL,
	DB_PUT_PAST, DB_DEL_PAST,
	DB_PUT_EVENT, DB_PURGE_AGE, DB_PURGE_COUNT,
	DB_PUT_POSITION, DB_DEL_POSITION,
	DB_PUT_STATE, DB_DEL_STATE, DB_DROP_STATE,
	DB_OPS,
	DB_CLEAR = DB_OPS,	/* empty all tables but the events */
	DB_BANNED,		/* DB_PUT_BAN, _EVENT and _PAST of one new ban */
};
#define DB_VALUES	13	/* of one change, at most */

struct db_chunk;

struct db_batch {
	struct db_chunk *first, *last;	/* owns */
	size_t bytes;			/* memory */
	size_t ops;
	struct str op;			/* the one being put together */
	bool failed;			/* out of memory: a change is missing */
};

void db_batch_fini(struct db_batch *b);		/* empty again, ready for use */
/* One change: begin, its values in the statement's order, end. */
void db_batch_begin(struct db_batch *b, enum db_op op);
void db_batch_int(struct db_batch *b, int64_t v);
void db_batch_text(struct db_batch *b, const char *text);	/* NULL is NULL */
void db_batch_blob(struct db_batch *b, const void *bytes, size_t len);
/* An address, which becomes text when it is written: shorter, and not our work. */
void db_batch_addr(struct db_batch *b, const struct ipaddr *who);
void db_batch_end(struct db_batch *b);
/* All of @from behind what is in @to; @from is empty then. */
void db_batch_append(struct db_batch *to, struct db_batch *from);

/* Reading: start with a zeroed cursor. */
struct db_value {
	enum { DB_NULL, DB_INT, DB_TEXT, DB_BLOB, DB_ADDR } type;
	int64_t i;
	const char *s;		/* of a text or blob, not NUL-terminated; of an address
				 * its prefix length and its 4 or 16 bytes */
	size_t len;
};
struct db_cursor {
	const struct db_chunk *chunk;
	const uint8_t *op;	/* the change: db_batch_open() gives it again */
	const uint8_t *at, *end;
};
bool db_batch_next(const struct db_batch *b, struct db_cursor *c, enum db_op *op);
/* Read the values of this change; db_batch_next() cannot go on from here. */
void db_batch_open(const uint8_t *op, struct db_cursor *c, enum db_op *what);
/* The next value of that change; false: there is no other. */
bool db_batch_value(struct db_cursor *c, struct db_value *v);
/* The address that a DB_ADDR is. */
struct ipaddr db_value_addr(const struct db_value *v);
