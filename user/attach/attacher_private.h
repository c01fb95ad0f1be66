/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attacher_private - what the daemon and the process that attaches tell each other. */
#pragma once
#include "attach/attacher.h"

/* To the process: what to watch.  Datagrams on a socket pair, all of one size. */
struct attacher_order {
	enum xdp_mode mode;
	uint32_t n;
	char names[ATTACHER_MAX][IF_NAMESIZE];
};

/* From it: something is new about an interface; or, with no name, all were looked at. */
struct attacher_report {
	char ifname[IF_NAMESIZE];
	bool there;
	int err;
	struct xdp_attached done;	/* if err is 0 and something was done */
	bool silent;			/* nothing was done */
	char said[512];			/* why not */
};

/* Serve until @sock is closed at the other end; never returns. */
void attacher_serve(int sock, const char *pin) __attribute__((noreturn));
