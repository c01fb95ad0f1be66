/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trust - keeps everybody's allowlist in step with the PBX's configuration: reads
 * the sources again when a file changes, keeps host names resolved, remembers
 * across restarts what they resolved to, and has a list of the operator's own.
 * What counts as trust is decided in user/trust/; who obeys, by whoever asks
 * the allowlist.
 */
#pragma once
#include "base/diag.h"
#include "base/resolve.h"
#include "config/config.h"
#include "decide/allowlist.h"
#include "trust/book.h"

/* A change is acted on when nothing has changed for this long, or after that. */
#define TRUST_SETTLE_NS		NS_PER_S
#define TRUST_SETTLE_MAX_NS	(5 * NS_PER_S)
/*
 * Bans wait while files are read (8 MB of FreePBX take a tenth of a second), so
 * a reading is followed by so many times its length without one, whatever
 * changes.
 */
#define TRUST_REST		50u
/* Where nothing tells of changes, the files are read again so often. */
#define TRUST_POLL_NS		(30 * NS_PER_S)
#define TRUST_ASKING_MAX	8u	/* names asked for at a time */
#define TRUST_MAX_LABELS	1000u	/* lines told apart in the allowlist */

struct trust;

struct trust_params {
	struct loop *loop;		/* borrows, as everything here */
	struct resolver *resolver;
	struct allowlist *everyone;
	const char *state;		/* directory; copied */
	/* The allowlist has changed. */
	void (*changed)(void *ctx);
	void *ctx;
};

/* Nobody is trusted before trust_configure().  0 or -errno. */
int trust_new(struct trust **out, const struct trust_params *p);
/* Before the resolver goes, whose last answers come to us: no more questions. */
void trust_stop(struct trust *t);
/* After it.  NULL is fine, here and there; who was trusted stays allowed. */
void trust_free(struct trust *t);
/* What the settings say, from now on; reads everything.  0 or -errno. */
int trust_configure(struct trust *t, const struct config_settings *s);
/* Read everything again now, as somebody changed a file.  0 or -errno, after logging. */
int trust_reread(struct trust *t);

/* Is what setting `trust` says right?  Errors go to @d. */
void trust_check_setting(const struct config_settings *s, struct diag *d);
/* The same, and read the sources that it names, without a daemon. */
void trust_check_sources(const struct config_settings *s, struct diag *d);
/*
 * Everything that is wrong with what is in force: an error where a trunk is not
 * covered now, a warning where it may become so.
 */
void trust_check(const struct trust *t, wall_t now, struct diag *d);

/*
 * The operator's own list; @note may be NULL.  0; -EINVAL: no address, network or
 * name; -EEXIST, -ENOENT: it is in the list, it is not; or why the list could not be
 * written, or all of it not be read again.
 */
int trust_add_own(struct trust *t, const char *peer, const char *note);
int trust_del_own(struct trust *t, const char *peer);

/* Of @t, and as old as its last reading. */
const struct trust_book *trust_known(const struct trust *t);
struct trust_counts {
	size_t sources;		/* that there was something to read of */
	size_t entries;		/* lines that name somebody */
	size_t nets;		/* addresses and networks in the allowlist */
	size_t names, unresolved;	/* host names; of which nothing is known */
	uint64_t readings;	/* since the start */
};
struct trust_counts trust_count(const struct trust *t);
