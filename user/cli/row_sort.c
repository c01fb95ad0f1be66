// SPDX-License-Identifier: GPL-2.0-or-later
#include "row_sort.h"

#include <math.h>
#include <stdlib.h>

#include "base/ipaddr.h"

struct kept {
	char *text;		/* owns: the row */
	char *word;		/* owns: its jail, if that is the key; else NULL */
	double number;
	struct ipaddr who;
};

struct row_sort {
	int (*compare)(const void *a, const void *b);
	const char *member;	/* of the row; NULL: only its address counts */
	struct kept *v;		/* owns */
	size_t n, size, limit;
};

static int by_address(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return ipaddr_compare(&x->who, &y->who);
}

static int by_word(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	int order = strcmp(x->word, y->word);

	return order ? order : by_address(a, b);
}

static int upwards(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number ? 1 : by_address(a, b);
}

static int downwards(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	return x->number > y->number ? -1 : x->number < y->number ? 1 : by_address(a, b);
}

struct row_sort *row_sort_new(const char *key, size_t limit)
{
	static const struct {
		const char *name, *member;
		int (*compare)(const void *a, const void *b);
	} keys[] = {
		{ "address", NULL, by_address }, { "jail", "jail", by_word },
		{ "since", "since", upwards }, { "end", "until", upwards },
		{ "packets", "packets", downwards }, { "bytes", "bytes", downwards },
	};
	struct row_sort *s;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!streq(key, keys[i].name))
			continue;
		s = calloc(1, sizeof(*s));
		if (s)
			*s = (struct row_sort){ .compare = keys[i].compare,
						.member = keys[i].member, .limit = limit };
		return s;
	}
	return NULL;
}

/* Those behind the limit go; there may be a million of them. */
static void cut(struct row_sort *s)
{
	qsort(s->v, s->n, sizeof(*s->v), s->compare);
	for (; s->n > s->limit; s->n--) {
		free(s->v[s->n - 1].text);
		free(s->v[s->n - 1].word);
	}
}

static bool make_room(struct row_sort *s)
{
	size_t size = s->size ? s->size * 2 : 1024;
	struct kept *p;

	if (s->n == s->size && s->limit < s->n / 2)
		cut(s);
	if (s->n < s->size)
		return true;
	p = realloc(s->v, size * sizeof(*p));
	if (!p)
		return false;
	s->v = p;
	s->size = size;
	return true;
}

void row_sort_add(struct row_sort *s, const json_t *row)
{
	const json_t *key = s->member ? json_object_get(row, s->member) : NULL;
	const char *who = out_str(row, "address");
	struct kept k = { .number = json_is_null(key) ? INFINITY : json_number_value(key) };

	if (ipaddr_parse_net(who, strlen(who), &k.who) || !make_room(s))
		return;
	k.text = json_dumps(row, JSON_COMPACT);
	k.word = s->compare == by_word ? strdup(out_str(row, s->member)) : NULL;
	if (!k.text || (s->compare == by_word && !k.word)) {
		free(k.text);
		free(k.word);
		return;
	}
	s->v[s->n++] = k;
}

void row_sort_finish(struct row_sort *s, void (*row)(void *ctx, const json_t *row), void *ctx)
{
	cut(s);
	for (size_t i = 0; i < s->n; i++) {
		json_t *obj = json_loads(s->v[i].text, 0, NULL);

		row(ctx, obj);
		json_decref(obj);
		free(s->v[i].text);
		free(s->v[i].word);
	}
	free(s->v);
	free(s);
}
