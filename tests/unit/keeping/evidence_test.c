// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines as a ban keeps them: what goes in comes out, whatever it is. */
#include "keeping/evidence.h"

#include <stdlib.h>

#include "../t.h"

#define NASTY	"  5 6 \\n\n\\\\ \x1b[2J\ttail\\"

static char *written(size_t max)
{
	static const struct window_line lines[] = {
		{ .when = { 1700000000123456 }, .regex = 3, .text = "first", .len = 5 },
		{ .when = { -5 }, .regex = -1, .text = NASTY, .len = sizeof(NASTY) - 1,
		  .proven = true },
		{ .when = { 7 }, .regex = 0, .text = "nul\0nul", .len = 7 },
	};
	struct str out = { 0 };

	evidence_write((struct window_lines){ lines, ARRAY_SIZE(lines) }, max, &out);
	return str_take(&out);
}

static json_t *member(json_t *list, size_t i, const char *name)
{
	return json_object_get(json_array_get(list, i), name);
}

static void test_back(void)
{
	static const struct text failregex[] = { { "zero" }, { "one" }, { "two" }, { "three" } };
	struct config_filter f = { .failregex = { failregex, 4 } };
	char *text = written(100);
	json_t *list = evidence_json(text, &f);

	t_is("all of them", (int64_t)json_array_size(list), 3);
	t_str("the first", json_string_value(member(list, 0, "text")), "first");
	t_ok("its time", json_real_value(member(list, 0, "time")) == 1700000000.123456);
	t_is("its expression's number", json_integer_value(member(list, 0, "regex")), 3);
	t_str("its expression", json_string_value(member(list, 0, "expression")), "three");
	t_str("a nasty one", json_string_value(member(list, 1, "text")), NASTY);
	t_ok("it is proven", json_is_true(member(list, 1, "proven")));
	t_ok("the others are not", !member(list, 0, "proven") && !member(list, 2, "proven"));
	t_ok("it has no expression", !member(list, 1, "regex") && !member(list, 1, "expression"));
	t_is("one with a NUL", (int64_t)json_string_length(member(list, 2, "text")), 7);
	json_decref(list);
	f.failregex.n = 1;
	list = evidence_json(text, &f);
	t_ok("an expression that is gone", !member(list, 0, "expression"));
	json_decref(list);
	free(text);
}

/* One byte that is written another way, wherever it is in a line of any length. */
static void test_places(void)
{
	static const char bad[] = { '\n', '\0', '\\' };
	char text[70];

	for (uint32_t len = 1; len <= sizeof(text); len++)
		for (uint32_t at = 0; at <= len; at++) {
			struct window_line line = { .text = text, .len = len };
			struct str out = { 0 };

			memset(text, 'x', sizeof(text));
			if (at < len)
				text[at] = bad[at % 3];
			evidence_write((struct window_lines){ &line, 1 }, 1, &out);
			t_is("as long as it is", (int64_t)out.len,
			     (int64_t)strlen("0 0 \n") + len + (at < len));
			t_is("one line", (int64_t)strcspn(out.s, "\n"), (int64_t)out.len - 1);
			str_fini(&out);
		}
}

static void test_max(void)
{
	char *text = written(1);

	t_str("the newest", text, "7 0 nul\\0nul\n");
	free(text);
	text = written(0);
	t_str("none", text, "");
	free(text);
}

/* What somebody else wrote into the database. */
static const struct {
	const char *name, *text;
	size_t want;
} strange[] = {
	{ "nothing", NULL, 0 },
	{ "empty", "", 0 },
	{ "no numbers", "hello world\n", 0 },
	{ "one number", "5\n6 text\n", 0 },
	{ "no text", "5 6\n", 0 },
	{ "an empty text", "5 6 \n", 1 },
	{ "no end", "5 6 text", 1 },
	{ "empty lines", "\n\n5 6 x\n\n", 1 },
	{ "a good one between bad ones", "x\n5 6 x\ny 7 z\n", 1 },
};

int main(void)
{
	test_back();
	test_places();
	test_max();
	for (size_t i = 0; i < ARRAY_SIZE(strange); i++) {
		json_t *list = evidence_json(strange[i].text, NULL);

		t_is(strange[i].name, (int64_t)json_array_size(list), (int64_t)strange[i].want);
		json_decref(list);
	}
	return t_done();
}
