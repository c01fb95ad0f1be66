/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp_dispatcher - running beside the programs of others on one interface.
 * libxdp puts a program of its own there, which calls up to ten others in turn;
 * where it is in use, ours joins them.  What joined is described by libxdp's pins
 * (its "protocol" document), so looking needs no library.  Joining and leaving
 * make a new dispatcher and put it in the place of the old one, without a gap:
 * that is left to libxdp, which is loaded only then, and need not be there.
 */
#pragma once
#include <net/if.h>

#include "base/util.h"

struct bpf_object;

/* Is it libxdp's dispatcher? */
bool xdp_dispatcher_is(uint32_t prog_id);
/* Where the dispatcher is that calls @prog_id: interface and its id; else 0. */
int xdp_dispatcher_of(uint32_t prog_id, uint32_t *dispatcher);
/*
 * Make the program @name of @obj, which is open and not loaded, one
 * of those that the dispatcher on @ifindex calls.  Gives a descriptor of it for
 * the caller to close, or -errno, after logging.
 */
int xdp_dispatcher_join(struct bpf_object *obj, const char *name, const char *ifname,
			int ifindex);
/* Take @prog_fd out again; the others stay.  0 or -errno, after logging. */
int xdp_dispatcher_leave(int prog_fd, const char *ifname, int ifindex);
