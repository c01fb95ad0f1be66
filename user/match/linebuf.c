// SPDX-License-Identifier: GPL-2.0-or-later
#include "linebuf.h"

#include "fields.h"

#include <errno.h>
#include <stdlib.h>

int linebuf_init(struct linebuf *b, size_t max)
{
	*b = (struct linebuf){ .max = max, .n_spare = max };
	b->all = calloc(max, sizeof(*b->all));
	b->v = calloc(max, sizeof(*b->v));
	b->taken = calloc(max, sizeof(*b->taken));
	b->spare = calloc(max, sizeof(*b->spare));
	if (!b->all || !b->v || !b->taken || !b->spare) {
		linebuf_fini(b);
		return -ENOMEM;
	}
	for (size_t i = 0; i < max; i++)
		b->spare[i] = &b->all[i];
	return 0;
}

void linebuf_fini(struct linebuf *b)
{
	for (size_t i = 0; b->all && i < b->max; i++) {
		str_fini(&b->all[i].raw);
		str_fini(&b->all[i].subject.text);
	}
	free(b->all);
	free(b->v);
	free(b->taken);
	free(b->spare);
	*b = (struct linebuf){ 0 };
}

/* A place at the end of the buffer, empty. */
static struct linebuf_line *next_line(struct linebuf *b)
{
	struct linebuf_line *l;

	while (b->n_taken)
		b->spare[b->n_spare++] = b->taken[--b->n_taken];
	if (b->n == b->max) {
		l = b->v[0];
		memmove(b->v, b->v + 1, --b->n * sizeof(*b->v));
	} else {
		l = b->spare[--b->n_spare];
	}
	b->v[b->n++] = l;
	str_reset(&l->raw);
	return l;
}

int linebuf_push(struct linebuf *b, const struct filter_line *line)
{
	struct linebuf_line *l = next_line(b);

	b->changed = true;
	str_add(&l->raw, line->s, line->len);
	l->date_start = line->date_start;
	l->date_end = line->date_end;
	subject_set(&l->subject, line);
	return l->raw.failed || l->subject.text.failed ? -ENOMEM : 0;
}

int linebuf_replace(struct linebuf *b, struct hit_text text)
{
	struct filter_line line = { .s = text.s, .len = text.len };

	while (b->n)
		b->spare[b->n_spare++] = b->v[--b->n];
	return linebuf_push(b, &line);
}

static void join(struct linebuf_line *const *v, size_t n, struct subject *out)
{
	subject_reset(out);
	for (size_t i = 0; i < n; i++) {
		str_add(&out->text, v[i]->subject.text.s, v[i]->subject.text.len);
		str_putc(&out->text, '\n');
		out->plain &= v[i]->subject.plain;
	}
}

void linebuf_join(const struct linebuf *b, struct subject *out)
{
	join(b->v, b->n, out);
}

void linebuf_join_taken(const struct linebuf *b, struct subject *out)
{
	join(b->taken, b->n_taken, out);
}

static size_t count_newlines(const char *text, size_t len)
{
	size_t n = 0;

	for (const char *p = text; (p = memchr(p, '\n', len - (size_t)(p - text))); p++)
		n++;
	return n;
}

/* The line in which the match begins; a newline that begins it is none of it. */
static size_t first_line(const char *text, size_t len, size_t start)
{
	return count_newlines(text, start < len ? start + 1 : len);
}

/* The line behind the one in which the match ends. */
static size_t last_line(const char *text, size_t len, size_t end)
{
	const char *p = end ? memchr(text + end - 1, '\n', len - end + 1) : NULL;

	return count_newlines(text, p ? (size_t)(p - text) + 1 : len);
}

void linebuf_take(struct linebuf *b, const char *text, size_t len,
		  struct regex_span match)
{
	size_t from = first_line(text, len, match.start);
	size_t to = last_line(text, len, match.end);

	if (b->n <= 1) {
		from = 0;
		to = b->n;
	}
	if (to > b->n)
		to = b->n;
	if (from > to)
		from = to;
	b->n_taken = to - from;
	b->gap = from;
	memcpy(b->taken, b->v + from, b->n_taken * sizeof(*b->v));
	memmove(b->v + from, b->v + to, (b->n - to) * sizeof(*b->v));
	b->n -= b->n_taken;
}

/* Lines are compared as the expressions saw them. */
static bool reads(const struct linebuf_line *l, const char *text, size_t len)
{
	return l->subject.text.len == len && !memcmp(l->subject.text.s, text, len);
}

static void put_back_one(struct linebuf *b, size_t i)
{
	struct linebuf_line *l = b->taken[i];

	memmove(b->taken + i, b->taken + i + 1, (--b->n_taken - i) * sizeof(*b->v));
	memmove(b->v + b->gap + 1, b->v + b->gap, (b->n++ - b->gap) * sizeof(*b->v));
	b->v[b->gap++] = l;
}

void linebuf_put_back(struct linebuf *b, struct hit_text skipped)
{
	size_t from = 0;

	for (const char *p = skipped.s, *end = p + skipped.len, *nl; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		for (size_t i = from; i < b->n_taken; i++) {
			if (reads(b->taken[i], p, (size_t)(nl - p))) {
				put_back_one(b, i);
				from = i;
				break;
			}
		}
	}
}
