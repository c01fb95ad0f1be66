# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For tests of the packet path without the daemon: bans are written into the
# pinned maps with bpftool, as include/xdpban/bpf_abi.h describes them.
# Source it behind lib.sh.

MAPS=$PIN/v4
command -v bpftool >/dev/null || PATH=$PATH:/usr/sbin
command -v bpftool >/dev/null || skip "needs bpftool"

# xb NAMESPACE VERB...: xdpban there, with this test's pins.
xb() {
	local n=$1
	shift
	in_ns "$n" "$XDPBAN" "$@" --pin "$PIN" --socket "$T/no-daemon"
}

map_of() { [[ $1 == *:* ]] && echo "$MAPS/bans6" || echo "$MAPS/bans4"; }

# key_of ADDRESS: its bytes; IPv4 has zeros behind it.
key_of() {
	python3 -c 'import ipaddress, sys
print(*ipaddress.ip_address(sys.argv[1]).packed.ljust(8, b"\0"))' "$1"
}

# pinned_ban ADDRESS [SECONDS]: on all ports, for ever or for that long.
pinned_ban() {
	local key value
	key=$(key_of "$1")
	# The end on the boot clock, then 16 bytes of counters.
	value=$(python3 -c 'import struct, sys, time
end = 2 ** 64 - 1
if sys.argv[1:]:
    end = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + int(float(sys.argv[1]) * 1e9)
print(*struct.pack("=QQQ", end & ~0xfff, 0, 0))' "${@:2}")
	# shellcheck disable=SC2086	# many numbers
	bpftool map update pinned "$(map_of "$1")" key $key value $value
}

pinned_unban() {
	# shellcheck disable=SC2046
	bpftool map delete pinned "$(map_of "$1")" key $(key_of "$1")
}

# dropped ADDRESS: how many packets of its were dropped, as `list` has it.
dropped() {
	xb server list --json | jq -r --arg who "$1" 'select(.address == $who) | .packets'
}

# prog_on NAMESPACE INTERFACE: the id of the XDP program there.
prog_on() {
	ip -n "$P-$1" -j link show "$2" | jq -r '.[0].xdp.prog.id // "none"'
}
