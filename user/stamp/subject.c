// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/subject.h"

#include "base/regex.h"

bool subject_is_ascii(struct subject *u)
{
	if (u->ascii == SUBJECT_UNKNOWN)
		u->ascii = regex_is_ascii(u->line, u->len) ? SUBJECT_YES : SUBJECT_NO;
	return u->ascii == SUBJECT_YES;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool subject_has_clock(struct subject *u)
{
	const char *p = u->line, *end = u->line + u->len;

	if (u->clock != SUBJECT_UNKNOWN)
		return u->clock == SUBJECT_YES;
	u->clock = SUBJECT_NO;
	while (p < end && (p = memchr(p, ':', (size_t)(end - p)))) {
		if (p > u->line && p + 1 < end && is_digit(p[-1]) && is_digit(p[1])) {
			u->clock = SUBJECT_YES;
			break;
		}
		p++;
	}
	return u->clock == SUBJECT_YES;
}

/* True for the second and later bytes of a character. */
static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Columns and offsets are the same up to @n. */
static bool plain_until(struct subject *u, size_t n)
{
	return u->ascii == SUBJECT_YES ||
	       regex_is_ascii(u->line, n < u->len ? n : u->len);
}

size_t subject_column(struct subject *u, size_t offset)
{
	size_t column = 0;

	if (plain_until(u, offset))
		return offset;
	for (size_t i = 0; i < offset; i++)
		column += !continues(u->line[i]);
	return column;
}

size_t subject_offset(struct subject *u, size_t column)
{
	size_t i = 0;

	if (plain_until(u, column))
		return column;
	for (i = 0; i < u->len; i++)
		if (!continues(u->line[i]) && column-- == 0)
			break;
	return column == SIZE_MAX ? i : i + column;
}

int32_t subject_char(struct subject *u, size_t column)
{
	size_t i = subject_offset(u, column);
	int32_t c;

	if (i >= u->len)
		return SUBJECT_NO_CHAR;
	c = (unsigned char)u->line[i];
	for (i++; i < u->len && continues(u->line[i]) && c < 1 << 22; i++)
		c = c << 8 | (unsigned char)u->line[i];
	return c;
}
