#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rotations of `make soak`, 60 of them.
ROTATIONS=60
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../soak/rotations.sh"
