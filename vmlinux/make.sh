#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Write vmlinux.h: the few kernel types that the packet program needs, taken
# from a kernel's own description of itself (BTF).
#
#   vmlinux/make.sh [BTF-FILE] >vmlinux/vmlinux.h
#
# All of them are wire formats or BPF's user interface, which never change; so
# the result is checked in, and needs making again only for a type not in it.
# bpftool would also ask for relocations against the running kernel's BTF
# (CO-RE): left out, and so the program loads where the kernel has no BTF.
# IPv4 and IPv6 headers begin with bit-fields, whose order is that of the
# machine: run this on a big-endian one before building there.
set -euo pipefail

btf=${1:-/sys/kernel/btf/vmlinux}
types='__s8 __u8 __s16 __u16 __s32 __u32 __s64 __u64
	__be16 __be32 __be64 __sum16 __wsum bool
	bpf_map_type xdp_action xdp_md
	__sk_buff ethhdr vlan_hdr iphdr in6_addr ipv6hdr ipv6_opt_hdr frag_hdr'
# Enumerations without a name are known by a member.
members='false BPF_ANY BPF_F_NO_PREALLOC BPF_RB_NO_WAKEUP'

cat <<'END'
/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * vmlinux - the kernel types that the packet programs need, and no more.
 * Made by vmlinux/make.sh; do not edit.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

END
bpftool btf dump file "$btf" format c | awk -v types="$types" -v members="$members" '
	BEGIN {
		n = split(types, t); for (i = 1; i <= n; i++) want[t[i]] = 1
		n = split(members, m); for (i = 1; i <= n; i++) member[m[i]] = 1
	}
	/^typedef .*;$/ {
		name = $NF; sub(/;$/, "", name)
		if (name in want) { print $0 "\n"; found[name] = 1 }
		next
	}
	/^(struct|enum)( [a-z0-9_]+)? \{$/ {
		block = ""; keep = (NF == 3 && $2 in want)
		if (keep) found[$2] = 1
		open = 1
	}
	open {
		block = block $0 "\n"
		if ($1 in member) { keep = 1; found[$1] = 1 }
		if (/^}/) { if (keep) print block; open = 0 }
	}
	END {
		for (w in want) if (!(w in found)) { print "no type " w >"/dev/stderr"; bad = 1 }
		for (w in member) if (!(w in found)) { print "no member " w >"/dev/stderr"; bad = 1 }
		exit bad
	}'
echo '#endif'
