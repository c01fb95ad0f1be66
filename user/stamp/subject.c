// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/subject.h"

#include "base/regex.h"

/* ---- contents ---- */

bool subject_is_ascii(struct subject *u)
{
	if (!u->known_ascii) {
		u->ascii = regex_is_ascii(u->line, u->len);
		u->known_ascii = true;
	}
	return u->ascii;
}

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static bool has_clock(const char *line, const char *end)
{
	const char *p = line;

	while ((p = memchr(p, ':', (size_t)(end - p)))) {
		const char *q = ++p;

		if (q - line < 2 || !is_digit(q[-2]))
			continue;
		while (q < end && q - p < 2 && is_digit(*q))
			q++;
		if (q > p && end - q >= 2 && *q == ':' && is_digit(q[1]))
			return true;
	}
	return false;
}

#define NUMBER_DIGITS	8

/* So long a run covers one of the bytes that are that far apart. */
static bool has_number(const char *line, const char *end)
{
	size_t len = (size_t)(end - line), first, last;

	for (size_t i = NUMBER_DIGITS - 1; i < len; i += NUMBER_DIGITS) {
		if (!is_digit(line[i]))
			continue;
		for (first = i; first > 0 && is_digit(line[first - 1]); first--)
			;
		for (last = i + 1; last < len && is_digit(line[last]); last++)
			;
		if (last - first >= NUMBER_DIGITS)
			return true;
	}
	return false;
}

#define TAI64N_DIGITS	24

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool has_tai64n(const char *line, const char *end)
{
	const char *p = line;

	while ((p = memchr(p, '@', (size_t)(end - p)))) {
		const char *first = ++p;

		while (p < end && p - first < TAI64N_DIGITS && is_hex(*p))
			p++;
		if (p - first == TAI64N_DIGITS)
			return true;
	}
	return false;
}

static bool look_for(const struct subject *u, enum subject_need need)
{
	const char *end = u->line + u->len;

	switch (need) {
	case NEED_CLOCK: return has_clock(u->line, end);
	case NEED_NUMBER: return has_number(u->line, end);
	case NEED_TAI64N: return has_tai64n(u->line, end);
	default: return true;
	}
}

bool subject_has(struct subject *u, enum subject_need need)
{
	if (!u->known[need]) {
		u->has[need] = look_for(u, need);
		u->known[need] = true;
	}
	return u->has[need];
}

/* ---- columns ---- */

/* True for the second and later bytes of a character. */
static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

bool subject_is_plain(struct subject *u, size_t n)
{
	if (n > u->len)
		n = u->len;
	if (n > u->plain && regex_is_ascii(u->line + u->plain, n - u->plain))
		u->plain = n;
	return n <= u->plain;
}

size_t subject_column(struct subject *u, size_t offset)
{
	size_t column = 0;

	if (subject_is_plain(u, offset))
		return offset;
	for (size_t i = 0; i < offset; i++)
		column += !continues(u->line[i]);
	return column;
}

size_t subject_offset(struct subject *u, size_t column)
{
	size_t i = 0;

	if (subject_is_plain(u, column))
		return column;
	for (i = 0; i < u->len; i++)
		if (!continues(u->line[i]) && column-- == 0)
			return i;
	return i + column;
}

int32_t subject_char(struct subject *u, size_t column)
{
	size_t i = subject_offset(u, column);
	int32_t c;

	if (i >= u->len)
		return SUBJECT_NO_CHAR;
	c = (unsigned char)u->line[i];
	if (c < 0x80)
		return c;
	for (i++; i < u->len && continues(u->line[i]) && c < 1 << 22; i++)
		c = c << 8 | (unsigned char)u->line[i];
	return c;
}
