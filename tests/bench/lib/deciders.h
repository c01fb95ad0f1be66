/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deciders - the programs that decide about frames: ours, with bans, networks and an
 * allowlist, and those to compare it with (tests/bench/bpf/verdict.bpf.c).
 * Whatever fails ends the bench (measure.h).
 */
#pragma once
#include "xdp/xdp.h"

struct verdict_bpf;

/* Number @i of sources.h. */
struct ipaddr source_address(int family, uint32_t i);

/* Ours, with room for @max_bans, and the first @bans sources of each family banned. */
struct xdp *decider_ours(uint32_t max_bans, uint32_t bans);
/* The /24 around each of the first @n sources. */
void decider_ban_nets(struct xdp *x, uint32_t n);
/* @n sources from number @first on, as the allowlist. */
void decider_allow(struct xdp *x, uint32_t first, uint32_t n);
/* The first comparison, which every daemon makes, gives the program its filter. */
void decider_compare(struct xdp *x);

/*
 * just_drop, and what gives our verdict and drops what passes (pass_dropped, or with
 * the sensor sip_pass_dropped), on the maps of @x.
 */
struct verdict_bpf *decider_beside(const struct xdp *x);
/* A plain table of @bans, a quarter of it free, and the programs that ask it. */
struct verdict_bpf *decider_plain(uint32_t bans);

void decider_put_on(int prog_fd, const char *ifname);
