/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prefilter - which expressions of a filter a line might match, told from the
 * texts in it.  Of each expression one set of the texts that it cannot match
 * without is chosen (regex/literals.h), and the sieve looks for all of them at
 * once.  Private to this room.
 */
#pragma once
#include "filter_parts.h"

/* Of the compiled expressions of @f.  0 or -ENOMEM. */
int prefilter_init(struct prefilter *p, const struct filter *f);
void prefilter_fini(struct prefilter *p);
