#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When it cannot be done, one sentence says why and what to do.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"

server_and_phone

# refused WHAT WORD... -- COMMAND...: fails with status 1, with these words.
refused() {
	local what=$1 words=() err
	shift
	while [ "$1" != -- ]; do words+=("$1"); shift; done
	shift
	err=$("$@" 2>&1)
	check_is "$what is refused" $? 1
	for w in "${words[@]}"; do check_has "$what: the reason" "$err" "$w"; done
	check_is "$what: in one line" "$(wc -l <<<"$err")" 1
}

refused "no such interface" "eth99" -- xb server attach eth99
refused "an impossible name" "no interface" -- \
	xb server attach a-name-that-is-much-too-long-for-an-interface
refused "detach from no such interface" "eth99" -- xb server detach eth99
mkdir "$T/plain"
refused "a directory that is no bpffs" "BPF file system" "mount -t bpf" -- \
	in_ns server "$XDPBAN" attach phone --pin "$T/plain"
check_is "nothing is left there" "$(ls "$T/plain")" ""
refused "a relative directory" "absolute" -- in_ns server "$XDPBAN" attach phone --pin here
# The checkout may be in a folder that is closed to others.
install -m 755 "$XDPBAN" /run/netns/xdpban
refused "somebody who is nobody" "root" -- in_ns server setpriv --reuid=65534 \
	--clear-groups --inh-caps=-all --bounding-set=-all \
	/run/netns/xdpban attach phone --pin "$PIN"
rm /run/netns/xdpban
refused "root without capabilities" "CAP_BPF" -- in_ns server setpriv \
	--inh-caps=-all --bounding-set=-all "$XDPBAN" attach phone --pin "$PIN"

# A bridge has no native XDP: generic instead, and it says so.
ip -n "$P-server" link add br0 type bridge 2>/dev/null || { finish; }
ip -n "$P-server" addr flush dev phone
ip -n "$P-server" link set phone master br0
ip -n "$P-server" link set br0 address 02:00:00:00:01:01 up
ip -n "$P-server" addr add "$(addr4 1 server)/24" dev br0
ip -n "$P-server" neigh replace "$(addr4 1 client)" dev br0 \
	lladdr 02:00:00:00:01:02 nud permanent
check "the bridge carries traffic" wait_until 10 ask phone "$(addr4 1 server)"
refused "native on a bridge" "br0" "generic" -- xb server attach br0 --mode native
out=$(xb server attach br0)
check_is "auto falls back" $? 0
check_has "to generic" "$out" generic
check_has "and says why" "$out" "native"
pinned_ban "$(addr4 1 client)"
check_not "the ban counts behind the bridge" ask phone "$(addr4 1 server)"
check "detach" xb server detach br0
check "and it is free" ask phone "$(addr4 1 server)"
finish
