/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * db_order - the changes of a batch, in an order in which they are written fast.
 * Attackers come in any order; written like that, each of a hundred thousand rows
 * reads a page of the file and writes it back.  So changes are sorted by what
 * they are about, an address or the key of a count: a page has its turn once.
 * Changes about the same thing keep their order, and none passes one that is
 * about many things (a purge, say), so the outcome is the same.
 * Private to ban_db.
 */
#pragma once
#include "db_batch.h"

struct db_order {
	const struct db_batch *batch;		/* borrows */
	struct db_cursor cursor;		/* behind what was gathered */
	struct db_change *changes, *other;	/* owns; NULL: no memory, no order */
	size_t n, at, room;			/* gathered, given, at most */
};

void db_order_init(struct db_order *o, const struct db_batch *b);
void db_order_fini(struct db_order *o);
/* The next change, to be read with db_batch_value(); false: there is none. */
bool db_order_next(struct db_order *o, struct db_cursor *c, enum db_op *op);
