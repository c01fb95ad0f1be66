// SPDX-License-Identifier: GPL-2.0-or-later
#include "value.h"

#include <errno.h>
#include <stdlib.h>

static size_t count_lines(const char *s, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

int value_make(struct pool *p, struct value *v, const char *s, struct place at)
{
	size_t len = strlen(s), lines = count_lines(s, len);
	struct place *places = pool_array(p, lines, sizeof(*places));

	*v = (struct value){ pool_strndup(p, s, len), len, places, lines };
	if (!v->s || !places)
		return -ENOMEM;
	for (size_t i = 0; i < lines; i++)
		places[i] = at;
	return 0;
}

struct place value_place(const struct value *v, size_t offset)
{
	if (!v->lines)
		return (struct place){ 0 };
	return v->at[count_lines(v->s, offset < v->len ? offset : v->len) - 1];
}

void value_builder_fini(struct value_builder *b)
{
	str_fini(&b->text);
	free(b->at);
	*b = (struct value_builder){ 0 };
}

static void add_place(struct value_builder *b, struct place at)
{
	size_t size = b->size ? b->size * 2 : 8;
	struct place *p;

	if (b->failed)
		return;
	if (b->lines == b->size) {
		p = realloc(b->at, size * sizeof(*p));
		if (!p) {
			b->failed = true;
			return;
		}
		b->at = p;
		b->size = size;
	}
	b->at[b->lines++] = at;
}

void value_add_line(struct value_builder *b, struct place at)
{
	if (b->lines)
		str_putc(&b->text, '\n');
	add_place(b, at);
}

void value_add(struct value_builder *b, const struct value *v, size_t from,
	       size_t to, size_t *line)
{
	if (!b->lines)
		add_place(b, v->at[*line]);
	if (b->text.len + (to - from) > VALUE_MAX)
		b->failed = true;
	if (b->failed)
		return;
	for (size_t i = from; i < to; i++)
		if (v->s[i] == '\n')
			add_place(b, v->at[++*line]);
	str_add(&b->text, v->s + from, to - from);
}

void value_insert(struct value_builder *b, const struct value *v, bool alone)
{
	bool fresh = !b->text.len || b->text.s[b->text.len - 1] == '\n';
	size_t line = 0;

	if (b->lines && !b->failed && fresh && v->len && (alone || v->lines > 1))
		b->at[b->lines - 1] = v->at[0];
	value_add(b, v, 0, v->len, &line);
}

int value_take(struct value_builder *b, struct pool *p, struct value *out)
{
	struct place *at = pool_array(p, b->lines ? b->lines : 1, sizeof(*at));
	bool bad = b->failed || b->text.failed || b->text.len > VALUE_MAX;
	int err = bad ? -E2BIG : 0;

	*out = (struct value){ 0 };
	if (!err) {
		*out = (struct value){ pool_strndup(p, b->text.s, b->text.len),
				       b->text.len, at, b->lines ? b->lines : 1 };
		if (!out->s || !at)
			err = -ENOMEM;
		else if (b->lines)
			memcpy(at, b->at, b->lines * sizeof(*at));
	}
	value_builder_fini(b);
	return err;
}
