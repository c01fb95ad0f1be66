#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The shipped filters on logs with expected results, one log for each filter.
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
exec python3 tests/replay/replay.py --engine "$XDPBAN" tests/replay/*.log
