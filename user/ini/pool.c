// SPDX-License-Identifier: GPL-2.0-or-later
#include "pool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK	((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *ctx);
	void *ctx;
};

struct pool {
	struct chunk *chunks;		/* owns; the one in use comes first */
	struct deferred *deferred;	/* lives in the chunks */
	size_t total, max;
};

struct pool *pool_new(size_t max)
{
	struct pool *p = calloc(1, sizeof(*p));

	if (p)
		p->max = max;
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	for (struct deferred *d = p->deferred; d; d = d->next)
		d->fn(d->ctx);
	for (struct chunk *c = p->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(p);
}

static struct chunk *new_chunk(struct pool *p, size_t need)
{
	size_t size = need > CHUNK / 4 ? need : CHUNK;
	struct chunk *c;

	if (size > p->max - p->total)
		return NULL;
	c = calloc(1, sizeof(*c) + size);
	if (!c)
		return NULL;
	c->size = size;
	p->total += size;
	/* A chunk of one big thing must not hide the room in the current one. */
	if (p->chunks && size == need) {
		c->next = p->chunks->next;
		p->chunks->next = c;
	} else {
		c->next = p->chunks;
		p->chunks = c;
	}
	return c;
}

void *pool_alloc(struct pool *p, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *c = p->chunks;
	void *mem;

	if (size > p->max)
		return NULL;
	size = size ? (size + align - 1) & ~(align - 1) : align;
	if (!c || c->size - c->used < size) {
		c = new_chunk(p, size);
		if (!c)
			return NULL;
	}
	mem = c->bytes + c->used;
	c->used += size;
	return mem;
}

void *pool_array(struct pool *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return pool_alloc(p, total);
}

char *pool_strndup(struct pool *p, const char *s, size_t len)
{
	char *copy = len < SIZE_MAX ? pool_alloc(p, len + 1) : NULL;

	if (copy && len)
		memcpy(copy, s, len);
	return copy;
}

char *pool_strdup(struct pool *p, const char *s)
{
	return s ? pool_strndup(p, s, strlen(s)) : NULL;
}

char *pool_printf(struct pool *p, const char *fmt, ...)
{
	va_list ap, again;
	char *text = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		text = pool_alloc(p, (size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return text;
}

int pool_defer(struct pool *p, void (*fn)(void *ctx), void *ctx)
{
	struct deferred *d = pool_alloc(p, sizeof(*d));

	if (!d)
		return -ENOMEM;
	*d = (struct deferred){ p->deferred, fn, ctx };
	p->deferred = d;
	return 0;
}
