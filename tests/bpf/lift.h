/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends of bans, without a store that has them. */
#pragma once
#include "enforce/enforcer.h"

static inline int lift(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		struct enforce_ban none = { .who = who[i] };
		int err = enforcer_add(e, &none, 1);

		if (err)
			ret = err;
	}
	return ret;
}
