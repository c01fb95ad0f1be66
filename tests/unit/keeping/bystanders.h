/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else hears of a ban: in these tests nobody minds, and nobody is spared. */
#pragma once
#include "keeping/bans.h"

static inline bool spares_nobody(void *ctx, const char *jail, const struct ipaddr *who,
				 struct allow_match *why)
{
	(void)ctx, (void)jail, (void)who, (void)why;
	return false;
}

static inline void banned(void *ctx, const struct ban *ban)
{
	(void)ctx, (void)ban;
}
