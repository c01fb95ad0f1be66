/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_batch - changes to a database that wait to be written, in order.
 * A change is a statement's number and the values of its parameters; they are
 * packed, as a flood makes a million of them.  Private to ban_db.
 */
#pragma once
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
};

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
void db_batch_end(struct db_batch *b);
/* All of @from behind what is in @to; @from is empty then. */
void db_batch_append(struct db_batch *to, struct db_batch *from);

/* Reading: start with a zeroed cursor. */
struct db_value {
	enum { DB_NULL, DB_INT, DB_TEXT, DB_BLOB } type;
	int64_t i;
	const char *s;		/* of a text or blob; not NUL-terminated */
	size_t len;
};
struct db_cursor { const struct db_chunk *chunk; size_t at, op_end; };
bool db_batch_next(const struct db_batch *b, struct db_cursor *c, enum db_op *op);
/* The next value of that change; false: there is no other. */
bool db_batch_value(struct db_cursor *c, struct db_value *v);
