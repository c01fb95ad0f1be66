#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What does a SIP message cost the packet program that passes, or is limited?
#
#	sudo make bench-sip-cost	or: tests/bench/sip-cost.sh BINARY
#	ROUNDS=15			how long
#
# Everything happens on veth devices in a private namespace; see drop.sh.
here=$(dirname "$(realpath "$0")")
. "$here/../../scripts/demo/stage.sh"
stage_enter "$0" "$@"
set -eu
xdpban=$(realpath "${1:-build/xdpban}")
: "${ROUNDS:=15}"

private_files
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
for name in floor plain pass limit; do
	ip link add ${name}0 type veth peer name ${name}1 address 02:00:00:00:00:01
	ip link set ${name}0 up
	ip link set ${name}1 up
done
echo "Linux $(uname -r), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1);" \
	"one core, veth; medians of $ROUNDS rounds"
"${xdpban%/*}/tests/bench/sip_cost" "$ROUNDS"
