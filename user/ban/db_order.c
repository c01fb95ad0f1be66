// SPDX-License-Identifier: GPL-2.0-or-later
#include "db_order.h"

#include <stdlib.h>

/* Changes sorted at once: what is more is sorted for itself, in bounded memory. */
enum { ORDER_MAX = 1 << 18 };

struct db_change {
	uint64_t place;			/* of several with one place the op decides */
	const uint8_t *op;
};

/* Places of IPv4 come first and are the whole of it, then IPv6, then states. */
#define PLACE_IPV6	(1ull << 62)
#define PLACE_STATE	(2ull << 62)

void db_order_init(struct db_order *o, const struct db_batch *b)
{
	*o = (struct db_order){ .batch = b, .room = b->ops < ORDER_MAX ? b->ops : ORDER_MAX };
	o->changes = calloc(o->room + 1, sizeof(*o->changes));
	o->other = calloc(o->room + 1, sizeof(*o->other));
}

void db_order_fini(struct db_order *o)
{
	free(o->changes);
	free(o->other);
	*o = (struct db_order){ 0 };
}

/* ---- places ---------------------------------------------------------------- */

/* Which value says what @op is about; -1: it is about many things. */
static int subject(enum db_op op)
{
	switch (op) {
	case DB_PUT_BAN: case DB_DEL_BAN: case DB_BANNED: case DB_PUT_EVENT:
	case DB_PUT_PAST: case DB_DEL_PAST:
		return 0;
	case DB_PUT_STATE: case DB_DEL_STATE:
		return 1;
	default:
		return -1;
	}
}

static struct db_value subject_of(const uint8_t *change)
{
	struct db_value v = { 0 };
	struct db_cursor c;
	enum db_op op;

	db_batch_open(change, &c, &op);
	for (int i = subject(op); i >= 0; i--)
		db_batch_value(&c, &v);
	return v;
}

static uint64_t place_of(const uint8_t *change)
{
	struct db_value v = subject_of(change);
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++)
		n = n << 8 | (i < v.len ? (uint8_t)v.s[i] : 0);
	if (v.type != DB_ADDR)
		return PLACE_STATE | n >> 2;
	/* Its prefix length is the first byte, and the least important. */
	return v.len == 5 ? n << 8 >> 8 | n >> 56 : PLACE_IPV6 | n << 8 >> 2;
}

/* ---- sorting ---------------------------------------------------------------- */

static bool is_before(const struct db_change *a, const struct db_change *b)
{
	struct db_value x, y;
	int sign;

	if (a->place != b->place || a->place < PLACE_IPV6)
		return a->place < b->place;
	x = subject_of(a->op);
	y = subject_of(b->op);
	sign = memcmp(x.s, y.s, x.len < y.len ? x.len : y.len);
	return sign ? sign < 0 : x.len < y.len;
}

/* What is equal keeps its order: the left run goes first. */
static void merge(struct db_change *to, const struct db_change *left, size_t n_left,
		  const struct db_change *right, size_t n_right)
{
	while (n_left && n_right) {
		if (is_before(right, left)) {
			*to++ = *right++;
			n_right--;
		} else {
			*to++ = *left++;
			n_left--;
		}
	}
	memcpy(to, n_left ? left : right, (n_left + n_right) * sizeof(*to));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Runs of one, of two, of four ... from one array to the other. */
static void sort(struct db_order *o)
{
	for (size_t run = 1; run < o->n; run *= 2) {
		struct db_change *from = o->changes;

		for (size_t at = 0; at < o->n; at += 2 * run) {
			size_t n_left = least(run, o->n - at);

			merge(o->other + at, from + at, n_left, from + at + n_left,
			      least(run, o->n - at - n_left));
		}
		o->changes = o->other;
		o->other = from;
	}
}

/* ---- giving ------------------------------------------------------------------- */

/* Changes up to one that none may pass, which comes alone. */
static void gather(struct db_order *o)
{
	struct db_cursor before = o->cursor;
	enum db_op op;

	o->n = o->at = 0;
	while (o->n < o->room && db_batch_next(o->batch, &o->cursor, &op)) {
		struct db_change *c = &o->changes[o->n];

		c->op = o->cursor.op;
		if (subject(op) < 0 && o->n) {
			o->cursor = before;
			break;
		}
		o->n++;
		if (subject(op) < 0)
			break;
		c->place = place_of(c->op);
		before = o->cursor;
	}
	sort(o);
}

bool db_order_next(struct db_order *o, struct db_cursor *c, enum db_op *op)
{
	if (!o->changes || !o->other) {
		if (!db_batch_next(o->batch, &o->cursor, op))
			return false;
		*c = o->cursor;
		return true;
	}
	if (o->at == o->n)
		gather(o);
	if (o->at == o->n)
		return false;
	db_batch_open(o->changes[o->at++].op, c, op);
	return true;
}
