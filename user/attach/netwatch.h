/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netwatch - tells when this machine's links, addresses or routes change, so
 * that nobody needs to look regularly (rtnetlink(7) multicast groups).
 * A burst of changes is told once, NETWATCH_SETTLE_NS after its first one.
 */
#pragma once
#include "base/loop.h"

#define NETWATCH_SETTLE_NS	(200 * 1000000ull)

struct netwatch;

/* @changed is called from the loop.  0 or -errno. */
int netwatch_new(struct netwatch **out, struct loop *loop,
		 void (*changed)(void *ctx), void *ctx);
void netwatch_free(struct netwatch *w);		/* NULL is fine */
