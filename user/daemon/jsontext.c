// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/jsontext.h"

#include <stdint.h>

#include "base/str.h"

/* Bytes of the valid UTF-8 sequence (RFC 3629) at @s, or 0. */
static size_t sequence(const uint8_t *s, size_t len)
{
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

json_t *json_text(const char *s, size_t len)
{
	json_t *whole = json_stringn(s, len);
	struct str clean = { 0 };

	if (whole)
		return whole;
	while (len) {
		size_t n = sequence((const uint8_t *)s, len);

		if (n)
			str_add(&clean, s, n);
		else
			str_puts(&clean, "\xef\xbf\xbd");
		s += n ? n : 1;
		len -= n ? n : 1;
	}
	whole = clean.failed ? NULL : json_stringn(clean.s, clean.len);
	str_fini(&clean);
	return whole;
}
