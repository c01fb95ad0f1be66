#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The cards that qemu makes, with their drivers: one with native XDP, one without.
. tests/netns/lib.sh
. tests/netns/pinned.sh
grep -q checkout= /proc/cmdline || skip "only in the kernel of 'make kernels'"

card_of() {	# the interface with this driver
	local path
	for path in /sys/class/net/*/device/driver; do
		[ "$(basename "$(readlink -f "$path")")" = "$1" ] && basename "${path%/device/driver}"
	done
}
attach() { "$XDPBAN" attach "$@" --pin "$PIN" --socket "$T/none"; }
detach() { "$XDPBAN" detach "$@" --pin "$PIN" --socket "$T/none"; }

modprobe virtio_net
modprobe e1000e
wait_until 20 [ -n "$(card_of virtio_net)" ]
card=$(card_of virtio_net)
check "there is a virtio card" [ -n "$card" ]
ip link set "$card" up
out=$(attach "$card" 2>&1)
check_is "attach to $card" $? 0
echo "$out"
check_has "a warning comes first" "$(head -n 1 <<<"$out")" "may reset the link"
check_has "and names the driver" "$out" "virtio_net"
check "detach" detach "$card"
out=$(attach "$card" --mode generic 2>&1)
check_has "generic" "$out" "generic XDP"
[[ $out == *"reset the link"* ]] && fail "a warning without need" || pass
check "detach" detach "$card"
ip link set "$card" mtu 9000
out=$(attach "$card" --mode native 2>&1)
check_is "a large MTU is refused" $? 1
echo "$out"
check_has "and it says what to do" "$out" "mtu 1500"
out=$(attach "$card" 2>&1)
check_has "auto goes generic" "$out" "attached, generic XDP"
check_has "and says why" "$out" "MTU is 9000"
check "detach" detach "$card"

card=$(card_of e1000e)
check "there is an Intel card" [ -n "$card" ]
ip link set "$card" up
out=$(attach "$card" 2>&1)
check_has "its driver has no native XDP: generic" "$out" "attached, generic XDP"
check_has "and it says so" "$out" "e1000e"
echo "$out"
check "detach" detach "$card"
finish
