/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp_attach - puts the packet program on network interfaces and takes it off.
 * Only our own: a foreign program is never replaced nor removed.
 * Attachments are pinned beside the maps and outlive the process.
 * All of this needs CAP_NET_ADMIN and CAP_BPF, but for listing.
 */
#pragma once
#include <net/if.h>

#include "base/util.h"

enum xdp_mode { XDP_MODE_AUTO, XDP_MODE_NATIVE, XDP_MODE_GENERIC };

/* "auto", "native" or "generic"; -EINVAL for anything else. */
int xdp_mode_parse(const char *text);
const char *xdp_mode_name(enum xdp_mode mode);

enum xdp_attach_how {
	XDP_ATTACHED,		/* it was not there */
	XDP_UPGRADED,		/* an older program of ours was replaced, no gap */
	XDP_UNCHANGED,		/* it was there already */
	XDP_MODE_CHANGED,	/* taken off and put on again: a short gap */
	XDP_JOINED,		/* others run there, by libxdp; ours runs with them */
};

struct xdp_attached {
	enum xdp_attach_how how;
	enum xdp_mode mode;
	bool sensor;		/* it looks at SIP, too */
	char note[256];		/* why it is not native, what to know; or "" */
};

/*
 * Attach to interface @ifname, with the maps pinned under @pin, which are made
 * when there are none.  XDP_MODE_AUTO takes native where the driver can, and
 * leaves a mode that is already in use.  0 or -errno, after logging what to do:
 * -ENODEV no such interface, -EBUSY a foreign program is there.
 */
int xdp_attach(const char *pin, const char *ifname, enum xdp_mode mode,
	       struct xdp_attached *out);
/* Take our program off; -ENOENT: it is not there (not logged).  The maps stay. */
int xdp_detach(const char *pin, const char *ifname);

struct xdp_link {
	char ifname[IF_NAMESIZE];	/* now, or when it was attached */
	int ifindex;			/* 0: the interface is gone */
	enum xdp_mode mode;		/* if nothing is wrong */
	bool ok;			/* our program is on it */
	char trouble[160];		/* else: what is wrong */
};
/*
 * Interfaces that we are, or should be, attached to.  The caller frees *@out.
 * 0 or -errno; nothing pinned is an empty list.
 */
int xdp_links(const char *pin, struct xdp_link **out, size_t *n);

/* The version of what talks to the kernel. */
const char *xdp_library(void);
