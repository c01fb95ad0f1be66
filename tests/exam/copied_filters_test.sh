#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Filters of Fail2ban copied into our configuration find what they need in our
# common.conf: they pass their samples as they do with Fail2ban's own.
exam=${EXAM:-../shared/exam}
stock=/etc/fail2ban/filter.d
logs=/usr/lib/python3/dist-packages/fail2ban/tests/files/logs
[ -x "$exam/samples.py" ] || { echo "no exam at $exam (set EXAM)"; exit 77; }
[ -d "$logs" ] || { echo "the Debian package fail2ban is not installed"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/fail2ban/tests/files"
ln -s "$logs" "$root/fail2ban/tests/files/logs"
cp -r configs "$root/config"
only=()
for filter in "$stock"/*.conf; do
	name=$(basename "$filter")
	[ -e "configs/filter.d/$name" ] && continue
	cp "$filter" "$root/config/filter.d"
	only+=(--only "${name%.conf}")
done
"$exam/samples.py" --fail2ban "$root" --engine "$XDPBAN" "${only[@]}"
