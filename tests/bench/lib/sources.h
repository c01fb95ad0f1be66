/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sources - the addresses that a benchmark's frames come from: number @i of
 * half a billion.  Neighbouring numbers look like random addresses, no two
 * numbers have the same one, and nobody has to remember them.
 * Included by the frame generator in the kernel and by user space.
 */
#pragma once
#ifndef __bpf__
#include <linux/types.h>
#endif

#define SOURCES_BITS	29

/* Every step can be undone, so different numbers stay different. */
static inline __u32 sources_mix(__u32 i)
{
	const __u32 mask = (1u << SOURCES_BITS) - 1;

	i ^= i >> 15;
	i = i * 0x2c1b3c6d & mask;
	i ^= i >> 12;
	i = i * 0x297a2d39 & mask;
	return i ^ i >> 15;
}

/*
 * In host byte order, from 64.0.0.0 on: addresses that no kernel finds strange
 * (multicast, loopback), since their frames must come as far as the others.
 */
static inline __u32 sources_ipv4(__u32 i)
{
	return 0x40000000 | sources_mix(i);
}

/* Whether an IPv4 address, in host byte order, is one of them. */
static inline int sources_has(__u32 address)
{
	return address >> SOURCES_BITS == 0x40000000 >> SOURCES_BITS;
}

/* The four words, in host byte order, of an address with a random /64. */
static inline void sources_ipv6(__u32 i, __u32 word[4])
{
	word[0] = 0x2a010000 | sources_mix(i) >> 16;
	word[1] = sources_mix(i) << 16;
	word[2] = sources_mix(i + 0x12345) * 0x9e3779b1;
	word[3] = sources_mix(i) * 0x85ebca6b;
}
