#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every stock filter of Fail2ban against its sample logs, engine beside engine.
# FULL=1 takes all pairs (make exam); otherwise a part, the same on every run.
# What is different on purpose is listed in tests/exam/accepted.txt, which
# docs/compatibility.md explains.
exam=${EXAM:-../shared/exam}
filters=/etc/fail2ban/filter.d
logs=/usr/lib/python3/dist-packages/fail2ban/tests/files/logs
[ -x "$exam/differential.py" ] || { echo "no exam at $exam (set EXAM)"; exit 77; }
[ -d "$logs" ] || { echo "the Debian package fail2ban is not installed"; exit 77; }
exec /usr/bin/python3 tests/exam/differential.py --exam "$exam" --engine "$XDPBAN" \
	--filters "$filters" --logs "$logs" ${FULL:+--full}
