// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "base/str.h"
#include "window_private.h"

/*
 * Key:   family (0, 4, 6); for an address its prefix length and its 4 or 16
 *        bytes; for a text the text.
 * Value: version; unit (0 milliseconds, 1 seconds); newest time in units, eight
 *        bytes, least significant first; then for each older failure how much
 *        older it is than the one before, seven bits to a byte, least
 *        significant first, the top bit saying that more follow.
 */
enum { VERSION = 1, HEAD = 10, KEY_MAX = 1 + WINDOW_MAX_ID, AGE_MAX = 5 };

static size_t put_key(const struct window_id *id, uint8_t key[static KEY_MAX])
{
	size_t len = id->addr.family == 4 ? 4 : 16;

	key[0] = id->addr.family;
	if (!id->addr.family) {
		memcpy(key + 1, id->text, id->len);
		return 1 + id->len;
	}
	key[1] = id->addr.prefix;
	memcpy(key + 2, id->addr.bytes, len);
	return 2 + len;
}

static int get_key(const uint8_t *key, size_t len, struct window_id *id)
{
	*id = (struct window_id){ 0 };
	if (len < 1 || len > KEY_MAX)
		return -EINVAL;
	if (!key[0]) {
		id->text = (const char *)key + 1;
		id->len = len - 1;
		return 0;
	}
	if ((key[0] != 4 || len != 6) && (key[0] != 6 || len != 18))
		return -EINVAL;
	if (key[1] > (key[0] == 4 ? 32 : 128))
		return -EINVAL;
	id->addr.family = key[0];
	memcpy(id->addr.bytes, key + 2, len - 2);
	ipaddr_mask(&id->addr, key[1]);
	return 0;
}

static size_t put_age(uint8_t *p, uint32_t age)
{
	size_t n = 0;

	for (; age >= 0x80; age >>= 7)
		p[n++] = (uint8_t)(age | 0x80);
	p[n++] = (uint8_t)age;
	return n;
}

/* Bytes taken; 0: the bytes end, or make no number. */
static size_t get_age(const uint8_t *p, size_t len, uint32_t *age)
{
	uint64_t v = 0;

	*age = 0;
	for (size_t n = 0; n < len && n < AGE_MAX; n++) {
		v |= (uint64_t)(p[n] & 0x7f) << 7 * n;
		if (!(p[n] & 0x80)) {
			*age = (uint32_t)v;
			return v <= UINT32_MAX ? n + 1 : 0;
		}
	}
	return 0;
}

/* ---- export ------------------------------------------------------------------ */

static void put_value(const struct window *w, const struct track *k, struct str *value)
{
	uint8_t head[HEAD] = { VERSION, w->unit_us == US_PER_S };
	uint32_t before = 0;

	for (int i = 0; i < 8; i++)
		head[2 + i] = (uint8_t)((uint64_t)k->last >> 8 * i);
	str_reset(value);
	str_add(value, (char *)head, sizeof(head));
	for (uint32_t i = 1; i < k->n; i++) {
		uint8_t age[AGE_MAX];

		str_add(value, (char *)age, put_age(age, k->back[i - 1] - before));
		before = k->back[i - 1];
	}
}

static void save(struct window *w, uint32_t slot)
{
	const struct track *k = track_at(&w->tracks, slot);
	struct window_id id = track_id(k);
	uint8_t key[KEY_MAX];
	size_t len = put_key(&id, key);

	if (k->flags & TRACK_LIVE) {
		put_value(w, k, &w->value);
		/* Out of memory: the database goes without it until it changes. */
		if (!w->value.failed)
			w->export(w->export_ctx, key, len, w->value.s, w->value.len);
	} else {
		w->export(w->export_ctx, key, len, NULL, 0);
	}
	track_saved(&w->tracks, slot);
}

void window_thaw(struct window *w, uint32_t slot)
{
	if (track_is_frozen(&w->tracks, slot))
		save(w, slot);
}

void window_freeze(struct window *w, window_export_fn *fn, void *ctx)
{
	while (window_export_some(w, UINT32_MAX))
		;
	track_freeze(&w->tracks);
	w->export = fn;
	w->export_ctx = ctx;
}

bool window_export_some(struct window *w, uint32_t max)
{
	uint32_t slot;

	while ((slot = track_next_frozen(&w->tracks)) != TRACK_NONE && max--)
		save(w, slot);
	if (slot != TRACK_NONE)
		return true;
	str_fini(&w->value);
	track_trim(&w->tracks);
	return false;
}

void window_touch(struct window *w)
{
	uint32_t slot = TRACK_NONE;

	while ((slot = track_next(&w->tracks, slot)) != TRACK_NONE) {
		window_thaw(w, slot);
		track_mark(&w->tracks, slot);
	}
}

size_t window_dirty(const struct window *w)
{
	return w->tracks.dirty;
}

/* ---- import ------------------------------------------------------------------- */

/* How many failures a value holds; 0: it is not well-formed. */
static uint32_t count_ages(const uint8_t *p, size_t len)
{
	uint32_t n = 1, age;
	uint64_t sum = 0;

	while (len) {
		size_t used = get_age(p, len, &age);

		sum += age;
		if (!used || sum > UINT32_MAX || n >= 2 * WINDOW_MAX_RETRY)
			return 0;
		p += used;
		len -= used;
		n++;
	}
	return n;
}

/* What was kept in another unit is converted; what no longer counts is left out. */
static void get_ages(const struct window *w, struct track *k, int64_t unit_us,
		     const uint8_t *p, size_t len)
{
	uint32_t max = w->limits.maxretry * 2, age;
	uint64_t sum = 0;

	k->n = 1;
	while (len && k->n < max) {
		size_t used = get_age(p, len, &age);
		uint64_t units;

		sum += age;
		units = sum * (uint64_t)unit_us / (uint64_t)w->unit_us;
		if (units > (uint64_t)w->keep)
			return;
		k->back[k->n++ - 1] = (uint32_t)units;
		p += used;
		len -= used;
	}
}

static int64_t get_last(const uint8_t *value)
{
	uint64_t last = 0;

	for (int i = 0; i < 8; i++)
		last |= (uint64_t)value[2 + i] << 8 * i;
	return (int64_t)last;
}

int window_import(struct window *w, const void *key, size_t key_len,
		  const void *value, size_t value_len)
{
	const uint8_t *v = value;
	struct window_id id;
	int64_t unit_us;
	struct track *k;
	uint32_t slot, n;

	if (get_key(key, key_len, &id) || value_len < HEAD || v[0] != VERSION || v[1] > 1)
		return -EINVAL;
	unit_us = v[1] ? US_PER_S : 1000;
	n = count_ages(v + HEAD, value_len - HEAD);
	/* Three centuries around 1970: nothing that is computed with it overflows. */
	if (!n || get_last(v) > INT64_MAX / 1024 / unit_us ||
	    get_last(v) < INT64_MIN / 1024 / unit_us)
		return -EINVAL;
	slot = window_track(w, &id);
	if (slot == TRACK_NONE)
		return -ENOMEM;
	k = track_at(&w->tracks, slot);
	if (window_reserve(w, k, n)) {
		window_end(w, slot);
		return -ENOMEM;
	}
	k->last = window_units(w, (wall_t){ get_last(v) * unit_us });
	get_ages(w, k, unit_us, v + HEAD, value_len - HEAD);
	track_touch(&w->tracks, slot, window_level(w, k));
	track_saved(&w->tracks, slot);
	return 0;
}
