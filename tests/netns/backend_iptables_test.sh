#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The suite of every backend, with iptables alone.
SETTINGS='backend = iptables-only' BACKEND=iptables FORGETS=1
flush_it() {
	in_ns server iptables -t raw -F
	in_ns server ip6tables -t raw -F
}
rules_left() {
	in_ns server ipset list -n | grep -q xdpban ||
		in_ns server iptables-save -t raw | grep -q XDPBAN ||
		in_ns server ip6tables-save -t raw | grep -q XDPBAN
}
remove_it() { x detach iptables; }
. "$(dirname "$0")/backend_suite.sh"
