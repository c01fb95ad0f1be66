#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our reader against Fail2ban's own, on everything Debian's package ships.
. "$(dirname "$0")/lib.sh"
if ! [ -d /etc/fail2ban/filter.d ]; then
	echo "the package fail2ban is not installed"
	exit 77
fi
make_dump || exit 1
for what in stock filters tests/config/language; do
	out=$(/usr/bin/python3 tests/config/compare_fail2ban.py "$dir/dump" $what)
	status=$?
	[ $status = 77 ] && { echo "$out"; exit 77; }
	echo "$what: $out"
	read -r p _ f _ <<<"$(tail -n 1 <<<"$out")"
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
