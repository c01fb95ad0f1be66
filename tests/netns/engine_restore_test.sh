#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The million bans of `make soak` that come back, as 20,000.
BANS=20000 PEER=0
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../soak/restore.sh"
