/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lookout - jails that read the journal because none of their logs existed.
 * A log may come into being later: its service is installed, or rotation had
 * just taken it away.  Whoever owns the configuration then reads it again, so
 * that the jail turns to its log.  Wakes up only while there is such a jail.
 */
#pragma once
#include "base/loop.h"
#include "config/config.h"

#define LOOKOUT_NS	(10 * NS_PER_S)		/* between two looks */

struct lookout {
	struct loop *loop;			/* borrows */
	const struct config *config;		/* borrows */
	void (*appeared)(void *ctx);		/* may call lookout_watch() */
	void *ctx;
	uint64_t every_ns;			/* LOOKOUT_NS; tests cannot wait */
	struct loop_timer timer;
};

void lookout_init(struct lookout *l, struct loop *loop, void (*appeared)(void *ctx),
		  void *ctx);
void lookout_fini(struct lookout *l);	/* also when it was only zeroed */
/* Look for the logs of @config, which is in force from now on. */
void lookout_watch(struct lookout *l, const struct config *config);
