#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fail2ban's own sample logs through our engine (exam/README.md).
exam=${EXAM:-../shared/exam}
[ -x "$exam/samples.py" ] || { echo "no exam at $exam (set EXAM)"; exit 77; }
[ -d /etc/fail2ban/filter.d ] || { echo "the Debian package fail2ban is not installed"; exit 77; }
exec "$exam/samples.py" --engine "$XDPBAN"
