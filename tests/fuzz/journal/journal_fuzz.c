// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A journal's entries and journalmatch: the first byte says whether the rest is
 * fields, separated by NUL, or the lines of a match.
 */
#include <stdlib.h>

#include "journal/journal_line.h"
#include "journal/journal_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void entry(const char *data, size_t size)
{
	const struct journal_stamp stamp = { 1, 2 };
	struct journal_line l = { 0 };
	wall_t when;
	int err;

	journal_line_begin(&l);
	for (const char *end = data + size; data < end;) {
		const char *nul = memchr(data, '\0', (size_t)(end - data));
		size_t len = (size_t)((nul ? nul : end) - data);

		journal_line_field(&l, data, len);
		data += len + 1;
	}
	err = journal_line_finish(&l, &stamp, &when);
	if (!err && (l.text.len > JOURNAL_LINE_MAX || memchr(l.text.s, '\n', l.text.len)))
		abort();
	journal_line_fini(&l);
}

/* What is printed means the same again. */
static void match(const char *data, size_t size)
{
	char *lines = strndup(data, size), why[256] = "";
	struct str first = { 0 }, again = { 0 };
	struct journal_match m;

	if (!journal_match_parse(&m, lines, why, sizeof(why))) {
		str_puts(&first, "");
		journal_match_print(&m, &first);
		journal_match_fini(&m);
		if (journal_match_parse(&m, first.s, why, sizeof(why)))
			abort();
		str_puts(&again, "");
		journal_match_print(&m, &again);
		if (!streq(first.s, again.s))
			abort();
	} else if (!*why) {
		abort();
	}
	journal_match_fini(&m);
	str_fini(&first);
	str_fini(&again);
	free(lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] & 1)
		entry((const char *)data + 1, size - 1);
	else
		match((const char *)data + 1, size - 1);
	return 0;
}
