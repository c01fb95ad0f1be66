// SPDX-License-Identifier: GPL-2.0-or-later
#include "plain.h"

typedef uint64_t words16 __attribute__((vector_size(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));

#define TOP_BITS 0x8080808080808080ull

static inline words16 load(const char *text)
{
	words16 v;

	memcpy(&v, text, sizeof(v));
	return v;
}

static inline bool no_top_bit(words16 v)
{
	return !((v[0] | v[1]) & TOP_BITS);
}

bool plain_is_ascii(const char *text, size_t len)
{
	words16 all = { 0 };
	unsigned char rest = 0;
	size_t i;

	for (i = 0; i + sizeof(all) <= len; i += sizeof(all))
		all |= load(text + i);
	for (; i < len; i++)
		rest |= (unsigned char)text[i];
	return no_top_bit(all) && !(rest & 0x80);
}

/* A newline has its top bit set, too. */
static inline words16 mark_newlines(words16 v)
{
	return v | (words16)((bytes16)v == '\n');
}

static inline words16 copy16(char *to, const char *text)
{
	words16 v = load(text);

	memcpy(to, &v, sizeof(v));
	return mark_newlines(v);
}

static inline bool copy_few(char *to, const char *text, size_t len)
{
	bool plain = true;

	for (size_t i = 0; i < len; i++) {
		plain &= (unsigned char)text[i] < 0x80 && text[i] != '\n';
		to[i] = text[i];
	}
	return plain;
}

bool plain_copy(char *to, const char *text, size_t len)
{
	words16 all = { 0 };
	size_t last = len - sizeof(all), i = 0;

	if (len < sizeof(all))
		return copy_few(to, text, len);
	for (; i + sizeof(all) < last; i += 2 * sizeof(all))
		all |= copy16(to + i, text + i) |
		       copy16(to + i + sizeof(all), text + i + sizeof(all));
	if (i < last)
		all |= copy16(to + i, text + i);
	/* The end, some of it once more. */
	all |= copy16(to + last, text + last);
	return no_top_bit(all);
}

bool plain_is_line(const char *text, size_t len)
{
	words16 all = { 0 };
	size_t last = len - sizeof(all), i = 0;

	if (len < sizeof(all))
		return plain_is_ascii(text, len) && !memchr(text, '\n', len);
	for (; i + sizeof(all) < last; i += 2 * sizeof(all))
		all |= mark_newlines(load(text + i)) |
		       mark_newlines(load(text + i + sizeof(all)));
	if (i < last)
		all |= mark_newlines(load(text + i));
	/* The end, some of it once more. */
	all |= mark_newlines(load(text + last));
	return no_top_bit(all);
}
