#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The flood of `make soak`, with 20,000 addresses.
ADDRESSES=20000 PEER=0
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../soak/flood.sh"
