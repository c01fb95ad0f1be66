/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire - sends UDP datagrams from any source address, as frames on one
 * interface: what an attacker's packets look like at the victim's network card.
 */
#pragma once
#include "base/ipaddr.h"

struct wire {
	int fd;
	int ifindex;
	uint8_t to[6], from[6];		/* Ethernet addresses */
	struct ipaddr to4, to6;
};

/* @mac is the victim's, in text.  0 or -errno. */
int wire_open(struct wire *w, const char *ifname, const char *mac,
	      const char *to4, const char *to6);
void wire_close(struct wire *w);
/* One datagram from @who to the victim's port 5060.  0 or -errno. */
int wire_send(const struct wire *w, const struct ipaddr *who);
