/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who else hears of a ban: in most tests nobody minds, and nobody is spared. */
#pragma once
#include "enforce/backend.h"
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

/* A kernel that takes everything, and has it all. */

static inline int take_all(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	(void)e, (void)bans, (void)n;
	return 0;
}

static inline int find_nothing_wrong(struct enforcer *e, const struct enforce_truth *truth,
				     boot_t now, struct enforce_repairs *out)
{
	(void)e, (void)truth, (void)now, (void)out;
	return 0;
}
