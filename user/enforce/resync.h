/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resync - what a backend holds, read out and compared with the truth.
 * For backends that can only be read as a whole; uses their own calls.
 */
#pragma once
#include "backend.h"
#include "base/hmap.h"

/* Everything a backend holds, one entry for each address. */
struct snapshot {
	struct hmap map;	/* owns the nodes */
	bool made;
};

int snapshot_take(struct snapshot *s, struct enforcer *e, boot_t now);
void snapshot_fini(struct snapshot *s);		/* zeroed is fine */
/* NULL: it is not there. */
const struct enforce_entry *snapshot_find(const struct snapshot *s, const struct ipaddr *who);

/* All of them, as hmap_each() gives them. */
const struct enforce_entry *snapshot_each(const struct snapshot *s, struct hmap_cursor *c);

/* enforcer_resync() for bans, with nothing but the backend's each, add and del. */
int resync_bans(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		struct enforce_repairs *out);
