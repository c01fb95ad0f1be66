// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/parts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/amnesty.h"
#include "decide/host_nets.h"

struct nets { struct ipaddr *v; size_t n; };

static void count_net(void *ctx, const struct allow_match *entry)
{
	struct nets *nets = ctx;

	(void)entry;
	nets->n++;
}

static void take_net(void *ctx, const struct allow_match *entry)
{
	struct nets *nets = ctx;

	nets->v[nets->n++] = entry->net;
}

/* The data plane overrides bans too, should one slip through. */
static int tell_kernel(struct daemon *d)
{
	uint64_t version = allowlist_version(d->everyone, loop_boot(d->loop));
	struct nets nets = { 0 };
	int err;

	if (version == d->allow_version)
		return 0;
	allowlist_each(d->everyone, loop_boot(d->loop), count_net, &nets);
	nets.v = calloc(nets.n + 1, sizeof(*nets.v));
	if (!nets.v)
		return -ENOMEM;
	nets.n = 0;
	allowlist_each(d->everyone, loop_boot(d->loop), take_net, &nets);
	err = enforcer_allow(d->enforcer, nets.v, nets.n);
	if (!err)
		d->allow_version = version;
	else
		log_err("allowlist: the kernel did not take all of its %zu entries: %s", nets.n,
			strerror(-err));
	free(nets.v);
	return err;
}

static int refresh(struct daemon *d, unsigned int which)
{
	int err;

	if (which & HOST_RESOLVERS)
		d->resolvers = host_resolvers_state();
	err = host_nets_refresh(d->everyone, which);
	if (err)
		log_warn("allowlist: cannot learn all own addresses, gateways and "
			 "resolvers: %s", strerror(-err));
	return tell_kernel(d);
}

#define LOOK_NS		NS_PER_S

void daemon_check_resolvers(struct daemon *d)
{
	boot_t now = loop_boot(d->loop);

	if (now.ns < d->resolvers_due.ns)
		return;
	d->resolvers_due.ns = now.ns + LOOK_NS;
	if (host_resolvers_state() != d->resolvers)
		refresh(d, HOST_RESOLVERS);
}

int daemon_find_allowed(struct daemon *d)
{
	return refresh(d, HOST_ALL);
}

static void on_gateways(void *ctx)
{
	tell_kernel(ctx);
}

/* Routes may go with a link or an address without a word. */
static void on_net_change(void *ctx, unsigned int what)
{
	struct daemon *d = ctx;

	if (what & (NETWATCH_LINKS | NETWATCH_ADDRESSES))
		refresh(d, HOST_OWN);
	gateways_look(d->gateways);
}

int daemon_watch_allowed(struct daemon *d)
{
	int err = gateways_new(&d->gateways, d->loop, d->everyone, on_gateways, d);

	return err ? err : netwatch_new(&d->netwatch, d->loop,
					NETWATCH_LINKS | NETWATCH_ADDRESSES | NETWATCH_ROUTES,
					on_net_change, d);
}

/* A trunk that was banned before somebody said that it is one is free at once. */
void daemon_trust_changed(void *ctx)
{
	struct daemon *d = ctx;
	uint64_t before = d->allow_version;

	tell_kernel(d);
	if (d->restored && d->allow_version != before)
		amnesty(d);
}
