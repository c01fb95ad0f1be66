// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a database gives back: the input is cut into keys and values (a length
 * byte before each).  What is accepted must be written as it was read, and
 * counting must go on with it.
 */
#include <stdlib.h>

#include "../../unit/decide/export.h"
#include "decide/aggregate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	copy = malloc(*len + 1);
	if (!copy)
		abort();
	memcpy(copy, *data, *len);
	*data += *len;
	*size -= *len;
	return copy;
}

static void again(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
	if (value && window_import(ctx, key, key_len, value, value_len))
		abort();
}

static void again_net(void *ctx, const void *key, size_t key_len, const void *value,
		      size_t value_len)
{
	if (value && aggregate_import(ctx, key, key_len, value, value_len))
		abort();
}

static void count(void *ctx, const void *key, size_t key_len, const void *value,
		  size_t value_len)
{
	size_t *ids = ctx;

	(void)key, (void)key_len, (void)value_len;
	*ids += value != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct window_limits limits = { .maxretry = 5, .findtime_us = 600 * US_PER_S,
					.max_ids = 3 };
	struct aggregate_policy policy = { .count = 3, .within_us = 600 * US_PER_S,
					   .prefix4 = 24, .prefix6 = 64, .max_nets = 3 };
	struct window_note note = { .id = { .text = "x", .len = 1 } };
	struct window *w, *copy;
	struct aggregate *a, *a_copy;
	size_t key_len, value_len, ids = 0;

	if (window_new(&w, &limits) || window_new(&copy, &limits) ||
	    aggregate_new(&a, &policy) || aggregate_new(&a_copy, &policy))
		abort();
	while (size) {
		uint8_t *key = piece(&data, &size, &key_len);
		uint8_t *value = piece(&data, &size, &value_len);

		window_import(w, key, key_len, value, value_len);
		aggregate_import(a, key, key_len, value, value_len);
		free(value);
		free(key);
	}
	window_touch(w);
	export_all(w, count, &ids);
	if (ids != window_stats(w).ids || ids > limits.max_ids)
		abort();
	window_note(w, &note, NULL);
	window_touch(w);
	export_all(w, again, copy);
	aggregate_touch(a);
	aggregate_export(a, again_net, a_copy);
	window_free(w);
	window_free(copy);
	aggregate_free(a);
	aggregate_free(a_copy);
	return 0;
}
