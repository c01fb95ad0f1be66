// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/subject.h"

#include "regex/plain.h"

/* ---- contents ---- */

bool subject_is_ascii(struct subject *u)
{
	if (!u->known_ascii) {
		u->ascii = plain_is_ascii(u->line, u->len);
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

#define FIRST_CHARS	4

/* 0: neither; both where it takes more than ASCII to tell. */
static unsigned int first_word_char(const char *line, size_t len)
{
	for (size_t i = 0; i < len && i < FIRST_CHARS; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c >= 0x80)
			return NEED_DIGIT_FIRST | NEED_LETTER_FIRST;
		if (is_digit((char)c))
			return NEED_DIGIT_FIRST;
		if ((c | 32) >= 'a' && (c | 32) <= 'z')
			return NEED_LETTER_FIRST;
	}
	return 0;
}

void subject_look(struct subject *u, unsigned int needs)
{
	const char *end = u->line + u->len;

	if (needs & (NEED_DIGIT_FIRST | NEED_LETTER_FIRST)) {
		u->has |= first_word_char(u->line, u->len);
		u->known |= NEED_DIGIT_FIRST | NEED_LETTER_FIRST;
	} else if (needs & NEED_CLOCK) {
		u->has |= has_clock(u->line, end) ? NEED_CLOCK : 0;
		u->known |= NEED_CLOCK;
	} else if (needs & NEED_NUMBER) {
		u->has |= has_number(u->line, end) ? NEED_NUMBER : 0;
		u->known |= NEED_NUMBER;
	} else {
		u->has |= has_tai64n(u->line, end) ? NEED_TAI64N : 0;
		u->known |= NEED_TAI64N;
	}
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
	if (n > u->plain && plain_is_ascii(u->line + u->plain, n - u->plain))
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
