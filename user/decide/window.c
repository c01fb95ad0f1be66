// SPDX-License-Identifier: GPL-2.0-or-later
#include "window_private.h"

#include <errno.h>
#include <stdlib.h>

/*
 * A track holds its failures as its newest time and the ages of the others,
 * ascending.  "Position" 0 is the newest failure, position i > 0 is back[i - 1].
 */

static const int64_t MS_LIMIT_US = 20 * 86400 * US_PER_S;

/* Ages are 32 bits: a longer findtime is counted in seconds. */
static void set_times(struct window *w, const struct window_limits *l)
{
	int64_t slack = l->findtime_us < WINDOW_SLACK_US ? l->findtime_us : WINDOW_SLACK_US;

	w->limits = *l;
	w->unit_us = l->findtime_us <= MS_LIMIT_US ? 1000 : US_PER_S;
	w->findtime = l->findtime_us / w->unit_us;
	w->keep = w->findtime + (slack + w->unit_us - 1) / w->unit_us;
}

static bool limits_ok(const struct window_limits *l)
{
	/* A century of seconds, twice, still fits an age. */
	return l->maxretry && l->maxretry <= WINDOW_MAX_RETRY &&
	       l->findtime_us >= 1000 && l->findtime_us / US_PER_S < 3155760000 / 2 &&
	       l->max_ids && l->max_ids < UINT32_MAX / 4;
}

int window_new(struct window **out, const struct window_limits *limits)
{
	struct window *w;

	if (!limits_ok(limits))
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	if (track_table_init(&w->tracks)) {
		free(w);
		return -ENOMEM;
	}
	set_times(w, limits);
	line_store_init(&w->lines, limits->max_text);
	window_pool_join(w, limits->pool);
	*out = w;
	return 0;
}

static void drop_back(struct window *w, struct track *k)
{
	if (k->back)
		w->back_bytes -= sizeof(*k->back) << k->back_log2;
	free(k->back);
	k->back = NULL;
	k->back_log2 = 0;
}

void window_free(struct window *w)
{
	uint32_t slot = TRACK_NONE;

	if (!w)
		return;
	window_pool_leave(w);
	while ((slot = track_next(&w->tracks, slot)) != TRACK_NONE)
		drop_back(w, track_at(&w->tracks, slot));
	track_table_fini(&w->tracks);
	line_store_fini(&w->lines);
	str_fini(&w->value);
	free(w);
}

/* ---- the failures of one track ---------------------------------------------- */

static uint32_t age_at(const struct track *k, uint32_t position)
{
	return position ? k->back[position - 1] : 0;
}

int window_reserve(struct window *w, struct track *k, uint32_t n)
{
	uint8_t log2 = k->back ? k->back_log2 : 2;
	uint32_t *p;

	while ((1u << log2) < n - 1)
		log2++;
	if (n <= 1 || (k->back && log2 == k->back_log2))
		return 0;
	p = realloc(k->back, sizeof(*p) << log2);
	if (!p)
		return -ENOMEM;
	w->back_bytes += sizeof(*p) << log2;
	if (k->back)
		w->back_bytes -= sizeof(*p) << k->back_log2;
	k->back = p;
	k->back_log2 = log2;
	return 0;
}

/* Failures older than @keep, counted from the newest one, are forgotten. */
static void prune(struct track *k, int64_t keep)
{
	while (k->n > 1 && age_at(k, k->n - 1u) > keep)
		k->n--;
}

/* The newest failure is @shift later from now on: all others are older by that. */
static void move_on(struct window *w, struct track *k, int64_t shift)
{
	uint32_t n = 0;

	while (n < k->n && age_at(k, n) + shift <= w->keep)
		n++;
	k->last += shift;
	k->n = (uint16_t)n;
	for (uint32_t i = n; i-- > 1;)
		k->back[i] = k->back[i - 1] + (uint32_t)shift;
	if (n)
		k->back[0] = (uint32_t)shift;
	k->n++;
}

/* Insert @copies of a failure of @age behind those that are as young. */
static uint32_t insert(struct track *k, uint32_t age, uint32_t copies)
{
	uint32_t position = k->n;

	while (position > 1 && age_at(k, position - 1) > age)
		position--;
	memmove(k->back + position - 1 + copies, k->back + position - 1,
		(k->n - position) * sizeof(*k->back));
	for (uint32_t i = 0; i < copies; i++)
		k->back[position - 1 + i] = age;
	k->n = (uint16_t)(k->n + copies);
	return position;
}

/*
 * Add @copies of a failure at @t (in units); its position is given.  A track
 * never holds more than two windows full: beyond that the oldest is dropped.
 */
static int add_times(struct window *w, struct track *k, int64_t t, uint32_t copies,
		     uint32_t *position)
{
	uint32_t max = w->limits.maxretry * 2;
	int64_t age = k->n ? k->last - t : 0;
	int err;

	if (k->n + copies > max)
		k->n = (uint16_t)(max - copies);
	err = window_reserve(w, k, k->n + copies);
	if (err)
		return err;
	*position = 0;
	if (!k->n) {
		k->last = t;
		k->n = 1;
		copies--;
	} else if (age < 0) {
		move_on(w, k, -age);
		copies--;
	}
	if (copies)
		*position = insert(k, age > 0 ? (uint32_t)age : 0, copies);
	return 0;
}

/*
 * The most failures that any stretch of findtime around @position holds.  The
 * stretch begins (its young end) at i, and reaches back to j.
 */
static uint32_t fullest(const struct window *w, const struct track *k,
			uint32_t position, uint32_t *oldest)
{
	int64_t age = age_at(k, position);
	uint32_t best = 0, j = position;

	for (uint32_t i = 0; i <= position; i++) {
		if (age - age_at(k, i) > w->findtime)
			continue;
		while (j + 1u < k->n && (int64_t)age_at(k, j + 1) - age_at(k, i) <= w->findtime)
			j++;
		if (j - i + 1 > best) {
			best = j - i + 1;
			*oldest = j;
		}
	}
	return best;
}

uint32_t window_level(const struct window *w, const struct track *k)
{
	uint32_t n = 0;

	while (n < k->n && age_at(k, n) <= w->findtime)
		n++;
	return n;
}

/* ---- which tracks there are -------------------------------------------------- */

void window_end(struct window *w, uint32_t slot)
{
	struct track *k = track_at(&w->tracks, slot);

	window_thaw(w, slot);
	drop_back(w, k);
	k->lines = LINE_NONE;
	k->n = 0;
	track_end(&w->tracks, slot);
}

/* @id itself, as a rule; a text that is too long is cut in @room. */
static const struct window_id *cut_id(const struct window_id *id, struct window_id *room)
{
	if (id->addr.family || (id->text && id->len <= WINDOW_MAX_ID))
		return id;
	*room = *id;
	if (!room->text)
		room->text = "";
	if (room->len > WINDOW_MAX_ID)
		room->len = WINDOW_MAX_ID;
	return room;
}

uint32_t window_track(struct window *w, const struct window_id *id)
{
	struct window_id room;
	uint32_t slot;

	id = cut_id(id, &room);
	slot = track_find(&w->tracks, id);
	if (slot != TRACK_NONE) {
		window_thaw(w, slot);
		if (track_at(&w->tracks, slot)->flags & TRACK_LIVE)
			return slot;
	}
	window_make_room(w);
	/* What was found may be gone by now, thawed or evicted. */
	slot = track_find(&w->tracks, id);
	return slot != TRACK_NONE ? slot : track_add(&w->tracks, id);
}

/* ---- public ---------------------------------------------------------------- */

/* So late that no other failure which is still known can count with it. */
static bool is_alone(const struct window *w, const struct track *k, wall_t when)
{
	return k->n && k->last - window_units(w, when) > w->keep + w->findtime;
}

int window_note(struct window *w, const struct window_note *note, wall_t *first)
{
	uint32_t copies = note->weight ? note->weight : 1;
	uint32_t slot, position, oldest = 0, n;
	struct track *k;
	int err;

	track_begin(&w->tracks, &note->id);
	slot = window_track(w, &note->id);
	if (slot == TRACK_NONE)
		return -ENOMEM;
	k = track_at(&w->tracks, slot);
	if (copies > w->limits.maxretry)
		copies = w->limits.maxretry;
	w->failures++;
	if (is_alone(w, k, note->when)) {
		if (first)
			*first = note->when;
		return (int)copies;
	}
	err = add_times(w, k, window_units(w, note->when), copies, &position);
	if (err) {
		if (!k->n)
			window_end(w, slot);
		return err;
	}
	n = fullest(w, k, position, &oldest);
	if (first)
		first->us = (k->last - age_at(k, oldest)) * w->unit_us;
	prune(k, w->keep);
	track_touch(&w->tracks, slot, n);
	track_mark(&w->tracks, slot);
	line_store_add(&w->lines, &k->lines, note, w->limits.maxmatches);
	return (int)n;
}

void window_expect(struct window *w, const struct window_id *ids, size_t n)
{
	_Static_assert(WINDOW_BATCH == TRACK_BATCH, "a batch is a batch");
	track_expect(&w->tracks, ids, n);
}

static uint32_t find(const struct window *w, const struct window_id *id)
{
	struct window_id room;
	uint32_t slot = track_find(&w->tracks, cut_id(id, &room));

	if (slot == TRACK_NONE || !(track_at(&w->tracks, slot)->flags & TRACK_LIVE))
		return TRACK_NONE;
	return slot;
}

uint32_t window_count(const struct window *w, const struct window_id *id, wall_t now)
{
	uint32_t slot = find(w, id), n = 0;
	int64_t since = window_units(w, now) - w->findtime;
	const struct track *k;

	if (slot == TRACK_NONE)
		return 0;
	k = track_at(&w->tracks, slot);
	while (n < k->n && k->last - age_at(k, n) >= since)
		n++;
	return n;
}

struct window_lines window_lines(struct window *w, const struct window_id *id)
{
	uint32_t slot = find(w, id);

	if (slot == TRACK_NONE)
		return (struct window_lines){ 0 };
	return line_store_find(&w->lines, track_at(&w->tracks, slot)->lines,
			       w->limits.maxmatches, NULL);
}

struct window_kept window_take(struct window *w, const struct window_id *id)
{
	uint32_t slot = find(w, id);
	struct window_kept kept = { .window = w };

	if (slot == TRACK_NONE)
		return kept;
	kept.newest = track_at(&w->tracks, slot)->lines;
	window_end(w, slot);
	return kept;
}

struct window_lines window_kept_lines(struct window_kept kept)
{
	struct window *w = kept.window;
	struct window_lines lines;
	bool cut;

	if (!w)
		return (struct window_lines){ 0 };
	lines = line_store_find(&w->lines, kept.newest, w->limits.maxmatches, &cut);
	w->lines.cut += cut;
	return lines;
}

bool window_forget(struct window *w, const struct window_id *id)
{
	uint32_t slot = find(w, id);

	if (slot == TRACK_NONE)
		return false;
	window_end(w, slot);
	return true;
}

/*
 * Within a level tracks are in the order of their last failure, as the log had
 * it; a track behind one that came out of order goes a little later.
 */
void window_purge(struct window *w, wall_t now)
{
	int64_t since = window_units(w, now) - w->keep;

	for (uint32_t level = 0; level < TRACK_LEVELS; level++) {
		uint32_t slot;

		while ((slot = w->tracks.levels[level].oldest) != TRACK_NONE &&
		       track_at(&w->tracks, slot)->last < since)
			window_end(w, slot);
	}
	if (!w->tracks.live)
		line_store_clear(&w->lines);
	track_trim(&w->tracks);
}

bool window_due(const struct window *w, wall_t *when)
{
	int64_t oldest = INT64_MAX;

	for (uint32_t level = 0; level < TRACK_LEVELS; level++) {
		uint32_t slot = w->tracks.levels[level].oldest;

		if (slot != TRACK_NONE && track_at(&w->tracks, slot)->last < oldest)
			oldest = track_at(&w->tracks, slot)->last;
	}
	/* One unit later it is older than what still counts. */
	when->us = oldest == INT64_MAX ? 0 : (oldest + w->keep + 1) * w->unit_us;
	return oldest != INT64_MAX;
}

struct window_stats window_stats(const struct window *w)
{
	return (struct window_stats){
		.ids = w->tracks.live,
		.bytes = sizeof(*w) + track_bytes(&w->tracks) + w->back_bytes,
		.text = w->lines.size,
		.failures = w->failures,
		.evicted = w->evicted,
		.cut = w->lines.cut,
	};
}

/* ---- new limits --------------------------------------------------------------- */

/* From seconds to milliseconds ages could grow past 32 bits: prune first. */
static void rescale(struct window *w, struct track *k, int64_t from_us)
{
	int64_t keep = w->keep * w->unit_us / from_us;

	prune(k, keep);
	k->last = k->last * from_us / w->unit_us;
	for (uint32_t i = 1; i < k->n; i++)
		k->back[i - 1] = (uint32_t)(k->back[i - 1] * from_us / w->unit_us);
}

static void forget_lines(struct window *w)
{
	uint32_t slot = TRACK_NONE;

	while ((slot = track_next(&w->tracks, slot)) != TRACK_NONE)
		track_at(&w->tracks, slot)->lines = LINE_NONE;
}

int window_set_limits(struct window *w, const struct window_limits *limits)
{
	int64_t from_us = w->unit_us;
	uint32_t slot = TRACK_NONE;

	if (!limits_ok(limits))
		return -EINVAL;
	set_times(w, limits);
	window_pool_join(w, limits->pool);
	if (line_store_set_max(&w->lines, limits->max_text))
		forget_lines(w);
	if (w->unit_us == from_us)
		return 0;
	while ((slot = track_next(&w->tracks, slot)) != TRACK_NONE) {
		window_thaw(w, slot);
		rescale(w, track_at(&w->tracks, slot), from_us);
		track_mark(&w->tracks, slot);
	}
	return 0;
}
