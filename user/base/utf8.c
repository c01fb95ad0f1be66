// SPDX-License-Identifier: GPL-2.0-or-later
#include "utf8.h"

size_t utf8_sequence(const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text;
	uint8_t low = 0x80, high = 0xbf;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		   s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (!n || n > len)
		return 0;
	/* Overlong forms, surrogates, and what lies past U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	if (s[0] == 0xed)
		high = 0x9f;
	if (s[0] == 0xf0)
		low = 0x90;
	if (s[0] == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (s[i] < low || s[i] > high)
			return 0;
	return n;
}

/* Bytes at @s that may be shown as they are; 0: the first one may not. */
static size_t harmless(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = utf8_sequence(s, len);

	if ((c < 0x20 && c != '\t') || c == 0x7f)
		return 0;
	return n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0 ? 0 : n;
}

void utf8_tame(char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = harmless(s + i, len - i);

		if (!n)
			s[i] = '?';
		i += n ? n : 1;
	}
}

void utf8_print(FILE *f, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = harmless(s + i, len - i);

		if (n)
			fwrite(s + i, 1, n, f);
		else
			putc('?', f);
		i += n ? n : 1;
	}
}

size_t utf8_cut(const char *s, size_t len, size_t columns)
{
	size_t at = 0;

	for (; at < len && columns; columns--) {
		size_t n = utf8_sequence(s + at, len - at);

		at += n ? n : 1;
	}
	return at;
}

size_t utf8_columns(const char *s, size_t len)
{
	size_t columns = 0;

	for (size_t at = 0; at < len; columns++)
		at += utf8_cut(s + at, len - at, 1);
	return columns;
}
