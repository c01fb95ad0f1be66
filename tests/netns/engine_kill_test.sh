#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 at random moments of an attack (KILLS of them; `make soak`: 500), while the
# log is written and rotated: at the end the bans are those of an uninterrupted run,
# each once, at the same failure, and the counts that are left are right.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
KILLS=${KILLS:-15} RATE=${RATE:-2000} MAXRETRY=5
attack() { python3 "$HERE/attack.py" "$@"; }

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = $MAXRETRY
findtime = 1d
bantime = 1d
END
sed -i 's/^logtarget = .*/logtarget = stderr/' "$CONF/xdpban.conf"
printf '[xdpban]\nloglevel = WARNING\nmax-bans = 1000000\nmax-delay = 0\nmax-tracked = 1000000\n' >"$CONF/xdpban.local"
daemon_up
in_bg server python3 "$HERE/attack.py" write "$LOG" "$RATE" "$T/stop"
writer=$!

# Some die while they start, some in the middle of work, some while they commit.
early=0
for ((k = 1; k <= KILLS; k++)); do
	sleep "$((RANDOM % 2)).$(printf %03d $((RANDOM % 1000)))"
	daemon_kill
	in_bg server "$XDPBAN" run --foreground --config "$CONF" --state "$T/state" \
		--socket "$T/sock" --pin "$PIN" 2>>"$T/daemon.out"
	daemon_pid=$!
	if [ $((RANDOM % 4)) = 0 ]; then
		sleep "0.$(printf %03d $((RANDOM % 150)))"
		early=$((early + 1))
	else
		wait_until 20 daemon_answers
	fi
done
check "it still answers" wait_until 30 daemon_answers
: >"$T/stop"
wait $writer
logs=$(ls "$LOG".* | sort)

# One who is banned last tells that all is read.
failures 192.0.2.99 $MAXRETRY
check "everything has been read" banned_in 60 192.0.2.99
recorded() { x why --json 192.0.2.99 | jq -e -s 'any(.[]; .what == "event")'; }
check "and written down" wait_until 10 recorded

# shellcheck disable=SC2086	# several logs
attack sample $MAXRETRY 200 $logs "$LOG" | while read -r who; do
	echo "\"$who\""
	x why --json "$who"
done | jq -n 'reduce inputs as $i ({who: "", counts: {}};
	if ($i | type) == "string" then .who = $i | .counts[$i] = 0
	elif $i.what == "watched" then .counts[.who] += $i.failures else . end) | .counts' >"$T/counts"
# shellcheck disable=SC2086
if out=$(attack check $MAXRETRY $logs "$LOG" "$T/state/xdpban.sqlite3" "$T/counts"); then
	pass
else
	fail "$out"
fi
check_is "nothing is wrong" "$(x status --json | jq -c .problems)" "[]"
cat $logs "$LOG" >"$T/all.log"
printf 'killed %d times, %d of them while starting: %s; %d lines, %d generations of the log; %s\n' \
	"$KILLS" $early "$(head -n 1 <<<"$out")" "$(wc -l <"$T/all.log")" "$(wc -w <<<"$logs")" \
	"database $(du -k "$T/state/xdpban.sqlite3" | cut -f1) kB"
finish
