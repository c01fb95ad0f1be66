/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host_nets - the addresses that this machine itself depends on: its own, its
 * default gateways and its name servers.  Banning one of them cuts the machine
 * off, and spoofed packets can make any log name them.
 * Asked for by whoever fills the allowlist; nothing is kept here.
 */
#pragma once
#include "base/ipaddr.h"

struct allowlist;

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
/* One answer of rtnetlink to RTM_GETROUTE.  1: more to come, 0: done, -errno. */
int host_parse_routes(const void *buf, size_t len, host_net_fn *fn, void *ctx);
/* "nameserver" lines of a resolv.conf.  0 or -errno. */
int host_resolvers(const char *path, host_net_fn *fn, void *ctx);
/*
 * Another number than before when the files with the name servers are others, or
 * were written to: nothing announces that, unlike addresses and routes.
 */
uint64_t host_resolvers_state(void);

/*
 * Put all of them into @a, in place of the ones before.  A part that cannot be
 * had now stays as it was.  0, or the first -errno.
 */
int host_nets_refresh(struct allowlist *a);
