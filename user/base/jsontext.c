// SPDX-License-Identifier: GPL-2.0-or-later
#include "jsontext.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/utf8.h"

json_t *json_text(const char *s, size_t len)
{
	json_t *whole = json_stringn(s, len);
	struct str clean = { 0 };

	if (whole)
		return whole;
	while (len) {
		size_t n = utf8_sequence(s, len);

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

json_t *json_word(const char *s)
{
	return s ? json_text(s, strlen(s)) : NULL;
}

void json_add_text(json_t *list, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	json_array_append_new(list, json_word(text));
	free(text);
}
