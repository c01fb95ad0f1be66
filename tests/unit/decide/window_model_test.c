// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The window against a model that keeps every failure and searches all of them:
 * random failures of few ids, out of order, with weights, evictions, and a
 * database that the window is thrown away for and made again from.
 */
#include "decide/window.h"

#include <stdlib.h>

#include "../random.h"
#include "../t.h"
#include "export.h"

enum { IDS = 12, TIMES = 4096 };

struct model_id {
	int64_t times[TIMES];		/* milliseconds */
	size_t n;
	uint32_t level;
	uint64_t touched;
};

struct row { uint8_t value[8192]; size_t len; };

struct model {
	struct window_limits limits;
	struct model_id ids[IDS];
	struct row rows[IDS];		/* what a database would have */
	uint64_t clock, evicted;
	int64_t now;			/* milliseconds */
	uint64_t random;
};

static struct window_id id_of(int i)
{
	static char names[IDS][4];
	struct window_id id = { .text = NULL };

	/* One third each: IPv4, IPv6, text; the last two bytes tell them apart. */
	if (i % 3 == 2) {
		snprintf(names[i], sizeof(names[i]), "%d", i % 1000);
		id.text = names[i];
		id.len = strlen(names[i]);
		return id;
	}
	id.addr.family = i % 3 ? 6 : 4;
	id.addr.prefix = i % 3 ? 128 : 32;
	id.addr.bytes[i % 3 ? 15 : 3] = (uint8_t)i;
	return id;
}

static int id_from_key(const uint8_t *key, size_t len)
{
	if (key[0])
		return key[len - 1];
	return len == 2 ? key[1] - '0' : (key[1] - '0') * 10 + key[2] - '0';
}

/* ---- the model --------------------------------------------------------------- */

static uint32_t within(const struct model_id *id, int64_t from, int64_t to)
{
	uint32_t n = 0;

	for (size_t i = 0; i < id->n; i++)
		n += id->times[i] >= from && id->times[i] <= to;
	return n;
}

/* The fullest stretch that contains @t ends at some failure in [t, t + findtime]. */
static uint32_t model_fullest(const struct model *m, const struct model_id *id, int64_t t)
{
	int64_t findtime = m->limits.findtime_us / 1000;
	uint32_t best = 0;

	for (size_t i = 0; i < id->n; i++) {
		uint32_t n = within(id, id->times[i] - findtime, id->times[i]);

		if (id->times[i] >= t && id->times[i] <= t + findtime && n > best)
			best = n;
	}
	return best;
}

static void model_make_room(struct model *m)
{
	struct model_id *least = NULL;
	size_t live = 0;

	for (int i = 0; i < IDS; i++) {
		struct model_id *id = &m->ids[i];

		live += id->n > 0;
		if (!id->n)
			continue;
		if (!least || id->level < least->level ||
		    (id->level == least->level && id->touched < least->touched))
			least = id;
	}
	if (live < m->limits.max_ids)
		return;
	least->n = 0;
	m->evicted++;
}

static int64_t newest(const struct model_id *id)
{
	int64_t t = INT64_MIN;

	for (size_t i = 0; i < id->n; i++)
		if (id->times[i] > t)
			t = id->times[i];
	return t;
}

static uint32_t model_note(struct model *m, int i, int64_t t, uint32_t weight)
{
	struct model_id *id = &m->ids[i];

	if (!id->n)
		model_make_room(m);
	for (uint32_t k = 0; k < weight && id->n < TIMES; k++)
		id->times[id->n++] = t;
	id->level = model_fullest(m, id, t);
	id->touched = ++m->clock;
	return id->level;
}

/* ---- a step -------------------------------------------------------------------- */

/* Late by at most the slack, counted from the newest failure of the id. */
static int64_t random_time(struct model *m, int i)
{
	int64_t slack = m->limits.findtime_us / 1000;
	int64_t t;

	if (slack > WINDOW_SLACK_US / 1000)
		slack = WINDOW_SLACK_US / 1000;
	m->now += random_below(&m->random, 4) ? random_below(&m->random, (uint32_t)slack) : 0;
	t = m->now;
	if (m->ids[i].n && !random_below(&m->random, 4)) {
		t = newest(&m->ids[i]) - random_below(&m->random, (uint32_t)slack + 1);
		if (t > m->now)
			t = m->now;
	}
	return t;
}

static bool step(struct model *m, struct window *w)
{
	int i = (int)random_below(&m->random, IDS);
	uint32_t weight = random_below(&m->random, 5) ? 1 : 1 + random_below(&m->random, 3);
	int64_t t = random_time(m, i);
	struct window_note note = { .id = id_of(i), .when = { t * 1000 + 999 * (t & 1) },
				    .weight = weight };
	uint32_t want;
	int got;

	if (weight > m->limits.maxretry)
		note.weight = weight = m->limits.maxretry;
	want = model_note(m, i, t, weight);
	got = window_note(w, &note, NULL);
	if (got != (int)want) {
		printf("id %d at %ld: got %d, want %u\n", i, (long)t, got, want);
		return false;
	}
	if (want >= m->limits.maxretry) {
		m->ids[i].n = 0;
		window_forget(w, &note.id);
	}
	return true;
}

/* ---- the database ---------------------------------------------------------------- */

static void save_row(void *ctx, const void *key, size_t key_len, const void *value,
		     size_t value_len)
{
	struct model *m = ctx;
	struct row *row = &m->rows[id_from_key(key, key_len)];

	row->len = value_len;
	if (value)
		memcpy(row->value, value, value_len);
}

static size_t put_key(int i, uint8_t key[32])
{
	struct window_id id = id_of(i);
	size_t len = id.addr.family == 4 ? 4 : 16;

	key[0] = id.addr.family;
	if (!key[0]) {
		memcpy(key + 1, id.text, id.len);
		return 1 + id.len;
	}
	key[1] = id.addr.prefix;
	memcpy(key + 2, id.addr.bytes, len);
	return 2 + len;
}

/* Ids in the order in which they were touched, as far as levels tell. */
static struct window *restart(struct model *m, struct window *old)
{
	struct window *w = NULL;
	uint8_t key[32];

	export_all(old, save_row, m);
	t_is("nothing left to save", (int64_t)window_dirty(old), 0);
	window_free(old);
	t_is("a new window", window_new(&w, &m->limits), 0);
	for (int i = 0; i < IDS; i++) {
		t_ok("the database has exactly the live ids", !m->rows[i].len == !m->ids[i].n);
		if (m->rows[i].len)
			t_is("import", window_import(w, key, put_key(i, key),
						     m->rows[i].value, m->rows[i].len), 0);
	}
	t_is("imported is saved", (int64_t)window_dirty(w), 0);
	/* The order of touching is not kept; neither does the model from here on. */
	for (int i = 0; i < IDS; i++) {
		m->ids[i].touched = ++m->clock;
		m->ids[i].level = m->ids[i].n ? within(&m->ids[i], newest(&m->ids[i]) -
			m->limits.findtime_us / 1000, newest(&m->ids[i])) : 0;
	}
	return w;
}

static void run(uint32_t maxretry, int64_t findtime_ms, size_t max_ids, uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));
	struct window *w = NULL;
	bool same = true;
	char name[96];

	m->limits = (struct window_limits){ .maxretry = maxretry, .max_ids = max_ids,
					    .findtime_us = findtime_ms * 1000 };
	m->random = seed;
	snprintf(name, sizeof(name), "maxretry %u findtime %ld ms, %zu ids, seed %lu",
		 maxretry, (long)findtime_ms, max_ids, (unsigned long)seed);
	t_is(name, window_new(&w, &m->limits), 0);
	for (int i = 0; i < 3000 && same; i++) {
		same = step(m, w);
		if (!random_below(&m->random, 100))
			export_all(w, save_row, m);
		if (!random_below(&m->random, 300)) {
			t_is(name, (int64_t)window_stats(w).evicted, (int64_t)m->evicted);
			m->evicted = 0;
			w = restart(m, w);
		}
	}
	t_ok(name, same);
	window_free(w);
	free(m);
}

int main(void)
{
	static const uint32_t retries[] = { 1, 2, 3, 5, 20 };
	static const int64_t findtimes[] = { 1, 50, 5000, 600000 };

	for (size_t r = 0; r < ARRAY_SIZE(retries); r++)
		for (size_t f = 0; f < ARRAY_SIZE(findtimes); f++)
			for (size_t ids = 1; ids <= IDS; ids += 5)
				run(retries[r], findtimes[f], ids, 1 + r * 100 + f * 10 + ids);
	return t_done();
}
