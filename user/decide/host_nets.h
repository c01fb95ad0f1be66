/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_nets - the addresses that this machine itself depends on: its own, its
 * default gateways and its name servers.  Banning one of them cuts the machine
 * off, and spoofed packets can make any log name them.
 * Asked for by whoever fills the allowlist; nothing is kept here.
 */
#pragma once
#include "allowlist.h"
#include "base/ipaddr.h"

typedef void host_net_fn(void *ctx, const struct ipaddr *net);

/*
 * Addresses of all interfaces, the loopback networks, and what stands for "no
 * address".  0 or -errno.
 */
int host_own(host_net_fn *fn, void *ctx);
/*
 * The gateways of all default routes in all routing tables, also of multipath
 * routes (rtnetlink; needs no privilege).  0 or -errno.
 */
int host_gateways(host_net_fn *fn, void *ctx);
/*
 * The same in parts, for a machine with all of the internet's routes: the kernel can
 * only be asked for all, and makes a part when the one before has been read.  A
 * descriptor to close, or -errno.
 */
int host_ask_routes(void);
/*
 * Read one part, of a few hundred routes; waits for a second at most, and not at all if
 * the descriptor is readable.  1: more to come, 0: done, -errno.
 */
int host_read_routes(int fd, host_net_fn *fn, void *ctx);
/* One answer of rtnetlink to RTM_GETROUTE.  1: more to come, 0: done, -errno. */
int host_parse_routes(const void *buf, size_t len, host_net_fn *fn, void *ctx);
/* "nameserver" lines of a resolv.conf.  0 or -errno. */
int host_resolvers(const char *path, host_net_fn *fn, void *ctx);
/*
 * Another number than before when the files with the name servers are others, or
 * were written to: nothing announces that, unlike addresses and routes.
 */
uint64_t host_resolvers_state(void);

/* Networks as they come; zeroed it is empty. */
struct host_nets {
	struct ipaddr *v;	/* owns */
	size_t n, size;
	bool failed;		/* for lack of memory some are not there */
};
/* The host_net_fn of that; of more than 65,536 it takes no more. */
void host_nets_add(void *host_nets, const struct ipaddr *net);
/*
 * Put them into @a, in place of those of @kind before, unless there was an error @err;
 * empties @nets.  0 or -errno.
 */
int host_nets_put(struct host_nets *nets, struct allowlist *a, enum allow_kind kind, int err);

enum { HOST_OWN = 1, HOST_GATEWAYS = 2, HOST_RESOLVERS = 4, HOST_ALL = 7 };
/*
 * Put @which of them into @a, in place of the ones before.  A part that cannot be
 * had now stays as it was.  0, or the first -errno.
 */
int host_nets_refresh(struct allowlist *a, unsigned int which);
