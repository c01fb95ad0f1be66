#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dates of all lines in Fail2ban's sample logs, and of mutants of them, as
# stamp and as Fail2ban's own detector see them.  FULL=1: more mutants.
package=/usr/lib/python3/dist-packages/fail2ban
[ -d "$package/tests/files/logs" ] || { echo "the Debian package fail2ban is not installed"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# $BUILD/.flags is the compiler and the flags that everything was built with.
sh -c "$(cat "$BUILD/.flags") -o '$tmp/stamp_lines' tests/exam/stamp_lines.c \
	'$BUILD/stamp.a' '$BUILD/regex.a' '$BUILD/base.a' -lpcre2-8" || exit 1
/usr/bin/python3 tests/exam/stamp_differential.py "$tmp/stamp_lines" ${FULL:+--mutants 10}
