/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netdev - what one can ask about a network interface, without libbpf.
 */
#pragma once
#include "base/util.h"

struct netdev {
	int ifindex;
	int mtu;
	bool ethernet;		/* frames begin with an Ethernet header */
	bool hardware;		/* a card, or what a hypervisor shows as one */
	char driver[32];	/* "" if it does not say */
};

/* 0, or -errno (-ENODEV: no such interface).  Logs nothing. */
int netdev_look(const char *ifname, struct netdev *out);
