// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as what a database kept of whom the SIP sensor knows, and of its siege:
 * the input is cut into keys and values (a length byte before each).  What is taken is
 * written as it would be read again, and time goes on with it.
 */
#include <stdlib.h>

#include "sip/siege.h"
#include "sip/standing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 3 };

static const wall_t now = { 1700000000 * US_PER_S };

static void expect(bool ok)
{
	if (!ok)
		abort();
}

/* The next piece of the input, in memory of its own, so that its end is watched. */
static uint8_t *piece(const uint8_t **data, size_t *size, size_t *len)
{
	uint8_t *copy;

	*len = *size ? **data : 0;
	if (*size) {
		++*data;
		--*size;
	}
	if (*len > *size)
		*len = *size;
	copy = malloc(*len + !*len);
	expect(copy);
	memcpy(copy, *data, *len);
	*data += *len;
	*size -= *len;
	return copy;
}

static void again(void *ctx, const void *key, size_t key_len, const void *value,
		  size_t value_len)
{
	expect(!value || !standing_import(ctx, key, key_len, value, value_len));
}

struct who { struct ipaddr v[MAX]; size_t n; };

static void take(void *ctx, const struct ipaddr *who, wall_t until)
{
	struct who *w = ctx;

	expect(w->n < MAX && until.us >= 0);
	w->v[w->n++] = *who;
}

/* Each logs in again, and all are gone in the end. */
static void go_on(struct standing *s)
{
	struct who w = { .n = 0 };

	standing_each(s, take, &w);
	expect(w.n == standing_count(s));
	for (size_t i = 0; i < w.n; i++)
		standing_note(s, &w.v[i], now, 3600 * US_PER_S);
	for (size_t i = 0; i < w.n; i++)
		expect(standing_until(s, &w.v[i]).us == now.us + 3600 * US_PER_S);
	expect(standing_fade(s, (wall_t){ now.us + 3600 * US_PER_S }) == w.n);
}

static void check_standing(struct standing *s)
{
	struct standing *copy = standing_new(MAX);

	expect(copy);
	standing_touch(s);
	standing_export(s, again, copy);
	expect(standing_count(copy) == standing_count(s));
	go_on(copy);
	go_on(s);
	standing_export(s, again, copy);
	expect(!standing_count(copy));
	standing_free(copy);
}

static void check_siege(struct siege *s)
{
	static const struct siege_bounds bounds = { 100, 10, 60 };
	struct siege_load load = { .rejected = 5 };
	uint8_t value[SIEGE_BYTES];
	struct siege copy;

	siege_init(&copy, SIEGE_OFF);
	siege_write(s, value);
	expect(!siege_read(&copy, value, sizeof(value)) && copy.mode == s->mode &&
	       copy.fallback == s->fallback && copy.until.us == s->until.us);
	expect(siege_mode_name(s->mode) && siege_mode_name(s->fallback));
	siege_tick(s, &bounds, &load, (boot_t){ NS_PER_S }, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct standing *s = standing_new(MAX);
	struct siege siege;
	size_t key_len, value_len;

	expect(s);
	siege_init(&siege, SIEGE_OFF);
	while (size) {
		uint8_t *key = piece(&data, &size, &key_len);
		uint8_t *value = piece(&data, &size, &value_len);

		standing_import(s, key, key_len, value, value_len);
		siege_read(&siege, value, value_len);
		free(value);
		free(key);
	}
	check_standing(s);
	check_siege(&siege);
	standing_free(s);
	return 0;
}
