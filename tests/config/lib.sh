# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What most tests here begin with.  Source it:
#
#	. "$(dirname "$0")/lib.sh"
#
# A directory of the test's own, $dir, and counters that its last line tells.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

is() { # WHAT GOT WANT
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'FAILED: %s\n' "$1"
	diff <(echo "$2") <(echo "$3") | sed 's/^</  got /; s/^>/  want/'
}

# $dir/dump prints a configuration as JSON (dump.c).
make_dump() {
	local san=

	grep -q fsanitize=address "$BUILD/.flags" && san=-fsanitize=address,undefined
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE $san -Iuser -o "$dir/dump" tests/config/dump.c \
		"$BUILD/config.a" "$BUILD/ini.a" "$BUILD/base.a" -lm
}
