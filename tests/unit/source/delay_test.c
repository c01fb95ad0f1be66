// SPDX-License-Identifier: GPL-2.0-or-later
/* How long what was not read has waited, note by note. */
#include "source/delay.h"

#include "../t.h"

enum { MS = 1000000 };

static boot_t at(uint64_t ms)
{
	return (boot_t){ ms * MS };
}

static const struct {
	const char *name;
	struct { uint64_t done, end, ms; } notes[6];
	uint64_t age_ms;	/* at the last note */
} rows[] = {
	{ "nothing waits", { { 0, 0, 1 }, { 100, 100, 2 } }, 0 },
	{ "something came just now", { { 0, 50, 100 } }, 0 },
	{ "and waits", { { 0, 50, 100 }, { 0, 50, 400 } }, 300 },
	{ "a part was read", { { 0, 50, 100 }, { 49, 50, 400 } }, 300 },
	{ "all of it was read", { { 0, 50, 100 }, { 50, 50, 400 } }, 0 },
	{ "what came later has not waited as long",
	  { { 0, 50, 100 }, { 10, 80, 300 }, { 60, 80, 700 } }, 400 },
	{ "what came between two notes counts from the later one",
	  { { 0, 50, 100 }, { 0, 80, 103 }, { 60, 80, 700 } }, 0 },
	{ "a truncated log begins anew", { { 0, 50, 100 }, { 0, 20, 500 } }, 0 },
	{ "a machine that slept was not slow",
	  { { 0, 50, 100 }, { 0, 50, 200 }, { 0, 50, 3600200 } }, 1100 },
};

static void test_age(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct delay d = { 0 };
		uint64_t now = 0;

		for (size_t k = 0; k < 6 && rows[i].notes[k].ms; k++) {
			now = rows[i].notes[k].ms;
			delay_note(&d, rows[i].notes[k].done, rows[i].notes[k].end, at(now),
				   10 * MS);
		}
		t_is(rows[i].name, (int64_t)(delay_age_ns(&d, at(now)) / MS),
		     (int64_t)rows[i].age_ms);
	}
}

/* A log that grows twice as fast as it is read. */
static void test_overrun(void)
{
	struct delay d = { 0 };
	uint64_t done = 0, end = 0, ms = 1;

	for (; ms <= 1000; ms++)
		delay_note(&d, done += 1000, end += 2000, at(ms), 20 * MS);
	/* After a second half of it is read: what was written in the first half. */
	t_ok("half a second late", delay_age_ns(&d, at(1000)) / MS >= 480 &&
	     delay_age_ns(&d, at(1000)) / MS <= 500);
	t_ok("what was there at 800 ms", delay_end_at(&d, at(800)) > 1560000 &&
	     delay_end_at(&d, at(800)) <= 1600000);
	t_is("before anything", (int64_t)delay_end_at(&d, at(0)), 0);
	delay_clear(&d);
	t_is("cleared", (int64_t)delay_age_ns(&d, at(1000)), 0);
	t_is("cleared", (int64_t)delay_end_at(&d, at(1000)), 0);
}

/* More marks than there is room for: the age never gets smaller by that. */
static void test_many(void)
{
	struct delay d = { 0 };

	for (uint64_t i = 1; i <= 1000; i++)
		delay_note(&d, 0, i, at(i * 100), 0);
	t_is("the oldest is known", (int64_t)(delay_age_ns(&d, at(100000)) / MS), 99900);
	t_ok("an end is never one that came later", delay_end_at(&d, at(99000)) <= 990);
}

int main(void)
{
	test_age();
	test_overrun();
	test_many();
	return t_done();
}
