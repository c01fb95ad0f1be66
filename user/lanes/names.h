/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names - keeps the host names of ignoreip resolved, so that a partner with a
 * changing address stays allowed.  When a name server fails, the last known
 * addresses stay good.  No name, no timer.
 */
#pragma once
#include "base/resolve.h"
#include "lanes/pipeline.h"

#define NAMES_EVERY_NS	((uint64_t)RESOLVE_KEEP_S * NS_PER_S)

struct names;

/* Borrows all; @pipeline is looked at whenever names are resolved.  0 or -ENOMEM. */
int names_new(struct names **out, struct loop *loop, struct resolver *resolver,
	      struct pipeline *const *pipeline);
void names_free(struct names *n);	/* NULL is fine */
/* Resolve now (at the start, after a reload), and then regularly. */
void names_refresh(struct names *n);
