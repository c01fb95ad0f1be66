/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attacher - attaches to interfaces when they appear, also when they are made anew.
 * The daemon has given up the right to attach by then, as it reads what attackers
 * write.  So this is a process of its own, with that right and little else: it reads
 * nothing but a list of names from the daemon, and what the kernel says about links.
 * It ends with the daemon.
 *
 * An interface that somebody detached from stays so until it is made anew, or the
 * configuration is loaded again.
 */
#pragma once
#include <net/if.h>

#include "base/loop.h"
#include "xdp/xdp_attach.h"

#define ATTACHER_MAX	64	/* interfaces */

struct attacher;
struct texts;

/*
 * Start the process; before privileges are dropped.  Borrows @loop; 0 or -errno, after
 * logging.
 */
int attacher_new(struct attacher **out, struct loop *loop, const char *pin);
/* Ends the process, and waits for that.  Attachments stay.  NULL is fine. */
void attacher_free(struct attacher *a);
/*
 * Attach to these (copied), now or when they appear, instead of those before; names
 * that can be no interface's, and those behind ATTACHER_MAX, are logged and left out.
 * With @refused, wait for the first attempt, and count who is there and refuses.
 * 0; -EPIPE: the process is gone; -ETIMEDOUT: it says nothing for a minute; -errno.
 */
int attacher_watch(struct attacher *a, const struct texts *names, enum xdp_mode mode,
		   size_t *refused);

struct attacher_state {
	char ifname[IF_NAMESIZE];
	bool there;
	char trouble[256];	/* why not attached; or "" */
};
/* What is known about number @i of those watched, until the loop runs; NULL behind the last. */
const struct attacher_state *attacher_get(const struct attacher *a, size_t i);
/* Is the process alive? */
bool attacher_alive(const struct attacher *a);
