// SPDX-License-Identifier: GPL-2.0-or-later
/* The growing string: its text, its cap, and that a failure is remembered. */
#include <stdlib.h>

#include "base/str.h"
#include "../t.h"

static void text(void)
{
	struct str s = { 0 };
	char *taken;

	t_ok("nothing yet", !s.s && !s.len);
	str_add(&s, "", 0);
	t_str("empty, but a text", s.s, "");
	str_puts(&s, "one");
	str_putc(&s, ' ');
	str_printf(&s, "%d-%s", 2, "three");
	str_add(&s, "four five", 4);
	t_str("all together", s.s, "one 2-threefour");
	t_is("length", s.len, 15);
	str_add(&s, "\0x", 2);
	t_is("NUL is a byte", s.len, 17);
	str_reset(&s);
	t_str("reset", s.s, "");
	str_puts(&s, "again");
	taken = str_take(&s);
	t_str("taken", taken, "again");
	t_ok("leaves nothing", !s.s && !s.len && !s.size);
	free(taken);
	taken = str_take(&s);
	t_str("of nothing, an empty text", taken, "");
	free(taken);
	str_fini(&s);
	str_fini(&s);
}

static void numbers(void)
{
	static const struct {
		int64_t v;
		const char *text;
	} rows[] = {
		{ 0, "0" }, { 9, "9" }, { 10, "10" }, { -1, "-1" }, { 1700000000123456, "1700000000123456" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" },
	};
	struct str s = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		str_reset(&s);
		str_int(&s, rows[i].v);
		t_str(rows[i].text, s.s, rows[i].text);
	}
	str_fini(&s);
}

static void grows(void)
{
	struct str s = { 0 };
	size_t wrong = 0;

	for (int i = 0; i < 100000; i++)
		str_putc(&s, (char)('a' + i % 26));
	for (size_t i = 0; i < s.len; i++)
		wrong += s.s[i] != (char)('a' + i % 26);
	t_is("length", s.len, 100000);
	t_is("all in place", wrong, 0);
	t_is("terminated", s.s[s.len], 0);
	str_reset(&s);
	str_printf(&s, "%5000d", 7);
	t_is("a long number", s.len, 5000);
	str_fini(&s);
}

static void the_cap_is_remembered(void)
{
	char *block = calloc(1, STR_MAX);
	struct str s = { 0 };

	str_puts(&s, "kept");
	str_add(&s, block, STR_MAX);
	t_ok("too much", s.failed);
	t_str("what it had stays", s.s, "kept");
	str_puts(&s, "more");
	t_str("nothing is added after a failure", s.s, "kept");
	t_ok("and nothing can be taken", !str_take(&s));
	t_ok("that ends it", !s.failed && !s.s);
	str_add(&s, block, STR_MAX - 1);
	t_ok("just below the cap", !s.failed && s.len == STR_MAX - 1);
	str_putc(&s, 'x');
	t_ok("and one more", s.failed && s.len == STR_MAX - 1);
	str_reset(&s);
	t_ok("reset forgives", !s.failed);
	str_fini(&s);
	free(block);
}

int main(void)
{
	text();
	numbers();
	grows();
	the_cap_is_remembered();
	return t_done();
}
