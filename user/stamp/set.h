/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * set - the templates that a jail's `datepattern` asks for, in order.
 * Knows the words that stand for the default templates: {DEFAULT}, {^LN-BEG}
 * alone, {DATE} within a pattern, {NONE}.
 */
#pragma once
#include "base/diag.h"
#include "stamp/template.h"

struct template_set {
	struct stamp_template *items;	/* owns */
	size_t n, size;
};

/*
 * Add @n patterns, or the defaults if there are none.  Every pattern is tried:
 * 0, -EINVAL with all that is wrong in @d, or -ENOMEM.  Keeps @env.
 */
int template_set_fill(struct template_set *set, const struct text *patterns,
		      size_t n, int last_year, struct regex_env *env,
		      struct diag *d);
void template_set_fini(struct template_set *set);
