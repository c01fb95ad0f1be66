/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resync - what a backend holds, read out and compared with the truth.
 * For backends that can only be read as a whole; uses their own calls.
 */
#pragma once
#include "backend.h"
#include "base/hmap.h"

struct chunk;

/* Everything a backend holds, one entry for each address. */
struct snapshot {
	struct hmap map;
	bool made;
	struct chunk *chunks;	/* owns the nodes of @map */
};

/* @s is zeroed, or an older one.  0, or -errno: it has only a part. */
int snapshot_take(struct snapshot *s, struct enforcer *e, boot_t now);
void snapshot_fini(struct snapshot *s);		/* zeroed is fine */
/* NULL: it is not there. */
const struct enforce_entry *snapshot_find(const struct snapshot *s, const struct ipaddr *who);

/* All of them, as hmap_each() gives them. */
const struct enforce_entry *snapshot_each(const struct snapshot *s, struct hmap_cursor *c);

/*
 * A comparison in steps, between which bans may come and go: begin; _put what the
 * backend holds, as it is read; _touch what is written meanwhile, about which that
 * says nothing then; _compare until it gives something else than 1.  Borrows @e; each
 * 0 or -errno.  Repairs are added to @out.
 */
struct resync;
int resync_begin(struct resync **out, struct enforcer *e);
void resync_end(struct resync *r);		/* NULL is fine */
int resync_put(struct resync *r, const struct enforce_entry *entry);
void resync_touch(struct resync *r, const struct ipaddr *who);	/* NULL is fine */
/* 1: there is more; 0, or -errno: complete. */
int resync_compare(struct resync *r, const struct enforce_truth *truth, boot_t now,
		   struct enforce_repairs *out);

/* All of it at once, with nothing but the backend's each and add. */
int resync_bans(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		struct enforce_repairs *out);
