/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ignorecache - what an ignorecommand said lately (Fail2ban's `ignorecache`).
 * Keys are texts that the caller made from the jail's key pattern; running the
 * command is the caller's work.  The answer looked up longest ago goes first
 * when the cache is full.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

struct ignorecache;

/* Keeps @max_count answers for @max_ns each.  NULL: no memory. */
struct ignorecache *ignorecache_new(size_t max_count, uint64_t max_ns);
void ignorecache_free(struct ignorecache *c);	/* NULL is fine */
/* 1: ignore, 0: do not, -ENOENT: not known (any more). */
int ignorecache_get(struct ignorecache *c, const char *key, size_t len, boot_t now);
/* 0 or -ENOMEM (then it is simply not kept). */
int ignorecache_put(struct ignorecache *c, const char *key, size_t len,
		    bool ignore, boot_t now);
