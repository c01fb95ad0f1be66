// SPDX-License-Identifier: GPL-2.0-or-later
#include "stamp/freshness.h"
#include "../t.h"

#define NOW	1000000		/* seconds, as all times here */
#define NEVER	INT64_MIN
#define FINDTIME 600

static wall_t at(int64_t s)
{
	return (wall_t){ s * US_PER_S };
}

static const struct {
	const char *name;
	bool operating;
	int64_t last;			/* NEVER: no line had a time yet */
	enum freshness_found found;
	int64_t date;
	bool keep;
	int64_t use, last_after;
} rows[] = {
	{ "catching up: a recent line counts at its own time",
	  false, NEVER, FRESHNESS_DATE, NOW - 500, true, NOW - 500, NOW - 500 },
	{ "catching up: exactly findtime old still counts",
	  false, NEVER, FRESHNESS_DATE, NOW - 600, true, NOW - 600, NOW - 600 },
	{ "catching up: older than findtime is dropped, yet remembered",
	  false, NEVER, FRESHNESS_DATE, NOW - 601, false, 0, NOW - 601 },
	{ "catching up: the future counts as now",
	  false, NEVER, FRESHNESS_DATE, NOW + 5000, true, NOW, NOW + 5000 },
	{ "catching up: no date and none before: dropped",
	  false, NEVER, FRESHNESS_NONE, 0, false, 0, NEVER },
	{ "catching up: no date, but the last line's is fresh",
	  false, NOW - 59, FRESHNESS_NONE, 0, true, NOW - 59, NOW - 59 },
	{ "catching up: no date, and the last line's is a minute old",
	  false, NOW - 60, FRESHNESS_NONE, 0, false, 0, NOW - 60 },
	{ "catching up: a pattern without dates needs none",
	  false, NEVER, FRESHNESS_OPTIONAL, 0, true, NOW, NEVER },
	{ "operating: a minute behind is that time",
	  true, NEVER, FRESHNESS_DATE, NOW - 60, true, NOW - 60, NOW - 60 },
	{ "operating: more than a minute behind is now",
	  true, NEVER, FRESHNESS_DATE, NOW - 61, true, NOW, NOW },
	{ "operating: a minute ahead is clamped to now",
	  true, NEVER, FRESHNESS_DATE, NOW + 60, true, NOW, NOW + 60 },
	{ "operating: an hour ahead is now, and so is what follows",
	  true, NEVER, FRESHNESS_DATE, NOW + 3600, true, NOW, NOW },
	{ "operating: days old is still now",
	  true, NEVER, FRESHNESS_DATE, NOW - 400000, true, NOW, NOW },
	{ "operating: no date is now",
	  true, NEVER, FRESHNESS_NONE, 0, true, NOW, NEVER },
	{ "operating: no date is the last one, while fresh",
	  true, NOW - 30, FRESHNESS_NONE, 0, true, NOW - 30, NOW - 30 },
	{ "operating: no date, the last one stale: now",
	  true, NOW - 90, FRESHNESS_NONE, 0, true, NOW, NOW - 90 },
	{ "operating: an optional date left out is the last one",
	  true, NOW - 10, FRESHNESS_OPTIONAL, 0, true, NOW - 10, NOW - 10 },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct freshness f = {
			.operating = rows[i].operating,
			.seen = rows[i].last != NEVER,
			.last = rows[i].last == NEVER ? at(0) : at(rows[i].last),
		};
		wall_t use = at(0);
		bool keep = freshness_judge(&f, rows[i].found, at(rows[i].date),
					    at(NOW), FINDTIME * US_PER_S, &use);

		t_is(rows[i].name, keep, rows[i].keep);
		if (rows[i].keep)
			t_is(rows[i].name, use.us, at(rows[i].use).us);
		t_is(rows[i].name, f.seen ? f.last.us : NEVER,
		     rows[i].last_after == NEVER ? NEVER
						 : at(rows[i].last_after).us);
	}
}

static void judge(struct freshness *f, enum freshness_found found, int64_t date)
{
	wall_t use;

	freshness_judge(f, found, at(date), at(NOW), FINDTIME * US_PER_S, &use);
}

static void test_counters(void)
{
	struct freshness f = { 0 };

	judge(&f, FRESHNESS_DATE, NOW - 700);
	judge(&f, FRESHNESS_NONE, 0);
	t_is("old ones are counted", f.dropped_old, 1);
	t_is("dateless ones too", f.dropped_dateless, 1);
	f.operating = true;
	judge(&f, FRESHNESS_NONE, 0);
	judge(&f, FRESHNESS_OPTIONAL, 0);
	t_is("an optional date is not missed", f.dateless, 1);
	judge(&f, FRESHNESS_DATE, NOW - 3300);
	t_is("55 minutes: a slow writer", f.late, 1);
	judge(&f, FRESHNESS_DATE, NOW - 3301);
	judge(&f, FRESHNESS_DATE, NOW + 3600);
	t_is("more, or the future: a wrong zone", f.astray, 2);
	judge(&f, FRESHNESS_DATE, NOW - 2);
	t_is("a line in time counts nowhere",
	     f.late + f.astray + f.dateless + f.dropped_old + f.dropped_dateless, 6);
}

static void test_unchecked(void)
{
	struct freshness f = { 0 };
	wall_t use;

	t_ok("any age passes", freshness_unchecked(&f, FRESHNESS_DATE,
						   at(5), at(NOW), &use));
	t_is("with its own time", use.us, at(5).us);
	t_ok("no date, no time", !freshness_unchecked(&f, FRESHNESS_NONE,
						      at(0), at(NOW), &use));
	t_ok("nor far from now", freshness_unchecked(&f, FRESHNESS_DATE,
						     at(NOW + 999), at(NOW), &use));
	t_is("even in the future", use.us, at(NOW + 999).us);
	t_ok("which dateless lines inherit",
	     freshness_unchecked(&f, FRESHNESS_NONE, at(0), at(NOW), &use));
	t_is("unchanged", use.us, at(NOW + 999).us);
}

int main(void)
{
	test_rows();
	test_counters();
	test_unchecked();
	return t_done();
}
