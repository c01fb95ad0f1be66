#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The suite of every backend, with generic XDP.
SETTINGS='backend = xdp' BACKEND=xdp ATTACH='--mode generic'
flush_it() {
	local map
	for map in bans4 bans6 nets4 nets6; do
		python3 "$HERE/empty_map.py" "$PIN"/v*/$map || return
	done
}
rules_left() { ip -n "$P-server" link show phone | grep -q xdp; }
remove_it() { x detach phone; }
. "$(dirname "$0")/backend_suite.sh"
