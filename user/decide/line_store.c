// SPDX-License-Identifier: GPL-2.0-or-later
#include "line_store.h"

#include <errno.h>
#include <stdlib.h>

/* A line with its place in the order of all lines; window_line is the public part. */
struct kept_line {
	struct kept_line *older, *newer;
	struct line_list *list;
	struct window_line line;
};

enum { MALLOC_OVERHEAD = 16 };	/* glibc, at most; the cap is about real memory */

static size_t cost_of(uint32_t len)
{
	return sizeof(struct kept_line) + len + MALLOC_OVERHEAD;
}

static struct kept_line *kept_of(struct window_line *line)
{
	return container_of(line, struct kept_line, line);
}

static void unlink_kept(struct line_store *s, struct kept_line *k)
{
	*(k->older ? &k->older->newer : &s->oldest) = k->newer;
	*(k->newer ? &k->newer->older : &s->newest) = k->older;
	s->bytes -= cost_of(k->line.len);
}

static void free_list(struct line_store *s, struct line_list *list)
{
	s->bytes -= sizeof(*list) + MALLOC_OVERHEAD;
	*list->slot = NULL;
	free(list);
}

/* The oldest line of a list goes. */
static void drop_oldest(struct line_store *s, struct line_list *list)
{
	struct kept_line *k = kept_of(list->oldest);

	list->oldest = k->line.next;
	list->n--;
	unlink_kept(s, k);
	free(k);
	if (!list->n)
		free_list(s, list);
}

static struct line_list *list_at(struct line_store *s, struct line_list **slot)
{
	if (!*slot) {
		*slot = calloc(1, sizeof(**slot));
		if (!*slot)
			return NULL;
		(*slot)->slot = slot;
		s->bytes += sizeof(**slot) + MALLOC_OVERHEAD;
	}
	return *slot;
}

static struct kept_line *new_line(const struct window_note *note, const char *text,
				  uint32_t len)
{
	struct kept_line *k = malloc(sizeof(*k) + len);

	if (!k)
		return NULL;
	*k = (struct kept_line){
		.line = { .when = note->when, .regex = note->regex, .len = len,
			  .proven = note->proven },
	};
	memcpy(k->line.text, text, len);
	return k;
}

/* The newest in both orders, so the oldest of all is the oldest of its list. */
static void append(struct line_store *s, struct line_list *list, struct kept_line *k)
{
	k->list = list;
	k->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = k;
	s->newest = k;
	s->bytes += cost_of(k->line.len);
	if (list->n++)
		list->newest->next = &k->line;
	else
		list->oldest = &k->line;
	list->newest = &k->line;
}

static bool make_room(struct line_store *s, size_t bytes)
{
	while (s->oldest && s->bytes + bytes > s->max) {
		drop_oldest(s, s->oldest->list);
		s->dropped++;
	}
	return s->bytes + bytes <= s->max;
}

static int add_line(struct line_store *s, struct line_list **slot,
		    const struct window_note *note, const struct window_text *text)
{
	uint32_t len = text->len < WINDOW_MAX_LINE ? (uint32_t)text->len : WINDOW_MAX_LINE;
	struct line_list *list;
	struct kept_line *k;

	if (!make_room(s, cost_of(len) + sizeof(*list) + MALLOC_OVERHEAD))
		return -ENOSPC;
	k = new_line(note, text->s, len);
	list = k ? list_at(s, slot) : NULL;
	if (!list) {
		free(k);
		return -ENOMEM;
	}
	append(s, list, k);
	return 0;
}

void line_store_add(struct line_store *s, struct line_list **slot,
		    const struct window_note *note, uint32_t max_lines)
{
	size_t i = note->n_lines > max_lines ? note->n_lines - max_lines : 0;

	for (; i < note->n_lines; i++)
		if (add_line(s, slot, note, &note->lines[i]))
			s->dropped++;
	while (*slot && (*slot)->n > max_lines)
		drop_oldest(s, *slot);
}

struct window_line *line_store_take(struct line_store *s, struct line_list **slot)
{
	struct window_line *lines;

	if (!*slot)
		return NULL;
	lines = (*slot)->oldest;
	for (struct window_line *l = lines; l; l = l->next)
		unlink_kept(s, kept_of(l));
	free_list(s, *slot);
	return lines;
}

void window_lines_free(struct window_line *lines)
{
	struct window_line *next;

	for (; lines; lines = next) {
		next = lines->next;
		free(kept_of(lines));
	}
}
