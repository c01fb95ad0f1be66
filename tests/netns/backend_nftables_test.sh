#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The suite of every backend, with nftables.
SETTINGS='backend = nftables' BACKEND=nftables
flush_it() { in_ns server nft delete table inet xdpban; }
rules_left() { in_ns server nft list table inet xdpban; }
remove_it() { x detach nftables; }
. "$(dirname "$0")/backend_suite.sh"
