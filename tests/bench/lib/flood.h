/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood - frames from very many sources, as fast as one core can make them:
 * BPF_PROG_TEST_RUN with live frames (kernel 5.18) and a program that writes
 * the next source into each (tests/bench/bpf/flood.bpf.c).  They go through a
 * veth device; what its other end does with them happens on the same core,
 * before flood_run() comes back.
 */
#pragma once
#include "base/util.h"
#include "slices.h"

/* Every frame is UDP for this host, port 5060; of 64 bytes, if nobody says else. */
#define FLOOD_TO_MAC	{ 2, 0, 0, 0, 0, 1 }
#define FLOOD_TO_IPV4	"198.51.100.10"
#define FLOOD_TO_IPV6	"2001:db8:10::10"

struct flood;

int flood_open(struct flood **out);		/* 0 or -errno, which is not logged */
void flood_close(struct flood *f);		/* NULL is fine */

/* What the datagrams say from now on; what is too long is cut off. */
void flood_message(struct flood *f, const char *text);

/* Where frames come from, in turn, and where they go. */
struct flood_path {
	int family;		/* 4 or 6 */
	uint32_t first, n;	/* sources.h */
	uint32_t stride;	/* below n; 1: in turn */
	uint32_t at;		/* the next one; moves on */
	int ifindex;
	double whole;		/* filled in: ns a frame, with the call's begin and end */
};
/*
 * Send @frames of them, at least three slices (slices.h); *@ns is the median of
 * what one took, without the first slice.  0 or -errno.
 */
int flood_run(struct flood *f, struct flood_path *path, uint32_t frames, double *ns);
#define FLOOD_MIN	(3 * SLICE_FRAMES)
