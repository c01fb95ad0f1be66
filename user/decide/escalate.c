// SPDX-License-Identifier: GPL-2.0-or-later
#include "escalate.h"

#include <math.h>

#include "base/clock.h"
#include "base/formula.h"

enum { MAX_DOUBLINGS = 20 };

static uint32_t at_most(uint32_t n, uint32_t max)
{
	return n < max ? n : max;
}

/* Fail2ban: multipliers scale the plain ban time, a formula never shortens it. */
static double longer(const struct escalation *e, double seconds, uint32_t earlier)
{
	double result;

	if (e->n_multipliers) {
		size_t i = earlier < e->n_multipliers ? earlier : e->n_multipliers - 1;

		return seconds * e->factor * e->multipliers[i];
	}
	if (e->formula)
		result = formula_eval(e->formula, seconds, earlier, e->factor);
	else
		result = seconds * (double)(1u << at_most(earlier, MAX_DOUBLINGS)) * e->factor;
	/* Also when the result is not a number. */
	return result > seconds ? result : seconds;
}

int64_t escalate_bantime(const struct escalation *e, int64_t bantime_us,
			 uint32_t earlier, double random)
{
	const double longest = (double)(INT64_MAX / 4);
	double us;

	if (!e->increment || !earlier || bantime_us <= 0)
		return bantime_us;
	us = longer(e, (double)bantime_us / US_PER_S, earlier) * US_PER_S;
	if (!(us >= 0))
		us = (double)bantime_us;
	if (e->maxtime_us > 0 && us > (double)e->maxtime_us)
		us = (double)e->maxtime_us;
	us += random * (double)e->rndtime_us;
	return us < longest ? (int64_t)us : BANTIME_FOREVER;
}

uint32_t escalate_weight(const struct escalation *e, uint32_t earlier, uint32_t maxretry)
{
	if (!e->increment || !earlier)
		return 1;
	return at_most((1u << at_most(earlier - 1, MAX_DOUBLINGS)) + 1, maxretry);
}
