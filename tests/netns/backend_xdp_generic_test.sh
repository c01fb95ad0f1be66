#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The suite of every backend, with generic XDP.
SETTINGS='backend = xdp' BACKEND=xdp ATTACH='--mode generic'
# The one that is asked about comes last: a comparison may put it back at once.
flush_it() { python3 "$HERE/empty_map.py" "$PIN"/v*/{nets6,nets4,bans6,bans4}; }
rules_left() { ip -n "$P-server" link show phone | grep -q xdp; }
remove_it() { x detach phone; }
. "$(dirname "$0")/backend_suite.sh"
