/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gateways - keeps the allowlist in step with whom the default routes lead to.
 * The kernel can only be asked for all routes, and a router may have a million: so
 * they are read a part in each turn of the loop, and the less often the more there
 * are.  What is allowed stays so until the last part has been read.
 */
#pragma once
#include "base/loop.h"

/*
 * To the next reading, for each part (half a millisecond of work): a twentieth of the
 * time at most goes there.
 */
#define GATEWAYS_REST_NS	(10 * 1000000ull)

struct gateways;
struct allowlist;

/* @changed: they were read again.  Borrows all.  0 or -errno. */
int gateways_new(struct gateways **out, struct loop *loop, struct allowlist *a,
		 void (*changed)(void *ctx), void *ctx);
void gateways_free(struct gateways *g);		/* NULL is fine */
/* There may be others now: read them, at once if it is not too soon. */
void gateways_look(struct gateways *g);
