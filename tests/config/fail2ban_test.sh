#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our reader against Fail2ban's own, on everything Debian's package ships.
set -u
if ! [ -d /etc/fail2ban/filter.d ]; then
	echo "the package fail2ban is not installed"
	exit 77
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
san=
grep -q fsanitize=address "$BUILD/.flags" && san=-fsanitize=address,undefined
${CC:-cc} -std=gnu11 -D_GNU_SOURCE $san -Iuser -o "$dir/dump" tests/config/dump.c \
	"$BUILD/config.a" "$BUILD/ini.a" "$BUILD/base.a" -lm || exit 1
passed=0 failed=0
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
