/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verdicts - what follows from a jail's verdict: a ban, and from a ban, bans of
 * others: of a network, and by the jails that count bans.
 */
#pragma once
#include "keeping/bans.h"

/* struct lane_ops; @ctx is the struct daemon, here and below. */
void verdict_passed(void *ctx, struct lane *lane, const struct verdict *v,
		    const struct now *now);
/* struct bans_params */
void verdict_banned(void *ctx, const struct ban *ban);
bool verdict_spares(void *ctx, const char *jail, const struct ipaddr *who,
		    struct allow_match *why);
