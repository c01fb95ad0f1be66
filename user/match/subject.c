// SPDX-License-Identifier: GPL-2.0-or-later
#include "subject.h"

#include "regex/plain.h"

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD */

void subject_reset(struct subject *s)
{
	str_reset(&s->text);
	s->plain = true;
}

/*
 * The bytes at @s that belong together: a character (*@valid), or the longest
 * piece that could have begun one (Unicode 15, chapter 3, table 3-8).
 */
static size_t sequence(const unsigned char *s, size_t len, bool *valid)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t need = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		      s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
	size_t n = 1;

	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	while (n < need && n < len && s[n] >= low && s[n] <= high) {
		low = 0x80;
		high = 0xbf;
		n++;
	}
	*valid = n == need;
	return n;
}

static void add_mended(struct str *out, const char *text, size_t len)
{
	const char *done = text;

	for (const char *p = text, *end = text + len; p < end;) {
		bool valid;
		size_t n = sequence((const unsigned char *)p, (size_t)(end - p), &valid);

		if (!valid) {
			str_add(out, done, (size_t)(p - done));
			str_puts(out, REPLACEMENT);
			done = p + n;
		}
		p += n;
	}
	str_add(out, done, (size_t)(text + len - done));
}

static void add_part(struct subject *s, const char *text, size_t len)
{
	if (plain_is_ascii(text, len))
		str_add(&s->text, text, len);
	else
		add_mended(&s->text, text, len);
}

/* The date is what a line begins with, as a rule: what is left is in one piece. */
size_t subject_in_place(const struct filter_line *line, const char **text)
{
	size_t end = line->date_start < line->date_end ? line->date_end : 0;

	if (!line->ended || (end && line->date_start) || end > line->len ||
	    !plain_is_line(line->s + end, line->len - end))
		return 0;
	*text = line->s + end;
	return line->len - end + 1;
}

void subject_set(struct subject *s, const struct filter_line *line)
{
	size_t start = line->date_start, end = line->date_end;
	char *to;

	if (start >= end || end > line->len)
		start = end = 0;
	str_reset(&s->text);
	to = str_room(&s->text, line->len - (end - start));
	s->plain = to && plain_copy(to, line->s, start) &&
		   plain_copy(to + start, line->s + end, line->len - end);
	if (s->plain || !to)
		return;
	str_reset(&s->text);
	add_part(s, line->s, start);
	add_part(s, line->s + end, line->len - end);
}
