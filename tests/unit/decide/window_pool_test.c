// SPDX-License-Identifier: GPL-2.0-or-later
/* Windows that share a bound: who is forgotten, and in whose favour. */
#include "../t.h"
#include "decide/window.h"

static const int64_t now = 1000 * US_PER_S;

static struct window *open_window(struct window_pool *pool)
{
	struct window_limits limits = { .maxretry = 5, .findtime_us = 600 * US_PER_S,
					.max_ids = 1, .pool = pool };
	struct window *w = NULL;

	t_is("a window", window_new(&w, &limits), 0);
	return w;
}

static struct window_id id_of(uint8_t i)
{
	return (struct window_id){ .addr = { { 192, 0, 2, i }, 4, 32 } };
}

static void note(struct window *w, uint8_t i, int times)
{
	struct window_note n = { .id = id_of(i), .when = { now } };

	while (times--)
		window_note(w, &n, NULL);
}

static int ids(const struct window *w)
{
	return (int)window_stats(w).ids;
}

static uint32_t count(struct window *w, uint8_t i)
{
	struct window_id id = id_of(i);

	return window_count(w, &id, (wall_t){ now });
}

static void test_shared(void)
{
	struct window_pool *pool = window_pool_new(4);
	struct window *a = open_window(pool), *b = open_window(pool);

	note(a, 1, 1);
	note(a, 2, 1);
	note(a, 3, 1);
	note(b, 4, 1);
	t_is("all fit", ids(a) + ids(b), 4);
	note(b, 5, 1);
	t_is("the larger one gives", ids(a), 2);
	t_is("its oldest", count(a, 1), 0);
	t_is("the smaller one grows", ids(b), 2);
	t_is("and that is counted", (int64_t)window_stats(a).evicted, 1);
	note(a, 1, 2);
	t_is("among equals, one of them", ids(a) + ids(b), 4);
	note(a, 6, 1);
	note(b, 7, 1);
	t_is("the suspicious one stays", count(a, 1), 2);
	window_free(a);
	note(b, 8, 1);
	note(b, 9, 1);
	note(b, 10, 1);
	t_is("room that another one left", ids(b), 4);
	window_free(b);
	window_pool_free(pool);
}

/* A flood in one jail's log costs the others nothing. */
static void test_flood(void)
{
	struct window_pool *pool = window_pool_new(100);
	struct window *quiet = open_window(pool), *busy = open_window(pool);

	for (uint8_t i = 0; i < 40; i++)
		note(quiet, i, 1);
	for (int i = 0; i < 250; i++)
		note(busy, (uint8_t)i, 1);
	t_is("the quiet one has all of its ids", ids(quiet), 40);
	t_is("the busy one has the rest", ids(busy), 60);
	t_is("its newest ones", count(busy, 249), 1);
	t_is("the quiet one lost none", (int64_t)window_stats(quiet).evicted, 0);
	window_free(quiet);
	window_free(busy);
	window_pool_free(pool);
}

static void test_limits(void)
{
	struct window_pool *pool = window_pool_new(0);
	struct window *a = open_window(pool), *b = open_window(NULL);
	struct window_limits limits = { .maxretry = 5, .findtime_us = US_PER_S,
					.max_ids = 9, .pool = pool };

	note(a, 1, 1);
	note(a, 2, 1);
	t_is("there is always room for one", ids(a), 1);
	window_pool_set_max(pool, 3);
	for (uint8_t i = 3; i < 10; i++)
		note(a, i, 1);
	t_is("a larger pool", ids(a), 3);
	note(b, 1, 1);
	t_is("not a member", ids(a) + ids(b), 4);
	t_is("joins later", window_set_limits(b, &limits), 0);
	note(b, 2, 1);
	t_is("and counts then", ids(a) + ids(b), 3);
	limits.pool = NULL;
	t_is("leaves", window_set_limits(b, &limits), 0);
	for (uint8_t i = 0; i < 20; i++)
		note(b, i, 1);
	t_is("a bound of its own", ids(b), 9);
	window_free(b);
	window_free(a);
	window_pool_free(pool);
	window_pool_free(NULL);
}

int main(void)
{
	test_shared();
	test_flood();
	test_limits();
	return t_done();
}
