// SPDX-License-Identifier: GPL-2.0-or-later
/* What an operator may rely on when the window counts: rows of single failures. */
#include "decide/window.h"

#include <errno.h>
#include <stdlib.h>

#include "../t.h"

static const struct window_limits five_in_600 = {
	.maxretry = 5, .findtime_us = 600 * US_PER_S, .maxmatches = 5,
	.max_ids = 1000, .max_text = 1 << 20,
};

static wall_t at(double s)
{
	return wall_from_s(1700000000 + s);
}

static struct window_id text_id(const char *text)
{
	return (struct window_id){ .text = text, .len = strlen(text) };
}

static struct window_id addr_id(const char *text)
{
	struct window_id id = { .text = NULL };

	t_is(text, ipaddr_parse_net(text, strlen(text), &id.addr), 0);
	return id;
}

static int note(struct window *w, const char *id, double s, uint32_t weight)
{
	struct window_note n = { .id = text_id(id), .when = at(s), .weight = weight,
				 .regex = -1 };

	return window_note(w, &n, NULL);
}

static const struct {
	const char *name;
	double findtime;
	struct { double s; uint32_t weight; int want; } notes[8];
} counts[] = {
	{ "failures add up", 600,
	  { { 0, 1, 1 }, { 1, 1, 2 }, { 1, 1, 3 }, { 2, 1, 4 }, { 2, 1, 5 } } },
	{ "findtime ago still counts, a millisecond more does not", 600,
	  { { 0, 1, 1 }, { 600, 1, 2 }, { 600.001, 1, 2 }, { 1200.001, 1, 2 } } },
	{ "a steady rate below the limit is never a ban", 600,
	  { { 0, 1, 1 }, { 200, 1, 2 }, { 400, 1, 3 }, { 601, 1, 3 }, { 801, 1, 3 },
	    { 1001, 1, 3 }, { 1202, 1, 3 } } },
	{ "a line that comes late is counted in its place", 600,
	  { { 0, 1, 1 }, { 30, 1, 2 }, { 20, 1, 3 }, { 610, 1, 3 }, { 625, 1, 3 } } },
	{ "late lines complete a stretch that has passed", 100,
	  { { 0, 1, 1 }, { 1, 1, 2 }, { 110, 1, 1 }, { 60, 1, 3 }, { 61, 1, 4 } } },
	{ "a line that is very late stands alone", 100,
	  { { 0, 1, 1 }, { 1000, 1, 1 }, { 1, 1, 1 }, { 1000, 1, 2 } } },
	{ "one line may stand for several failures", 600,
	  { { 0, 3, 3 }, { 1, 1, 4 }, { 0, 1, 5 } } },
	{ "a weight beyond maxretry counts as maxretry", 600, { { 0, 4000000000, 5 } } },
	{ "no weight is one failure", 600, { { 0, 0, 1 }, { 0, 0, 2 } } },
	{ "a long findtime is counted in seconds", 40 * 86400.0,
	  { { 0, 1, 1 }, { 40 * 86400.0, 1, 2 }, { 40 * 86400.0 + 1, 1, 2 } } },
	{ "which would be too many milliseconds for 32 bits", 60 * 86400.0,
	  { { 0, 1, 1 }, { 55 * 86400.0, 1, 2 }, { 61 * 86400.0, 1, 2 } } },
	{ "times before 1970 count like others", 10,
	  { { -1700000001.5, 1, 1 }, { -1700000000.5, 1, 2 }, { -1699999999.5, 1, 3 } } },
	{ "a jump of years forgets", 600, { { 0, 1, 1 }, { 1e9, 1, 1 }, { 1e9, 1, 2 } } },
};

static void test_counts(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct window_limits l = five_in_600;
		struct window *w;

		l.findtime_us = (int64_t)(counts[i].findtime * 1e6);
		t_is(counts[i].name, window_new(&w, &l), 0);
		for (int k = 0; k < 8 && counts[i].notes[k].want; k++)
			t_is(counts[i].name, note(w, "x", counts[i].notes[k].s,
						  counts[i].notes[k].weight),
			     counts[i].notes[k].want);
		window_free(w);
	}
}

static const struct { const char *name; struct window_limits limits; } refused[] = {
	{ "maxretry 0", { .findtime_us = 1000, .max_ids = 1 } },
	{ "maxretry too large", { .maxretry = WINDOW_MAX_RETRY + 1, .findtime_us = 1000,
		.max_ids = 1 } },
	{ "no findtime", { .maxretry = 1, .max_ids = 1 } },
	{ "findtime negative", { .maxretry = 1, .findtime_us = -1, .max_ids = 1 } },
	{ "findtime beyond a lifetime", { .maxretry = 1, .findtime_us = INT64_MAX, .max_ids = 1 } },
	{ "no room for any id", { .maxretry = 1, .findtime_us = 1000 } },
};

static void test_refused(void)
{
	struct window *w;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		t_is(refused[i].name, window_new(&w, &refused[i].limits), -EINVAL);
	t_is("a window", window_new(&w, &five_in_600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		t_is(refused[i].name, window_set_limits(w, &refused[i].limits), -EINVAL);
	window_free(w);
}

static void test_ids_differ(void)
{
	static const char *const ids[] = {
		"192.0.2.1", "192.0.2.0/24", "192.0.2.0/25", "2001:db8::1",
		"2001:db8::/64", "192.0.2.2",
	};
	struct window_note n = { .when = at(0) };
	struct window *w;

	t_is("a window", window_new(&w, &five_in_600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		n.id = addr_id(ids[i]);
		t_is(ids[i], window_note(w, &n, NULL), 1);
		n.id = text_id(ids[i]);
		t_is("the same as text", window_note(w, &n, NULL), 1);
	}
	t_is("tracked", (int64_t)window_stats(w).ids, 2 * ARRAY_SIZE(ids));
	n.id = (struct window_id){ .text = NULL };
	t_is("an empty id is an id", window_note(w, &n, NULL), 1);
	n.id = text_id("");
	t_is("and only one", window_note(w, &n, NULL), 2);
	window_free(w);
}

static void test_long_ids(void)
{
	static char one[WINDOW_MAX_ID + 2], other[WINDOW_MAX_ID + 2];
	struct window *w;

	memset(one, 'a', sizeof(one) - 1);
	memset(other, 'a', sizeof(other) - 1);
	other[WINDOW_MAX_ID] = 'b';
	t_is("a window", window_new(&w, &five_in_600), 0);
	t_is("a long id", note(w, one, 0, 1), 1);
	t_is("is the same as another one behind the cap", note(w, other, 0, 1), 2);
	window_free(w);
}

static void test_forget_and_count(void)
{
	struct window_id x = text_id("x");
	struct window_note n = { .id = x, .when = at(5) };
	struct window *w;
	wall_t first;

	t_is("a window", window_new(&w, &five_in_600), 0);
	t_ok("nothing to forget", !window_forget(w, &x));
	note(w, "x", 0, 1);
	note(w, "x", 3, 1);
	t_is("third", window_note(w, &n, &first), 3);
	t_is("the first of them", first.us, at(0).us);
	t_is("count now", window_count(w, &x, at(5)), 3);
	t_is("count when one is too old", window_count(w, &x, at(601)), 2);
	t_is("count when all are", window_count(w, &x, at(1000)), 0);
	t_ok("forgotten", window_forget(w, &x));
	t_is("gone", window_count(w, &x, at(5)), 0);
	t_is("from nothing again", note(w, "x", 6, 1), 1);
	window_free(w);
}

static void test_purge(void)
{
	struct window *w;

	t_is("a window", window_new(&w, &five_in_600), 0);
	note(w, "old", 0, 1);
	note(w, "twice", 0, 2);
	note(w, "new", 500, 1);
	window_purge(w, at(600 + 60));
	t_is("none before findtime and slack have passed", (int64_t)window_stats(w).ids, 3);
	window_purge(w, at(600 + 61));
	t_is("then the old ones go", (int64_t)window_stats(w).ids, 1);
	t_is("not as evicted", (int64_t)window_stats(w).evicted, 0);
	window_free(w);
}

/* window_due() says when to come: at that time something goes, before it nothing. */
static void test_due(void)
{
	struct window *w = NULL;
	wall_t due;

	t_is("a window", window_new(&w, &five_in_600), 0);
	t_ok("nothing to do", !window_due(w, &due));
	note(w, "later", 50, 1);
	note(w, "suspicious", 20, 3);
	note(w, "first", 10, 1);
	t_ok("something to do", window_due(w, &due));
	window_purge(w, (wall_t){ due.us - 1000 });
	t_is("not yet", (int64_t)window_stats(w).ids, 3);
	window_purge(w, due);
	t_ok("now", window_stats(w).ids < 3);
	window_free(w);
}

static void test_purge_gives_memory_back(void)
{
	struct window_limits l = five_in_600;
	struct window *w;
	size_t empty;
	char id[16];

	l.max_ids = 100000;
	t_is("a window", window_new(&w, &l), 0);
	empty = window_stats(w).bytes;
	for (int i = 0; i < 20000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		note(w, id, 0, 2);
	}
	t_ok("memory in use", window_stats(w).bytes > empty + 20000 * 64);
	window_purge(w, at(1000));
	t_is("memory after", (int64_t)window_stats(w).bytes, (int64_t)empty);
	t_is("works again", note(w, "x", 1000, 1), 1);
	window_free(w);
}

static void test_new_limits(void)
{
	struct window_limits l = five_in_600;
	struct window *w;

	t_is("a window", window_new(&w, &five_in_600), 0);
	note(w, "x", 0, 1);
	note(w, "x", 100, 1);
	l.findtime_us = 50 * US_PER_S;
	t_is("shorter", window_set_limits(w, &l), 0);
	t_is("fewer count", note(w, "x", 101, 1), 2);
	l.findtime_us = 30 * 86400 * US_PER_S;
	t_is("so long that it is in seconds", window_set_limits(w, &l), 0);
	t_is("what was kept counts again", note(w, "x", 102, 1), 3);
	l.findtime_us = 2 * US_PER_S;
	t_is("back", window_set_limits(w, &l), 0);
	t_is("in milliseconds", note(w, "x", 103.5, 1), 2);
	l.maxretry = 1;
	t_is("lower maxretry", window_set_limits(w, &l), 0);
	t_is("one is enough", note(w, "x", 104, 1) >= 1, 1);
	window_free(w);
}

static void test_eviction(void)
{
	struct window_limits l = five_in_600;
	struct window *w;

	l.max_ids = 3;
	t_is("a window", window_new(&w, &l), 0);
	note(w, "two", 0, 2);
	note(w, "one", 1, 1);
	note(w, "later one", 2, 1);
	note(w, "new", 3, 1);
	t_is("the oldest of the least suspicious went",
	     window_count(w, &(struct window_id){ .text = "one", .len = 3 }, at(3)), 0);
	t_is("the most suspicious stayed", note(w, "two", 4, 1), 3);
	t_is("counted", (int64_t)window_stats(w).evicted, 1);
	t_is("at the cap", (int64_t)window_stats(w).ids, 3);
	window_free(w);
}

/* Many ids that hold many times each: their memory has a cap of its own. */
static void test_times_are_bounded(void)
{
	struct window_limits l = five_in_600;
	struct window *w;
	char id[16];

	l.maxretry = 1000;
	l.max_ids = 1000;
	t_is("a window", window_new(&w, &l), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		note(w, id, 0, 999);
	}
	t_ok("bounded", window_stats(w).bytes < 3 << 19);
	t_ok("by eviction", window_stats(w).evicted > 500);
	window_free(w);
}

int main(void)
{
	test_counts();
	test_refused();
	test_ids_differ();
	test_long_ids();
	test_forget_and_count();
	test_purge();
	test_due();
	test_purge_gives_memory_back();
	test_new_limits();
	test_eviction();
	test_times_are_bounded();
	return t_done();
}
