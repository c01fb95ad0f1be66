// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In whatever order changes are written, the outcome is that of the order in
 * which they were queued: those about one thing stay in order, and none passes
 * one that is about many.
 */
#include "ban/db_order.h"

#include "../random.h"
#include "../t.h"

enum { ROUNDS = 200, OPS = 300, SUBJECTS = 12, OWNERS = 2 };

/* A change carries its number, as the last value. */
static void put(struct db_batch *b, enum db_op op, uint32_t subject, int64_t number)
{
	struct ipaddr who = { .bytes = { 10, (uint8_t)(subject * 77) }, .family = 4,
			      .prefix = subject % 3 ? 32 : 24 };
	char key[24] = "0123456789 ";

	if (subject % 4 == 3) {		/* the first 63 bits say nothing */
		who = (struct ipaddr){ .bytes = { 0x20, 1, [15] = (uint8_t)subject },
				       .family = 6, .prefix = 128 };
	}
	key[11] = (char)('a' + subject);
	db_batch_begin(b, op);
	if (op == DB_PUT_STATE || op == DB_DEL_STATE) {
		db_batch_text(b, number % OWNERS ? "sshd" : "asterisk");
		db_batch_blob(b, key, 8 + subject % 6);
	} else if (op != DB_CLEAR) {
		db_batch_addr(b, &who);
		db_batch_text(b, "jail");
	}
	db_batch_int(b, number);
	db_batch_end(b);
}

struct seen {
	bool lonely;			/* nothing passes it */
	int64_t number;
	char subject[64];		/* kind, owner and key, or address */
	size_t len;
};

static struct seen read_change(struct db_cursor *c, enum db_op op)
{
	bool state = op == DB_PUT_STATE || op == DB_DEL_STATE;
	struct seen s = { .lonely = op == DB_CLEAR || op == DB_PURGE_AGE ||
				    op == DB_PUT_POSITION };
	struct db_value v;

	s.subject[s.len++] = state ? 's' : 'b';
	while (db_batch_value(c, &v)) {
		s.number = v.i;
		if (v.type == DB_ADDR || v.type == DB_BLOB || (state && v.type == DB_TEXT)) {
			memcpy(s.subject + s.len, v.s, v.len);
			s.len += v.len;
		}
	}
	return s;
}

static bool same_subject(const struct seen *a, const struct seen *b)
{
	return a->len == b->len && !memcmp(a->subject, b->subject, a->len);
}

/* May the change that was queued first come after the other one? */
static bool may_swap(const struct seen *a, const struct seen *b)
{
	return !a->lonely && !b->lonely && !same_subject(a, b);
}

static size_t list(const struct db_batch *b, struct seen *out)
{
	struct db_order o;
	struct db_cursor c;
	enum db_op op;
	size_t n = 0;

	db_order_init(&o, b);
	while (n < OPS && db_order_next(&o, &c, &op))
		out[n++] = read_change(&c, op);
	t_ok("no more", !db_order_next(&o, &c, &op));
	t_ok("still no more", !db_order_next(&o, &c, &op));
	db_order_fini(&o);
	return n;
}

static void check_round(uint64_t *random)
{
	static const enum db_op ops[] = {
		DB_PUT_BAN, DB_DEL_BAN, DB_BANNED, DB_PUT_EVENT, DB_PUT_PAST, DB_DEL_PAST,
		DB_PUT_STATE, DB_PUT_STATE, DB_DEL_STATE, DB_CLEAR, DB_PURGE_AGE,
		DB_PUT_POSITION,
	};
	static struct seen seen[OPS];
	uint32_t rare = random_below(random, 2) ? 3 : 0, n = random_below(random, OPS + 1);
	bool once[OPS] = { false }, right = true;
	struct db_batch b = { 0 };

	for (uint32_t i = 0; i < n; i++)
		put(&b, ops[random_below(random, ARRAY_SIZE(ops) - rare)],
		    random_below(random, SUBJECTS), i);
	t_is("all of them", (int64_t)list(&b, seen), n);
	for (uint32_t i = 0; i < n; i++) {
		right &= !once[seen[i].number];
		once[seen[i].number] = true;
		for (uint32_t j = i + 1; j < n; j++)
			right &= seen[i].number < seen[j].number || may_swap(&seen[i], &seen[j]);
	}
	t_ok("each once, none past what it must not pass", right);
	db_batch_fini(&b);
}

/* What it is for: a page's rows come together. */
static void test_sorted(void)
{
	struct db_batch b = { 0 };
	struct seen seen[OPS];
	bool sorted = true;

	for (int64_t i = 0; i < OPS; i++)
		put(&b, DB_BANNED, (uint32_t)(i * 7 % SUBJECTS), i);
	t_is("all of them", (int64_t)list(&b, seen), OPS);
	for (size_t i = 1; i < OPS; i++)
		sorted &= same_subject(&seen[i - 1], &seen[i]) ||
			  i % (OPS / SUBJECTS) == 0;
	t_ok("those of one address together", sorted);
	db_batch_fini(&b);
}

int main(void)
{
	uint64_t random = 17;

	for (int i = 0; i < ROUNDS; i++)
		check_round(&random);
	test_sorted();
	return t_done();
}
