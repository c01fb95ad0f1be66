#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Forged log lines: no filter may blame a victim.  (At length: forge.py --lines 20000.)
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
exec python3 tests/replay/forge.py --engine "$XDPBAN" --lines 400
