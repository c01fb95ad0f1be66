#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Journal entries of every shape, as xdpban and as Fail2ban's journal filter
# hand them to expressions, and which of them journalmatch selects.
[ -x /usr/lib/systemd/systemd-journal-remote ] || { echo "needs systemd-journal-remote"; exit 77; }
/usr/bin/python3 -c 'import systemd.journal, fail2ban.server.filtersystemd' 2>/dev/null ||
	{ echo "the Debian packages fail2ban and python3-systemd are not installed"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/journal"
# $BUILD/.flags is the compiler and the flags that everything was built with.
sh -c "$(cat "$BUILD/.flags") -o '$tmp/journal_lines' tests/exam/journal_lines.c \
	'$BUILD/source.a' '$BUILD/journal.a' '$BUILD/paths.a' '$BUILD/base.a' -lsystemd" || exit 1
/usr/bin/python3 tests/exam/journal_differential.py "$tmp/journal_lines" "$tmp/journal"
