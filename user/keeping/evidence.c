// SPDX-License-Identifier: GPL-2.0-or-later
#include "keeping/evidence.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { HEAD_ROOM = 32 };	/* what stands before a text, as a rule */

/*
 * A line: microseconds since 1970, a blank, the index of the failregex (-1: none),
 * a '+' if its sender is proven, a blank, the text, a line feed.  In the text "\n" is
 * a line feed, "\0" a NUL and "\\" a backslash.
 */
static void write_escaped(const char *s, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\n' || s[i] == '\0' || s[i] == '\\')
			str_puts(out, s[i] == '\n' ? "\\n" : s[i] ? "\\\\" : "\\0");
		else
			str_putc(out, s[i]);
	}
}

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words16 __attribute__((vector_size(16)));

static inline bytes16 escaped_in(const char *s)
{
	bytes16 v;

	memcpy(&v, s, sizeof(v));
	return (bytes16)((v == '\n') | (v == '\0') | (v == '\\'));
}

/* Nothing to escape, as in nearly every line: many bytes are looked at at once. */
static bool is_plain(const char *s, size_t len)
{
	words16 any = { 0 };
	size_t i = 0;

	for (; i + sizeof(any) <= len; i += sizeof(any))
		any |= (words16)escaped_in(s + i);
	for (; i < len; i++)
		any[0] |= s[i] == '\n' || s[i] == '\0' || s[i] == '\\';
	return !(any[0] | any[1]);
}

static void write_text(const char *s, size_t len, struct str *out)
{
	if (is_plain(s, len))
		str_add(out, s, len);
	else
		write_escaped(s, len, out);
}

static void read_text(const char *s, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '\\' || i + 1 == len)
			str_putc(out, s[i]);
		else
			str_putc(out, s[++i] == 'n' ? '\n' : s[i] == '0' ? '\0' : s[i]);
	}
}

static void write_line(wall_t when, int regex, bool proven, const char *text, size_t len,
		       struct str *out)
{
	str_int(out, when.us);
	str_putc(out, ' ');
	str_int(out, regex);
	str_puts(out, proven ? "+ " : " ");
	write_text(text, len, out);
	str_putc(out, '\n');
}

void evidence_write(struct window_lines lines, size_t max, struct str *out)
{
	size_t first = lines.n > max ? lines.n - max : 0, room = 0;

	for (size_t i = first; i < lines.n; i++)
		room += HEAD_ROOM + lines.v[i].len;
	str_reserve(out, room);
	for (size_t i = first; i < lines.n; i++) {
		const struct window_line *l = &lines.v[i];

		write_line(l->when, l->regex, l->proven, l->text, l->len, out);
	}
}

void evidence_read(const json_t *lines, struct str *out)
{
	const json_t *l;
	size_t i;

	json_array_foreach(lines, i, l) {
		const json_t *text = json_object_get(l, "text"), *regex;
		double time = json_number_value(json_object_get(l, "time"));

		regex = json_object_get(l, "regex");
		if (json_is_string(text) && fabs(time) < 1e12)
			write_line(wall_from_s(time),
				   regex ? (int)json_integer_value(regex) : -1,
				   json_is_true(json_object_get(l, "proven")),
				   json_string_value(text), json_string_length(text), out);
	}
}

static const char *expression(const struct config_filter *filter, long regex)
{
	if (!filter || regex < 0 || (size_t)regex >= filter->failregex.n)
		return NULL;
	return filter->failregex.v[regex].s;
}

static json_t *line_json(const char *line, size_t len, const struct config_filter *filter)
{
	int64_t us;
	int regex, used = 0;
	struct str text = { 0 };
	bool proven;
	const char *e;
	json_t *row;

	if (sscanf(line, "%" SCNd64 " %d%n", &us, &regex, &used) != 2)
		return NULL;
	proven = line[used] == '+';
	used += proven;
	if ((size_t)used >= len || line[used++] != ' ')
		return NULL;
	read_text(line + used, len - (size_t)used, &text);
	row = json_pack("{s:f, s:o}", "time", wall_to_s((wall_t){ us }),
			"text", json_text(text.s ? text.s : "", text.len));
	str_fini(&text);
	if (regex >= 0)
		json_object_set_new(row, "regex", json_integer(regex));
	if (proven)
		json_object_set_new(row, "proven", json_true());
	e = expression(filter, regex);
	if (e)
		json_object_set_new(row, "expression", json_text(e, strlen(e)));
	return row;
}

json_t *evidence_json(const char *text, const struct config_filter *filter)
{
	json_t *list = json_array(), *row;

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		row = line_json(text, len, filter);
		if (row)
			json_array_append_new(list, row);
		text += len + (text[len] == '\n');
	}
	return list;
}
