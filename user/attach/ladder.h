/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder - which backend drops the packets: the first of XDP, nftables,
 * iptables with ipset, and iptables alone that works here, or the one asked for.
 */
#pragma once
#include "enforce/enforcer.h"

enum enforcer_kind {
	ENFORCER_AUTO,		/* the first that works */
	ENFORCER_XDP, ENFORCER_NFTABLES, ENFORCER_IPTABLES,	/* this, or none */
	ENFORCER_IPTABLES_ONLY,	/* without sets, even if they are possible */
};

struct enforcer_choice {
	enum enforcer_kind kind;
	bool not_xdp;		/* with ENFORCER_AUTO: begin behind it */
	char why[512];		/* appended to: why those before were not possible */
};

/*
 * Open what @c asks for; what lower steps left behind is taken out, so that each
 * ban is in one place.  0, or -errno of the last that was tried, after logging.
 * -EBUSY: another process already bans through these pins; no step is taken then.
 */
int enforcer_open(struct enforcer **out, const struct enforcer_params *p,
		  struct enforcer_choice *c);
/*
 * Whatever goes on dropping without a daemon, for looking only: what is pinned
 * under @pin, or the rules of one of the others.  -ENOENT: nothing does.
 */
int enforcer_open_left(struct enforcer **out, const char *pin);
/*
 * Take the rules of backend @name out of the kernel, with all bans in them:
 * "nftables", "iptables".  -ENOENT: there are none; -EINVAL: no such backend.
 */
int enforcer_remove(const char *name);
