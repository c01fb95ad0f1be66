#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ROTATIONS rotations of all kinds under the eyes of the daemon, while the log is
# written without a pause: every line is read exactly once.  The log belongs to
# another user, as most do: so the daemon cannot ask who still writes to it.
#
#	make soak		or: ROTATIONS=100 XDPBAN=build/xdpban tests/soak/rotations.sh
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
: "${XDPBAN:=$(realpath "${1:-build/xdpban}")}"
export XDPBAN
. "$here/../netns/lib.sh"
. "$here/../netns/e2e_lib.sh"
. "$here/lib.sh"
ROTATIONS=${ROTATIONS:-1000} OWNER=${OWNER:-65534}

server_up
mkdir "$T/logs"
chmod 755 "$T" "$T/logs"
LOG=$T/logs/auth.log
: >"$LOG"
chown "$OWNER" "$LOG"
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 5
findtime = 1d
bantime = 1d
END
quiet_daemon
daemon_up
begin=$(now_ms)
out=$(python3 "$here/rotator.py" "$LOG" "$ROTATIONS" "$T/sock" "$OWNER" 2>&1) || { fail "$out"; tail -n 5 "$T/daemon.out"; x status --json | jq -c .jails; ls -la "$T/logs"; finish; }
took=$(($(now_ms) - begin))
lines=$(jq .lines <<<"$out") fives=$(jq .fives <<<"$out")
check_is "lines read" "$(x status --json | jq '.jails[0].lines')" "$lines"
check_is "failures found" "$(x status --json | jq '.jails[0].found')" "$lines"
check_is "all who failed five times are banned, nobody else" \
	"$(x status --json | jq .bans.now)" "$fives"
check_is "the others have four failures each" \
	"$(x status --json | jq '.jails[0].watched')" $(($(jq .addresses <<<"$out") - fives))
check_is "nothing is wrong" "$(x status --json | jq -c .problems)" "[]"
report "rotations" "$ROTATIONS in $took ms: $(jq -r '.kinds | to_entries |
	map("\(.value) \(.key | gsub("_"; " "))") | join(", ")' <<<"$out")"
report "  lines written, lines read" "$lines, $(x status --json | jq '.jails[0].lines')"
report "  to be banned, banned" "$fives, $(x status --json | jq .bans.now)"
report "  rotations seen" "$(x status --json | jq .jails[0].sources[0].rotations)"
daemon_stop
finish
