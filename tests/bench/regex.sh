#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one hostile line can cost at most, with every stock filter of Fail2ban.
#
#	make bench-regex		or: tests/bench/regex.sh BINARY [LINES]
set -eu
program=$(dirname "$(realpath "${1:-build/xdpban}")")/tests/bench/regex
logs=/usr/lib/python3/dist-packages/fail2ban/tests/files/logs
[ -d "$logs" ] || { echo "needs the Debian package fail2ban"; exit 77; }
exec "$program" /etc/fail2ban "$logs" "${2:-1000}"
