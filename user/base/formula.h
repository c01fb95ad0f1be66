/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * formula - the expressions of bantime.formula and bantime.factor.
 * They are Python in Fail2ban's files and run through eval() there; here they
 * are compiled once into a small tree that can do arithmetic and nothing else:
 * numbers, + - * / // % ** << >>, comparisons, and or not, `A if C else B`,
 * ban.Time, ban.Count, banFactor, math.exp log log2 log10 pow sqrt floor ceil
 * fabs pi e, and float int round abs min max pow.  Numbers are doubles.
 */
#pragma once
#include "util.h"

struct formula;

struct formula_error {
	size_t at;			/* byte offset into the text */
	const char *text;		/* a constant string */
};

/* 0, -EINVAL with @err filled, -ENOMEM. */
int formula_new(struct formula **out, const char *text, struct formula_error *err);
void formula_free(struct formula *f);		/* NULL is fine */

/* True when neither ban.* nor banFactor occurs. */
bool formula_is_constant(const struct formula *f);

/*
 * @time is ban.Time (seconds), @count ban.Count.  Not a finite number where
 * Python would raise (a division by zero, a logarithm of 0, a huge shift).
 */
double formula_eval(const struct formula *f, double time, double count, double factor);
