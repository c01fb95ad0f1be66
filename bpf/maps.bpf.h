/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps - what the program looks up and counts in; bpf_abi.h describes them.
 * Sizes marked "user space" are set before loading.
 */
#pragma once
#include "xdpban/bpf_abi.h"

/* Banned IPv4 addresses.  Size: user space, capacity and LRU head-room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, struct host_ban);
	__uint(max_entries, 1024);
} bans4 SEC(".maps");

/* Banned IPv6 addresses, alike. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, struct in6_addr);
	__type(value, struct host_ban);
	__uint(max_entries, 1024);
} bans6 SEC(".maps");

/* Tries cost memory only for what is in them. */
#define TRIE_MAX	65536

/* Banned IPv4 networks, and the further bans of single addresses. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix4);
	__type(value, struct net_ban);
	__uint(max_entries, TRIE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} nets4 SEC(".maps");

/* The same for IPv6. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix6);
	__type(value, struct net_ban);
	__uint(max_entries, TRIE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} nets6 SEC(".maps");

/* Who is never dropped, whatever else is said about them. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix4);
	__type(value, __u32);
	__uint(max_entries, TRIE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct prefix6);
	__type(value, __u32);
	__uint(max_entries, TRIE_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} allow6 SEC(".maps");

/* What the scope ids in bans mean. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct scope);
	__uint(max_entries, SCOPE_MAX);
} scopes SEC(".maps");

/* Might a source be banned?  Size: user space, by capacity. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct front_line);
	__uint(max_entries, FRONT_LINES_MIN);
	__uint(map_flags, BPF_F_MMAPABLE);
} front4 SEC(".maps"), front6 SEC(".maps");

/* Might a source be in a banned network, or on the allowlist? */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 4 * NEAR_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
} near SEC(".maps");

/* A variable, which needs no look-up, in a map of its own. */
struct settings settings SEC(".data.settings");

/* Totals and the clock of each CPU: one look-up for both. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct cpu);
	__uint(max_entries, 1);
} cpu SEC(".maps");
