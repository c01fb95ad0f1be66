// SPDX-License-Identifier: GPL-2.0-or-later
#include "str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void str_fini(struct str *s)
{
	free(s->s);
	*s = (struct str){ 0 };
}

void str_reset(struct str *s)
{
	s->len = 0;
	s->failed = false;
	if (s->s)
		s->s[0] = '\0';
}

static bool grow(struct str *s, size_t more)
{
	size_t size = s->size ? s->size : 64;
	char *p;

	if (s->failed || more > STR_MAX || s->len + more + 1 > STR_MAX) {
		s->failed = true;
		return false;
	}
	while (size < s->len + more + 1)
		size *= 2;
	p = realloc(s->s, size);
	if (!p) {
		s->failed = true;
		return false;
	}
	s->s = p;
	s->size = size;
	return true;
}

/* As a rule there is room: lines go through the same string one after another. */
static inline bool reserve(struct str *s, size_t more)
{
	return (!s->failed && more < s->size - s->len) || grow(s, more);
}

void str_reserve(struct str *s, size_t more)
{
	reserve(s, more);
}

char *str_room(struct str *s, size_t len)
{
	char *room;

	if (!reserve(s, len))
		return NULL;
	room = s->s + s->len;
	s->len += len;
	room[len] = '\0';
	return room;
}

void str_add(struct str *s, const char *text, size_t len)
{
	if (!reserve(s, len))
		return;
	if (len)
		memcpy(s->s + s->len, text, len);
	s->len += len;
	s->s[s->len] = '\0';
}

void str_puts(struct str *s, const char *text)
{
	str_add(s, text, strlen(text));
}

void str_putc(struct str *s, char c)
{
	char *room = str_room(s, 1);

	if (room)
		*room = c;
}

void str_int(struct str *s, int64_t v)
{
	uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
	char digits[20], *end = digits + sizeof(digits), *p = end;

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (v < 0)
		*--p = '-';
	str_add(s, p, (size_t)(end - p));
}

void str_printf(struct str *s, const char *fmt, ...)
{
	size_t room = s->failed ? 0 : s->size - s->len;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	/* As a rule there is room, and once is enough. */
	n = vsnprintf(room ? s->s + s->len : NULL, room, fmt, ap);
	if (n >= 0 && (size_t)n >= room && reserve(s, (size_t)n))
		vsnprintf(s->s + s->len, (size_t)n + 1, fmt, again);
	if (n >= 0 && !s->failed)
		s->len += (size_t)n;
	else if (room)
		s->s[s->len] = '\0';	/* as it was */
	va_end(again);
	va_end(ap);
}

char *str_take(struct str *s)
{
	char *text;

	str_add(s, "", 0);
	if (s->failed) {
		str_fini(s);
		return NULL;
	}
	text = s->s;
	*s = (struct str){ 0 };
	return text;
}
