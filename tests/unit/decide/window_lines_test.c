// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines kept as evidence: the newest few of each id, bounded in all. */
#include "decide/window.h"

#include <stdlib.h>

#include "../t.h"

static struct window *open_window(uint32_t maxmatches, size_t max_text)
{
	struct window_limits l = { .maxretry = 100, .findtime_us = 600 * US_PER_S,
				   .maxmatches = maxmatches, .max_ids = 10,
				   .max_text = max_text };
	struct window *w = NULL;

	t_is("a window", window_new(&w, &l), 0);
	return w;
}

static struct window_id id_of(const char *text)
{
	return (struct window_id){ .text = text, .len = strlen(text) };
}

static void note(struct window *w, const char *id, const char *line)
{
	struct window_text text = { line, line ? strlen(line) : 0 };
	struct window_note n = { .id = id_of(id), .when = wall_from_s(5), .regex = 7,
				 .lines = &text, .n_lines = line != NULL };

	t_ok("noted", window_note(w, &n, NULL) > 0);
}

/* All lines, with a bar behind each. */
static const char *join(const struct window_line *l)
{
	static char text[256];

	text[0] = '\0';
	for (; l; l = l->next)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s|",
			 (int)l->len, l->text);
	return text;
}

static void is(struct window *w, const char *id, const char *want)
{
	struct window_id i = id_of(id);

	t_str(id, join(window_lines(w, &i)), want);
}

static void test_keeps_the_newest(void)
{
	struct window *w = open_window(2, 1 << 20);
	struct window_id a = id_of("a");
	const struct window_line *l;

	is(w, "a", "");
	note(w, "a", "one");
	note(w, "a", NULL);
	note(w, "b", "other");
	note(w, "a", "two");
	is(w, "a", "one|two|");
	note(w, "a", "three");
	is(w, "a", "two|three|");
	is(w, "b", "other|");
	l = window_lines(w, &a);
	t_is("time", l->when.us, 5 * US_PER_S);
	t_is("regex", l->regex, 7);
	window_free(w);
}

static void test_several_lines_at_once(void)
{
	static const struct window_text session[] = {
		{ "connect", 7 }, { "fail", 4 }, { "disconnect", 10 },
	};
	struct window *w = open_window(2, 1 << 20);
	struct window_note n = { .id = id_of("a"), .lines = session, .n_lines = 3 };

	note(w, "a", "before");
	t_is("count once", window_note(w, &n, NULL), 2);
	is(w, "a", "fail|disconnect|");
	window_free(w);
}

static void test_none_wanted(void)
{
	struct window *w = open_window(0, 1 << 20);

	note(w, "a", "one");
	is(w, "a", "");
	t_is("not as dropped", (int64_t)window_stats(w).dropped_lines, 0);
	window_free(w);
}

static void test_taken_lines_are_the_callers(void)
{
	struct window *w = open_window(5, 1 << 20);
	struct window_id a = id_of("a");
	struct window_line *taken;

	note(w, "a", "one");
	note(w, "a", "two");
	taken = window_take_lines(w, &a);
	t_is("no text left", (int64_t)window_stats(w).text, 0);
	t_ok("nothing twice", !window_take_lines(w, &a));
	note(w, "a", "three");
	t_ok("forgotten", window_forget(w, &a));
	window_free(w);
	t_str("outlive the window", join(taken), "one|two|");
	window_lines_free(taken);
	window_lines_free(NULL);
}

static void test_text_is_bounded(void)
{
	static char huge[3 * WINDOW_MAX_LINE];
	struct window *w = open_window(5, 1000);
	struct window_text text = { huge, sizeof(huge) };
	struct window_note n = { .id = id_of("huge"), .lines = &text, .n_lines = 1 };
	char line[] = "line 00 of one hundred characters or so, which is what a line "
		"usually has in it .......";

	for (int i = 0; i < 30; i++) {
		line[5] = (char)('0' + i / 10);
		line[6] = (char)('0' + i % 10);
		note(w, i % 2 ? "a" : "b", line);
		t_ok("bounded", window_stats(w).text <= 1000);
	}
	t_ok("the newest is there", window_lines(w, &(struct window_id){ .text = "a", .len = 1 }));
	t_ok("counted", window_stats(w).dropped_lines > 20);
	t_is("a line larger than all room counts", window_note(w, &n, NULL), 1);
	is(w, "huge", "");
	window_free(w);
}

static void test_long_lines_are_cut(void)
{
	static char huge[3 * WINDOW_MAX_LINE];
	struct window *w = open_window(5, 1 << 20);
	struct window_text text = { huge, sizeof(huge) };
	struct window_note n = { .id = id_of("x"), .lines = &text, .n_lines = 1 };

	t_is("noted", window_note(w, &n, NULL), 1);
	t_is("length", window_lines(w, &n.id)->len, WINDOW_MAX_LINE);
	window_free(w);
}

static void test_eviction_takes_lines_along(void)
{
	struct window *w = open_window(5, 1 << 20);
	char id[2] = "a";

	for (; *id < 'a' + 25; ++*id)
		note(w, id, "text");
	t_is("ten ids", (int64_t)window_stats(w).ids, 10);
	window_purge(w, wall_from_s(5000));
	t_is("no text left", (int64_t)window_stats(w).text, 0);
	window_free(w);
}

int main(void)
{
	test_keeps_the_newest();
	test_several_lines_at_once();
	test_none_wanted();
	test_taken_lines_are_the_callers();
	test_text_is_bounded();
	test_long_lines_are_cut();
	test_eviction_takes_lines_along();
	return t_done();
}
