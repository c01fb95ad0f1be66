/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netfilter - the backends behind XDP, for whoever chooses one (attach/ladder.h):
 * nftables, iptables with ipset, iptables alone.  What an open one can do is
 * enforcer.h's.  0 or -errno; nothing is logged when one cannot be opened.
 */
#pragma once
#include "enforce/enforcer.h"

/* _look is for looking only, and makes nothing; _remove takes our rules out. */
int enforcer_open_nft(struct enforcer **out, const struct enforcer_params *p);
int enforcer_look_nft(struct enforcer **out);
int enforcer_remove_nft(void);		/* -ENOENT, here and below: there are none */
int enforcer_open_ipset(struct enforcer **out, const struct enforcer_params *p);
int enforcer_look_ipset(struct enforcer **out);
int enforcer_remove_ipset(void);
int enforcer_open_iptables(struct enforcer **out, const struct enforcer_params *p);
int enforcer_look_iptables(struct enforcer **out);
int enforcer_remove_iptables(void);
