// SPDX-License-Identifier: GPL-2.0-or-later
/* The database's form of a window: what is written, and what is refused. */
#include "decide/window.h"

#include <errno.h>

#include "../t.h"
#include "export.h"

static const struct window_limits limits = {
	.maxretry = 4, .findtime_us = 600 * US_PER_S, .max_ids = 10,
};

static struct window *open_window(const struct window_limits *l)
{
	struct window *w = NULL;

	t_is("a window", window_new(&w, l), 0);
	return w;
}

#define KEY4	"\x04\x20\xc0\x00\x02\x01"
#define HEAD	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"

static const struct {
	const char *name;
	const char *key; size_t key_len;
	const char *value; size_t value_len;
	int want;
} imports[] = {
	{ "an address", KEY4, 6, HEAD, 10, 0 },
	{ "a text", "\x00name", 5, HEAD, 10, 0 },
	{ "two failures", KEY4, 6, HEAD "\x05", 11, 0 },
	{ "a long age", KEY4, 6, HEAD "\xff\xff\xff\xff\x0f", 15, 0 },
	{ "no key", "", 0, HEAD, 10, -EINVAL },
	{ "a strange family", "\x05\x20\x01\x02\x03\x04", 6, HEAD, 10, -EINVAL },
	{ "a short address", KEY4, 5, HEAD, 10, -EINVAL },
	{ "a long address", KEY4 "\x01", 7, HEAD, 10, -EINVAL },
	{ "a wrong prefix", "\x04\x21\xc0\x00\x02\x01", 6, HEAD, 10, -EINVAL },
	{ "no value", KEY4, 6, "", 0, -EINVAL },
	{ "a short value", KEY4, 6, HEAD, 9, -EINVAL },
	{ "a newer version", KEY4, 6, "\x02" HEAD, 10, -EINVAL },
	{ "a strange unit", KEY4, 6, "\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00", 10, -EINVAL },
	{ "a time that is none", KEY4, 6, "\x01\x00\xff\xff\xff\xff\xff\xff\xff\x7f", 10, -EINVAL },
	{ "an age that does not end", KEY4, 6, HEAD "\x80", 11, -EINVAL },
	{ "an age too large", KEY4, 6, HEAD "\xff\xff\xff\xff\x1f", 15, -EINVAL },
	{ "an age too long", KEY4, 6, HEAD "\x80\x80\x80\x80\x80\x01", 16, -EINVAL },
	{ "ages that sum up too far", KEY4, 6, HEAD "\xff\xff\xff\xff\x0f\x01", 16, -EINVAL },
};

static void test_imports(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(imports); i++) {
		struct window *w = open_window(&limits);

		t_is(imports[i].name, window_import(w, imports[i].key, imports[i].key_len,
			imports[i].value, imports[i].value_len), imports[i].want);
		t_is(imports[i].name, (int64_t)window_stats(w).ids, imports[i].want == 0);
		window_free(w);
	}
}

/* What export calls is remembered as text: "put", "del" and the sizes. */
struct seen { char text[128]; };

static void see(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	(void)key;
	snprintf(s->text + n, sizeof(s->text) - n, "%s %zu %zu;", value ? "put" : "del",
		 key_len, value_len);
}

static const char *exported(struct window *w)
{
	static struct seen s;

	s.text[0] = '\0';
	export_all(w, see, &s);
	return s.text;
}

static void note(struct window *w, const char *id, double s)
{
	struct window_note n = { .id = { .text = id, .len = strlen(id) },
				 .when = wall_from_s(s) };

	t_ok("noted", window_note(w, &n, NULL) > 0);
}

static void test_only_changes_are_exported(void)
{
	struct window *w = open_window(&limits);
	struct window_id x = { .text = "x", .len = 1 }, y = { .text = "y", .len = 1 };

	t_str("nothing", exported(w), "");
	note(w, "x", 0);
	t_str("new", exported(w), "put 2 10;");
	t_str("told once", exported(w), "");
	note(w, "x", 1);
	note(w, "x", 2);
	t_str("changed twice, told once", exported(w), "put 2 14;");
	window_forget(w, &x);
	t_is("waiting", (int64_t)window_dirty(w), 1);
	t_str("gone", exported(w), "del 2 0;");
	note(w, "y", 3);
	window_forget(w, &y);
	t_str("came and went: the database never knew it", exported(w), "");
	window_free(w);
}

static void test_back_to_life(void)
{
	struct window *w = open_window(&limits);
	struct window_id x = { .text = "x", .len = 1 };

	note(w, "x", 0);
	exported(w);
	window_forget(w, &x);
	note(w, "x", 1);
	t_is("one id", (int64_t)window_stats(w).ids, 1);
	t_str("a put, no delete that could come after it", exported(w), "put 2 10;");
	window_forget(w, &x);
	t_str("and the end is told", exported(w), "del 2 0;");
	window_free(w);
}

static void test_a_lost_database(void)
{
	struct window *w = open_window(&limits);

	note(w, "x", 0);
	note(w, "yy", 0);
	exported(w);
	window_touch(w);
	t_is("all of it again", (int64_t)window_dirty(w), 2);
	t_str("told", exported(w), "put 3 10;put 2 10;");
	window_free(w);
}

/* A row written by a window that counts in the other unit. */
static void move(void *ctx, const void *key, size_t key_len, const void *value, size_t value_len)
{
	t_is("import", window_import(ctx, key, key_len, value, value_len), 0);
}

static void test_units_change(void)
{
	struct window_limits longer = limits;
	struct window *ms = open_window(&limits), *s, *again;
	struct window_id x = { .text = "x", .len = 1 };

	longer.findtime_us = 100 * 86400 * US_PER_S;
	s = open_window(&longer);
	again = open_window(&limits);
	note(ms, "x", 1000.5);
	note(ms, "x", 1300.5);
	export_all(ms, move, s);
	t_is("in seconds", window_count(s, &x, wall_from_s(1300 + 99 * 86400)), 2);
	note(s, "x", 1301);
	export_all(s, move, again);
	t_is("and back", window_count(again, &x, wall_from_s(1301)), 3);
	t_is("nearly exact", window_count(again, &x, wall_from_s(1000 + 601)), 2);
	window_free(ms);
	window_free(s);
	window_free(again);
}

static void test_import_into_lower_limits(void)
{
	struct window_limits lower = limits;
	struct window *w = open_window(&limits), *small;

	lower.maxretry = 1;
	lower.max_ids = 2;
	small = open_window(&lower);
	for (int i = 0; i < 3; i++) {
		note(w, "a", i);
		note(w, "b", i);
		note(w, "c", i);
	}
	export_all(w, move, small);
	t_is("as many as fit", (int64_t)window_stats(small).ids, 2);
	t_is("the rest is to be deleted", (int64_t)window_dirty(small), 1);
	window_free(w);
	window_free(small);
}

static void take_back(void *ctx, const void *key, size_t key_len, const void *value,
		      size_t value_len)
{
	t_is("taken back", window_import(ctx, key, key_len, value, value_len), 0);
}

/* Two failures, as far apart as takes one byte, two and three: to the millisecond. */
static void test_ages(void)
{
	static const int64_t ages_ms[] = {
		0, 1, 127, 128, 129, 255, 256, 16383, 16384, 16385, 599999, 600000,
	};
	const struct window_id id = { .text = "x", .len = 1 };
	struct window_note note = { .id = id };

	for (size_t i = 0; i < ARRAY_SIZE(ages_ms); i++) {
		struct window *w = open_window(&limits), *copy = open_window(&limits);
		wall_t first = { 1700000000 * US_PER_S };

		note.when = first;
		window_note(w, &note, NULL);
		note.when.us += ages_ms[i] * 1000;
		window_note(w, &note, NULL);
		export_all(w, take_back, copy);
		for (int64_t ms = -1; ms <= 1; ms++) {
			wall_t now = { first.us + limits.findtime_us + ms * 1000 };

			t_is("as it was", window_count(copy, &id, now), window_count(w, &id, now));
		}
		t_is("both count", window_count(copy, &id, note.when), 2);
		window_free(w);
		window_free(copy);
	}
}

int main(void)
{
	test_imports();
	test_only_changes_are_exported();
	test_back_to_life();
	test_a_lost_database();
	test_units_change();
	test_import_into_lower_limits();
	test_ages();
	return t_done();
}
