#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No carrier is bannable, with nftables either.
BACKEND=nftables
. "$(dirname "$0")/trust_ways_test.sh"
