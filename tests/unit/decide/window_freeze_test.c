// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is exported piece by piece is the state of the moment of the freeze,
 * whatever is counted meanwhile: compared with a twin that exports at once.
 */
#include <stdlib.h>

#include "../random.h"
#include "../t.h"
#include "decide/window.h"
#include "export.h"

enum { IDS = 24, VALUE = 64 };

/* A database: the value of each id, empty if it has none. */
struct rows {
	size_t puts;
	struct { size_t len; uint8_t bytes[VALUE]; } row[IDS];
};

static void save(void *ctx, const void *key, size_t key_len, const void *value, size_t len)
{
	struct rows *r = ctx;
	uint8_t i = ((const uint8_t *)key)[key_len - 1];

	r->puts++;
	r->row[i].len = value ? len : 0;
	memset(r->row[i].bytes, 0, VALUE);
	if (value)
		memcpy(r->row[i].bytes, value, len < VALUE ? len : VALUE);
}

static struct window_id id_of(uint8_t i)
{
	return (struct window_id){ .addr = { { 192, 0, 2, i }, 4, 32 } };
}

/* The same failure for both; who made enough of them starts anew. */
static bool step(uint64_t *random, struct window *a, struct window *b, int64_t *now)
{
	struct window_note note = { .id = id_of((uint8_t)random_below(random, IDS)) };
	int got, twin;

	*now += random_below(random, 2000) * 1000;
	note.when.us = *now;
	got = window_note(a, &note, NULL);
	twin = window_note(b, &note, NULL);
	if (got >= 4) {
		window_forget(a, &note.id);
		window_forget(b, &note.id);
	}
	if (!random_below(random, 40)) {
		window_purge(a, (wall_t){ *now });
		window_purge(b, (wall_t){ *now });
	}
	return got == twin;
}

static bool is_same(const struct rows *a, const struct rows *b)
{
	for (int i = 0; i < IDS; i++)
		if (a->row[i].len != b->row[i].len ||
		    memcmp(a->row[i].bytes, b->row[i].bytes, VALUE))
			return false;
	return true;
}

static void run(uint64_t random, size_t max_ids, bool touch)
{
	struct window_limits limits = { .maxretry = 4, .findtime_us = 20 * US_PER_S,
					.max_ids = max_ids };
	struct rows sliced = { 0 }, whole = { 0 };
	struct window *a = NULL, *b = NULL;
	int64_t now = US_PER_S;
	bool same = true;

	t_is("a window", window_new(&a, &limits), 0);
	t_is("its twin", window_new(&b, &limits), 0);
	for (int round = 0; round < 60; round++) {
		for (uint32_t i = random_below(&random, 30); i; i--)
			same &= step(&random, a, b, &now);
		window_freeze(a, save, &sliced);
		export_all(b, save, &whole);
		do {
			for (uint32_t i = random_below(&random, 6); i; i--)
				same &= step(&random, a, b, &now);
			if (touch && !random_below(&random, 10)) {
				window_touch(a);
				window_touch(b);
			}
		} while (window_export_some(a, random_below(&random, 3)));
		t_ok("the state of that moment", is_same(&sliced, &whole));
	}
	export_all(a, save, &sliced);
	export_all(b, save, &whole);
	t_ok("the last state", is_same(&sliced, &whole));
	t_ok("both count alike", same);
	t_is("nothing is left", (int64_t)window_dirty(a), 0);
	window_free(a);
	window_free(b);
}

/* Each is given once for each moment, not more. */
static void test_once(void)
{
	struct window_limits limits = { .maxretry = 4, .findtime_us = US_PER_S, .max_ids = 9 };
	struct window_note note = { .id = id_of(1), .when = { 5 * US_PER_S } };
	struct rows r = { 0 };
	struct window *w = NULL;

	t_is("a window", window_new(&w, &limits), 0);
	window_note(w, &note, NULL);
	window_freeze(w, save, &r);
	t_is("nothing yet", (int64_t)r.puts, 0);
	window_note(w, &note, NULL);
	window_note(w, &note, NULL);
	t_is("before it changed", (int64_t)r.puts, 1);
	t_ok("and that was all", !window_export_some(w, 10));
	t_is("no more", (int64_t)r.puts, 1);
	t_is("the new state waits", (int64_t)window_dirty(w), 1);
	window_freeze(w, save, &r);
	window_freeze(w, save, &r);
	t_is("a freeze ends the one before", (int64_t)r.puts, 2);
	window_free(w);
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		run(seed * 7919, seed % 2 ? IDS : 7, seed % 3 == 0);
	test_once();
	return t_done();
}
