#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that takes long, one after the other, each with its table: about half
# an hour.  SOAK_KILLS, ADDRESSES, BANS and ROTATIONS make it shorter.
#
#	make soak		or: SOAK_KILLS=50 make soak
set -u
cd "$(dirname "$0")/../.." || exit 1
XDPBAN=$(realpath "${1:-build/xdpban}")
export XDPBAN
failed=0

# run TITLE COMMAND...
run() {
	local start=$SECONDS title=$1
	shift
	printf '\n== %s\n' "$title"
	"$@"
	case $? in
	0) ;;
	77) echo "(skipped)" ;;
	*) failed=$((failed + 1)) ;;
	esac
	printf '(%d s, load %s)\n' $((SECONDS - start)) "$(cut -d' ' -f1-3 /proc/loadavg)"
}

run "a flood of ${ADDRESSES:-1000000} addresses" tests/soak/flood.sh
run "${BANS:-1000000} bans, and back" tests/soak/restore.sh
run "${ROTATIONS:-1000} rotations" tests/soak/rotations.sh
run "${SOAK_KILLS:-500} times kill -9" env KILLS="${SOAK_KILLS:-500}" tests/netns/engine_kill_test.sh
exit $((failed > 0))
