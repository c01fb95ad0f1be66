/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netwatch - tells when this machine's links, addresses or default routes change, so
 * that nobody needs to look regularly (rtnetlink(7) multicast groups).
 * A burst of changes is told once, NETWATCH_SETTLE_NS after its first one.  Of routes
 * the kernel shows us only the default ones: a router with all of the internet's
 * routes, of which some change all the time, does not wake us up.
 */
#pragma once
#include "base/loop.h"

#define NETWATCH_SETTLE_NS	(200 * 1000000ull)

/* What is watched, and what has changed. */
enum { NETWATCH_LINKS = 1, NETWATCH_ADDRESSES = 2, NETWATCH_ROUTES = 4 };

struct netwatch;
typedef void netwatch_fn(void *ctx, unsigned int what);

/* @changed is called from the loop.  0 or -errno. */
int netwatch_new(struct netwatch **out, struct loop *loop, unsigned int what,
		 netwatch_fn *changed, void *ctx);
void netwatch_free(struct netwatch *w);		/* NULL is fine */
