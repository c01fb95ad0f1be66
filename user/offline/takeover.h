/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * takeover - take over from Fail2ban: its configuration, and who is banned now.
 * For `xdpban import`; the daemon must not run meanwhile, because it has the
 * truth about bans in its memory.
 */
#pragma once
#include "base/util.h"

enum takeover_kind {
	TAKEOVER_COPIED, TAKEOVER_REPLACED, TAKEOVER_KEPT, TAKEOVER_FAILED,
	TAKEOVER_NOTE,
};

struct takeover_options {
	const char *from;		/* Fail2ban's directory */
	const char *config, *state;	/* ours */
	/* @path is relative to the directory, or NULL; @text may be NULL. */
	void (*say)(void *ctx, enum takeover_kind kind, const char *path, const char *text);
	void *ctx;
};

struct takeover {
	size_t bans;			/* taken over */
	size_t ended;			/* over by now */
	size_t homeless;		/* of jails that do not run here */
	size_t bad;			/* of ids that are no address */
};

/*
 * 0, or the first -errno; as much as possible is done, and all that fails is
 * said.
 */
int takeover_run(const struct takeover_options *o, struct takeover *out);
