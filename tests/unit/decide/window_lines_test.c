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
static const char *join(struct window_lines lines)
{
	static char text[256];

	text[0] = '\0';
	for (size_t i = 0; i < lines.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s|",
			 (int)lines.v[i].len, lines.v[i].text);
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
	struct window_lines l;

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
	t_is("time", l.v[0].when.us, 5 * US_PER_S);
	t_is("regex", l.v[0].regex, 7);
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
	t_is("not as dropped", (int64_t)window_stats(w).cut, 0);
	window_free(w);
}

static void test_who_is_taken_starts_from_nothing(void)
{
	struct window *w = open_window(5, 1 << 20);
	struct window_id a = id_of("a");

	note(w, "a", "one");
	note(w, "b", "other");
	note(w, "a", "two");
	t_str("what led to it", join(window_kept_lines(window_take(w, &a))), "one|two|");
	t_is("nothing twice", (int64_t)window_kept_lines(window_take(w, &a)).n, 0);
	t_is("no count", window_count(w, &a, wall_from_s(5)), 0);
	note(w, "a", "three");
	is(w, "a", "three|");
	is(w, "b", "other|");
	t_is("nothing lost", (int64_t)window_stats(w).cut, 0);
	window_free(w);
}

/* Beside a simple model, over many rounds of a small ring. */
static void test_round_and_round(void)
{
	enum { IDS = 7, KEPT = 3 };
	struct window *w = open_window(KEPT, 3000);
	unsigned int wrong = 0, whole = 0, seed = 1;
	int last[IDS][KEPT] = { 0 };

	for (int i = 1; i <= 5000; i++) {
		char id[2] = { 0 }, line[400], want[64] = "";
		struct window_id who = { .text = id, .len = 1 };
		struct window_lines got;
		int *l;

		seed = seed * 1103515245 + 12345;
		l = last[seed >> 16 & 3 ? 0 : (seed >> 18) % IDS];
		id[0] = (char)('a' + (l - last[0]) / KEPT);
		snprintf(line, sizeof(line), "%d%*s", i, (int)(seed >> 22 & 255), "");
		note(w, id, line);
		memmove(l, l + 1, (KEPT - 1) * sizeof(*l));
		l[KEPT - 1] = i;
		got = window_lines(w, &who);
		/* Some of the last, without a gap, the newest at the end. */
		wrong += !got.n || got.n > KEPT;
		for (size_t j = 0; j < got.n; j++) {
			snprintf(want, sizeof(want), "%d ", l[KEPT - got.n + j]);
			snprintf(line, sizeof(line), "%.*s ", (int)got.v[j].len, got.v[j].text);
			wrong += strncmp(line, want, strlen(want)) != 0;
		}
		whole += got.n == KEPT;
	}
	t_is("each as it was", wrong, 0);
	t_ok("mostly all of them", whole > 2500);
	window_free(w);
}

static void test_another_budget(void)
{
	struct window_limits l = { .maxretry = 100, .findtime_us = 600 * US_PER_S,
				   .maxmatches = 5, .max_ids = 10, .max_text = 2000 };
	struct window *w = open_window(5, 1000);

	note(w, "a", "one");
	t_is("the same", window_set_limits(w, &(struct window_limits){ .maxretry = 50,
	     .findtime_us = l.findtime_us, .maxmatches = 5, .max_ids = 10,
	     .max_text = 1000 }), 0);
	is(w, "a", "one|");
	t_is("another", window_set_limits(w, &l), 0);
	is(w, "a", "");
	note(w, "a", "two");
	is(w, "a", "two|");
	window_free(w);
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
	t_ok("the newest is there", window_lines(w, &(struct window_id){ .text = "a", .len = 1 }).n);
	t_is("nobody asked", (int64_t)window_stats(w).cut, 0);
	window_kept_lines(window_take(w, &(struct window_id){ .text = "b", .len = 1 }));
	t_ok("counted", window_stats(w).cut > 0);
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
	t_is("length", window_lines(w, &n.id).v[0].len, WINDOW_MAX_LINE);
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
	test_who_is_taken_starts_from_nothing();
	test_round_and_round();
	test_another_budget();
	test_text_is_bounded();
	test_long_lines_are_cut();
	test_eviction_takes_lines_along();
	return t_done();
}
