// SPDX-License-Identifier: GPL-2.0-or-later
/* What is queued comes out as it went in, in order. */
#include "ban/db_batch.h"

#include <stdlib.h>

#include "../random.h"
#include "../t.h"

/* Changes made of random values, the same for writing and for checking. */
static int64_t random_int(uint64_t *random)
{
	static const int64_t ends[] = { 0, -1, 63, 64, -64, -65, INT64_MAX, INT64_MIN };

	if (random_below(random, 2))
		return ends[random_below(random, ARRAY_SIZE(ends))];
	return (int64_t)random_next(random) >> random_below(random, 64);
}

static void write_op(struct db_batch *b, uint64_t *random, const char *bytes)
{
	int n = (int)random_below(random, 6);

	db_batch_begin(b, random_below(random, DB_OPS + 1));
	for (int i = 0; i < n; i++) {
		switch (random_below(random, 3)) {
		case 0:
			db_batch_int(b, random_int(random));
			break;
		case 1:
			db_batch_text(b, random_below(random, 3) ? bytes : NULL);
			break;
		default:
			db_batch_blob(b, bytes, random_below(random, 300000));
		}
	}
	db_batch_end(b);
}

static bool check_op(const struct db_batch *b, struct db_cursor *c, uint64_t *random,
		     const char *bytes)
{
	int n = (int)random_below(random, 6);
	struct db_value v;
	enum db_op op;

	if (!db_batch_next(b, c, &op) || op != random_below(random, DB_OPS + 1))
		return false;
	for (int i = 0; i < n; i++) {
		uint32_t type = random_below(random, 3);
		size_t len;

		if (!db_batch_value(c, &v))
			return false;
		if (type == 0) {
			if (v.type != DB_INT || v.i != random_int(random))
				return false;
			continue;
		}
		if (type == 1 && !random_below(random, 3)) {
			if (v.type != DB_NULL)
				return false;
			continue;
		}
		len = type == 1 ? strlen(bytes) : random_below(random, 300000);
		if (v.type != (type == 1 ? DB_TEXT : DB_BLOB) || v.len != len ||
		    memcmp(v.s, bytes, len))
			return false;
	}
	return !db_batch_value(c, &v);
}

static void test_random(void)
{
	enum { OPS = 300 };
	struct db_batch b = { 0 }, more = { 0 };
	uint64_t random = 42, again = 42;
	char *bytes = malloc(300001);
	struct db_cursor c = { 0 };
	bool same = true;
	enum db_op op;

	memset(bytes, 'x', 300000);
	bytes[1000] = '\0';
	for (int i = 0; i < OPS; i++)
		write_op(i < OPS / 2 ? &b : &more, &random, bytes);
	t_is("in two parts", (int64_t)b.ops, OPS / 2);
	db_batch_append(&b, &more);
	t_is("now one", (int64_t)b.ops, OPS);
	t_is("and nothing", (int64_t)(more.ops + more.bytes), 0);
	for (int i = 0; i < OPS && same; i++)
		same = check_op(&b, &c, &again, bytes);
	t_ok("the same", same);
	t_ok("and no more", !db_batch_next(&b, &c, &op));
	t_ok("the size is about right", b.bytes > 100 * 150000 && b.bytes < 300 * 2 * 300000);
	db_batch_fini(&b);
	t_is("empty", (int64_t)(b.ops + b.bytes), 0);
	free(bytes);
}

static void test_empty(void)
{
	struct db_batch a = { 0 }, b = { 0 };
	struct db_cursor c = { 0 };
	enum db_op op;

	t_ok("nothing", !db_batch_next(&a, &c, &op));
	db_batch_append(&a, &b);
	t_ok("and nothing", !db_batch_next(&a, &c, &op));
	db_batch_begin(&b, DB_CLEAR);
	db_batch_end(&b);
	db_batch_append(&a, &b);
	t_ok("one", db_batch_next(&a, &c, &op) && op == DB_CLEAR);
	db_batch_fini(&a);
}

static void test_too_large(void)
{
	struct db_batch b = { 0 };
	char *huge = malloc(STR_MAX + 1);

	memset(huge, 'x', STR_MAX + 1);
	db_batch_begin(&b, DB_PUT_STATE);
	db_batch_blob(&b, huge, STR_MAX + 1);
	db_batch_end(&b);
	t_ok("a change is missing", b.failed && !b.ops);
	db_batch_fini(&b);
	t_ok("forgotten", !b.failed);
	free(huge);
}

int main(void)
{
	test_random();
	test_empty();
	test_too_large();
	return t_done();
}
