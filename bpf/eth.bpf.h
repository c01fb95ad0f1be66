/* SPDX-License-Identifier: GPL-2.0-or-later */
/* eth - what stands between the beginning of a frame and its IP header. */
#pragma once
#include "cursor.bpf.h"

#define VLAN_MAX	2
#define ETH_P_IP	0x0800
#define ETH_P_IPV6	0x86DD
#define ETH_P_8021Q	0x8100
#define ETH_P_8021AD	0x88A8

static __always_inline bool is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}
