// SPDX-License-Identifier: GPL-2.0-or-later
#include "chars.h"

/* str.isspace() beyond ASCII; U+2000 to U+200A are tested as a range. */
static const char *const wide_blanks[] = {
	"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
	"\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
};

static bool is_ascii_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

size_t blank_at(const char *s, const char *end)
{
	size_t left = (size_t)(end - s);

	if (!left)
		return 0;
	if (!((unsigned char)*s & 0x80))
		return is_ascii_blank(*s);
	if (left >= 3 && !memcmp(s, "\xe2\x80", 2) && (unsigned char)s[2] <= 0x8a)
		return 3;
	for (size_t i = 0; i < ARRAY_SIZE(wide_blanks); i++) {
		size_t len = strlen(wide_blanks[i]);

		if (left >= len && !memcmp(s, wide_blanks[i], len))
			return len;
	}
	return 0;
}

size_t blank_before(const char *start, const char *s)
{
	for (size_t len = 1; len <= 3 && len <= (size_t)(s - start); len++)
		if (blank_at(s - len, s) == len)
			return len;
	return 0;
}

void strip(const char **start, const char **end)
{
	size_t n;

	while ((n = blank_at(*start, *end)))
		*start += n;
	while ((n = blank_before(*start, *end)))
		*end -= n;
}

static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		     s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (!len || len > left)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

size_t utf8_valid(const char *s, size_t len)
{
	size_t at = 0, n;

	while (at < len && (n = utf8_length((const unsigned char *)s + at, len - at)))
		at += n;
	return at;
}
