#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is banned from real logs of real attacks, against the truth about who attacked.
exam=${EXAM:-../shared/exam}
logs=${LOGS:-$exam/../logs}
[ -r "$exam/real_attacks.py" ] || { echo "no exam at $exam (set EXAM)"; exit 77; }
[ -d "$logs" ] || { echo "no logs at $logs (set LOGS)"; exit 77; }
exec python3 "$exam/real_attacks.py" --engine "$XDPBAN" "$logs"
