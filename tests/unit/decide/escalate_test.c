// SPDX-License-Identifier: GPL-2.0-or-later
/* Fail2ban's bantime.* options, one row for each thing they promise. */
#include "decide/escalate.h"

#include <math.h>

#include "base/clock.h"
#include "base/formula.h"

#include "../t.h"

static const int doubling[] = { 1, 2, 4, 8 };
static const int zero_first[] = { 0, 5, 30 };
static const int zero[] = { 0 };

#define ON	.increment = true, .factor = 1

static const struct {
	const char *name;
	struct escalation e;
	const char *formula;
	double bantime, random;
	uint32_t earlier;
	double want;		/* -1: for ever */
} times[] = {
	{ "off", { .factor = 3 }, NULL, 600, 0.5, 7, 600 },
	{ "the first ban is plain", { ON, .rndtime_us = 100000000 }, NULL, 600, 0.5, 0, 600 },
	{ "the second is twice as long", { ON }, NULL, 600, 0, 1, 1200 },
	{ "and so on", { ON }, NULL, 600, 0, 5, 600 * 32 },
	{ "but not past twenty doublings", { ON }, NULL, 1, 0, 21, 1 << 20 },
	{ "however often", { ON }, NULL, 1, 0, UINT32_MAX, 1 << 20 },
	{ "factor", { .increment = true, .factor = 1.5 }, NULL, 600, 0, 1, 1800 },
	{ "a small factor never shortens", { .increment = true, .factor = 0.1 }, NULL, 600, 0,
		1, 600 },
	{ "maxtime", { ON, .maxtime_us = 1000000000 }, NULL, 600, 0, 5, 1000 },
	{ "maxtime is a cap of long bans too", { ON, .maxtime_us = 60000000 }, NULL, 600, 0, 1,
		60 },
	{ "rndtime comes on top of maxtime", { ON, .maxtime_us = 1000000000,
	  .rndtime_us = 100000000 }, NULL, 600, 0.25, 5, 1025 },
	{ "a permanent ban stays", { ON, .maxtime_us = 1, .rndtime_us = 1000000 }, NULL, -1,
		0.5, 3, -1 },
	{ "multipliers", { ON, .multipliers = doubling, .n_multipliers = 4 }, NULL, 600, 0, 2,
		2400 },
	{ "the last one repeats", { ON, .multipliers = doubling, .n_multipliers = 4 }, NULL,
		600, 0, 9, 4800 },
	{ "multipliers start at the first ban", { ON, .multipliers = zero_first,
		.n_multipliers = 3 },
	  NULL, 60, 0, 1, 300 },
	{ "multipliers and factor", { .increment = true, .factor = 2, .multipliers = doubling,
	  .n_multipliers = 4 }, NULL, 600, 0, 1, 2400 },
	{ "multipliers may shorten", { .increment = true, .factor = 0.5, .multipliers = doubling,
	  .n_multipliers = 1 }, NULL, 600, 0, 1, 300 },
	{ "a negative multiplier is nonsense", { .increment = true, .factor = -1,
	  .multipliers = doubling, .n_multipliers = 1 }, NULL, 600, 0, 1, 600 },
	{ "nothing times infinity is nonsense", { .increment = true, .factor = INFINITY,
	  .multipliers = zero, .n_multipliers = 1 }, NULL, 600, 0, 1, 600 },
	{ "a formula", { ON }, "ban.Time + ban.Count * 100", 600, 0, 3, 900 },
	{ "a formula never shortens", { ON }, "1", 600, 0, 3, 600 },
	{ "a formula that divides by zero", { ON }, "ban.Time / (ban.Count - 3)", 600, 0, 3, 600 },
	{ "a formula without bounds is for ever", { ON }, "ban.Time * 10 ** 300", 600, 0, 3, -1 },
	{ "unless there is a maxtime", { ON, .maxtime_us = 86400000000 },
	  "ban.Time * 10 ** 300", 600, 0, 3, 86400 },
};

static void test_times(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		struct escalation e = times[i].e;
		struct formula *f = NULL;
		struct formula_error err;
		int64_t us = times[i].bantime < 0 ? BANTIME_FOREVER :
			     (int64_t)(times[i].bantime * US_PER_S);

		if (times[i].formula)
			t_is(times[i].name, formula_new(&f, times[i].formula, &err), 0);
		e.formula = f;
		t_is(times[i].name, escalate_bantime(&e, us, times[i].earlier, times[i].random),
		     times[i].want < 0 ? BANTIME_FOREVER : (int64_t)(times[i].want * US_PER_S));
		formula_free(f);
	}
}

static const struct {
	const char *name;
	bool increment;
	uint32_t earlier, maxretry, want;
} weights[] = {
	{ "off", false, 9, 5, 1 },
	{ "a first offender", true, 0, 5, 1 },
	{ "one ban before", true, 1, 5, 2 },
	{ "two", true, 2, 5, 3 },
	{ "three", true, 3, 5, 5 },
	{ "never more than maxretry", true, 4, 5, 5 },
	{ "four", true, 4, 100, 9 },
	{ "very many", true, UINT32_MAX, UINT32_MAX, (1 << 20) + 1 },
	{ "maxretry 1", true, 3, 1, 1 },
};

static void test_weights(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(weights); i++) {
		struct escalation e = { .increment = weights[i].increment };

		t_is(weights[i].name, escalate_weight(&e, weights[i].earlier, weights[i].maxretry),
		     weights[i].want);
	}
}

int main(void)
{
	test_times();
	test_weights();
	return t_done();
}
