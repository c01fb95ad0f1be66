/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mailbox - a datagram socket into which other programs drop notices.
 * A unix socket, which only root and one group may write to, or UDP, where a
 * sender can be anybody: that is told to whoever gets the notices.  Everything is
 * capped and counted, what comes too fast is read and thrown away: a sender must
 * never wait for us.
 */
#pragma once
#include <sys/types.h>

#include "base/ipaddr.h"
#include "base/loop.h"
#include "notice.h"

#define MAILBOX_TURN	256	/* datagrams before others have a turn */

struct mailbox;

/* @trusted: the sender is root or of the group, so what he says is believed. */
typedef void mailbox_fn(void *ctx, const struct notice *n, bool trusted);

struct mailbox_params {
	struct loop *loop;		/* borrows, as ctx */
	unsigned int rate;		/* datagrams a second, and as many at once */
	mailbox_fn *fn;
	void *ctx;
};

/*
 * A unix socket at @path, mode 0600, or 0660 for the group @gid ((gid_t)-1: none).
 * A dead one that is left there is replaced.  0 or -errno (-EADDRINUSE; -EEXIST:
 * there is something that is no socket).
 */
int mailbox_unix(struct mailbox **out, const struct mailbox_params *p, const char *path,
		 gid_t gid);
/*
 * UDP at @at.  Only what comes from this machine or from @peers (copied) counts.
 * 0 or -errno.
 */
int mailbox_udp(struct mailbox **out, const struct mailbox_params *p,
		const struct ipaddr *at, uint16_t port,
		const struct ipaddr *peers, size_t n_peers);
void mailbox_set_rate(struct mailbox *m, unsigned int rate);
void mailbox_free(struct mailbox *m);		/* NULL is fine; removes the socket */

struct mailbox_stats {
	uint64_t taken;		/* notices handed on */
	uint64_t bad;		/* datagrams that were none */
	uint64_t too_long;
	uint64_t too_many;	/* thrown away because of the rate */
	uint64_t strangers;	/* from others than the peers */
	uint64_t overrun;	/* UDP: lost by the kernel before we could read */
};
const struct mailbox_stats *mailbox_stats(const struct mailbox *m);
const char *mailbox_name(const struct mailbox *m);	/* path, or "udp ADDRESS:PORT" */
