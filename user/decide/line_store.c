// SPDX-License-Identifier: GPL-2.0-or-later
#include "line_store.h"

#include <errno.h>
#include <stdlib.h>

struct kept_line {
	line_at before;		/* of the same id; LINE_NONE: this is its first */
	wall_t when;
	uint32_t len;
	int32_t regex;
	bool proven;
	char text[];
};

enum {
	ALIGN = sizeof(line_at),
	FIRST_SIZE = 64 << 10,	/* what most jails never fill */
};

void line_store_init(struct line_store *s, size_t max)
{
	max &= ~(size_t)(ALIGN - 1);
	*s = (struct line_store){ .max = max, .lap = max };
}

void line_store_clear(struct line_store *s)
{
	free(s->ring);
	s->ring = NULL;
	s->size = 0;
	s->end = LINE_NONE;
	s->lap = s->max;
}

void line_store_fini(struct line_store *s)
{
	line_store_clear(s);
	free(s->found);
	s->found = NULL;
	s->found_room = 0;
}

bool line_store_set_max(struct line_store *s, size_t max)
{
	max &= ~(size_t)(ALIGN - 1);
	if (max == s->max)
		return false;
	s->max = max;
	line_store_clear(s);
	return true;
}

/* Nothing has been written over it yet. */
static bool is_there(const struct line_store *s, line_at at)
{
	return at != LINE_NONE && at + s->max >= s->end;
}

/* Of this lap or the one before: a division would be dearer than the rest. */
static struct kept_line *line_of(const struct line_store *s, line_at at)
{
	size_t offset = at >= s->lap ? at - s->lap : at + s->max - s->lap;

	return (struct kept_line *)(s->ring + offset);
}

/* Before the ring goes round for the first time, all of it is below @size. */
static bool grow(struct line_store *s, size_t size)
{
	size_t room = s->size ? s->size : FIRST_SIZE;
	char *ring;

	if (size <= s->size)
		return true;
	while (room < size)
		room *= 2;
	room = room < s->max ? room : s->max;
	ring = realloc(s->ring, room);
	if (!ring)
		return false;
	s->ring = ring;
	s->size = room;
	return true;
}

/* The place of @size bytes in one piece; LINE_NONE: there is no room. */
static line_at place(struct line_store *s, size_t size)
{
	line_at at = s->end != LINE_NONE ? s->end : s->lap;

	if (size > s->max)
		return LINE_NONE;
	if (at - s->lap + size > s->max)
		at = s->lap += s->max;
	return grow(s, at - s->lap + size) ? at : LINE_NONE;
}

static bool add_line(struct line_store *s, line_at *newest, const struct window_note *note,
		     const struct window_text *text)
{
	size_t len = text->len < WINDOW_MAX_LINE ? text->len : WINDOW_MAX_LINE;
	size_t size = (sizeof(struct kept_line) + len + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	line_at at = place(s, size);
	struct kept_line line = {
		.before = *newest, .when = note->when, .len = (uint32_t)len,
		.regex = note->regex, .proven = note->proven,
	};
	struct kept_line *k;

	if (at == LINE_NONE)
		return false;
	k = line_of(s, at);
	*k = line;
	/* Not memcpy(): of that gcc makes a string instruction, many times slower. */
	memmove(k->text, text->s, len);
	s->end = at + size;
	*newest = at;
	return true;
}

void line_store_add(struct line_store *s, line_at *newest, const struct window_note *note,
		    uint32_t max_lines)
{
	size_t i = note->n_lines > max_lines ? note->n_lines - max_lines : 0;

	for (; i < note->n_lines; i++)
		s->cut += !add_line(s, newest, note, &note->lines[i]);
}

static struct window_line public_form(const struct kept_line *k)
{
	return (struct window_line){
		.text = k->text, .len = k->len, .when = k->when,
		.regex = k->regex, .proven = k->proven,
	};
}

/* Room for the lines from @at back.  Their number; 0: none, or no memory. */
static uint32_t make_room(struct line_store *s, line_at at, uint32_t max_lines, bool *cut)
{
	struct window_line *found;
	uint32_t n = 0;

	for (; n < max_lines && is_there(s, at); at = line_of(s, at)->before)
		n++;
	*cut = n < max_lines && at != LINE_NONE;
	if (n > s->found_room) {
		found = realloc(s->found, n * sizeof(*found));
		if (!found)
			return 0;
		s->found = found;
		s->found_room = n;
	}
	return n;
}

struct window_lines line_store_find(struct line_store *s, line_at newest,
				    uint32_t max_lines, bool *cut)
{
	bool none;
	uint32_t n = make_room(s, newest, max_lines, cut ? cut : &none);

	for (uint32_t i = n; i--; newest = line_of(s, newest)->before)
		s->found[i] = public_form(line_of(s, newest));
	return (struct window_lines){ s->found, n };
}
