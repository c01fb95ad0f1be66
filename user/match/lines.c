// SPDX-License-Identifier: GPL-2.0-or-later
#include "lines.h"

#include <errno.h>
#include <stdlib.h>

struct hit_text hit_text_cut(struct hit_text t, size_t max)
{
	if (t.len > max)
		for (t.len = max; t.len && ((unsigned char)t.s[t.len] & 0xc0) == 0x80;)
			t.len--;
	return t;
}

struct hit_text hit_text_copy(struct hit_text t, size_t max)
{
	char *copy;

	t = hit_text_cut(t, max);
	copy = malloc(t.len + 1);
	if (!copy)
		return (struct hit_text){ 0 };
	memcpy(copy, t.s, t.len);
	copy[t.len] = '\0';
	return (struct hit_text){ copy, t.len };
}

/* Takes over the text. */
static void append(struct lines *l, struct hit_text owned)
{
	if (l->n == LINES_MAX) {
		free((char *)l->v[0].s);
		memmove(l->v, l->v + 1, --l->n * sizeof(l->v[0]));
	}
	l->v[l->n++] = owned;
}

int lines_add(struct lines *l, struct hit_text line)
{
	struct hit_text copy = hit_text_copy(line, LINES_BYTES);

	if (!copy.s)
		return -ENOMEM;
	append(l, copy);
	l->count++;
	return 0;
}

void lines_move(struct lines *l, struct lines *from)
{
	for (unsigned int i = 0; i < from->n; i++)
		append(l, from->v[i]);
	l->count += from->count;
	from->n = from->count = 0;
}

void lines_clear(struct lines *l)
{
	for (unsigned int i = 0; i < l->n; i++)
		free((char *)l->v[i].s);
	l->n = l->count = 0;
}
