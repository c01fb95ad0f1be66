/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * banmap - looks at the pinned ban maps from outside, as a stopwatch does:
 * whether an address is banned now, and how many of its frames were dropped.
 * Reads single addresses, never the whole map, so that a look is a microsecond.
 */
#pragma once
#include "base/ipaddr.h"

struct banmap {
	int fd4, fd6;
};

struct banlook {
	bool banned;		/* there is a ban, and it has not ended */
	uint64_t dropped;	/* frames */
};

/* Open bans4 and bans6 in the directory @pin.  0 or -errno. */
int banmap_open(struct banmap *m, const char *pin);
void banmap_close(struct banmap *m);
struct banlook banmap_look(const struct banmap *m, const struct ipaddr *who);
