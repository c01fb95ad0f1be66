/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_import - the bans in Fail2ban's own database, read only.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct ban_import {
	const char *jail;
	struct ipaddr who;
	wall_t since;
	int64_t bantime_us;	/* negative: for ever */
	uint32_t count;		/* bans so far, this one included */
};
/* Bad: ids that are no address, and bans of unknown length. */
struct ban_import_stats { size_t read, bad; };

/*
 * Every ban of the file (schema 3 and 4), ended ones too.  @fn returns 0 or
 * -errno to stop.  0, -ENOENT, -EINVAL (no database of Fail2ban), -EIO.
 */
typedef int ban_import_fn(void *ctx, const struct ban_import *b);
int ban_import_fail2ban(const char *path, ban_import_fn *fn, void *ctx,
			struct ban_import_stats *stats);
