#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an operator did, with a kill -9 behind it: a ban and a pardon that are written
# down stay; one that was killed before is done or not done, in the list and in the
# kernel alike; and a reload loses no count.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"
HAND=10.0.1.1 AGAIN=10.0.1.2

server_up
for who in $HAND $AGAIN; do ns_addr server phone 1 $who; done
jail() {
	jail_local <<-END
	[sshd]
	enabled = true
	logpath = $LOG
	maxretry = $1
	findtime = 1h
	END
}
jail 9
answered() { ask phone "$SERVER" $PORT "$1"; }
written() { [ "$(in_db "SELECT count(*) FROM bans WHERE who = '$1'")" = "$2" ]; }
crash() { daemon_kill; daemon_up; }

daemon_up
check "before: he is answered" answered $HAND
check_is "ban" "$(x ban $HAND --for 1h --reason "by hand" 2>&1)" \
	"$HAND is banned for the next 1h (jail manual)"
crash
check "the ban is there after a crash" is_banned $HAND
check_is "with its reason" "$(field $HAND reason)" "by hand"
check_not "and no answer" answered $HAND
check "unban" x unban $HAND
crash
check_not "the pardon stays" is_banned $HAND
check "and he is answered" answered $HAND

# Killed while it is being done, and not told yet: it is done or not, here and there.
for round in 1 2 3 4; do
	check "ban $round" x ban $AGAIN --for 1h
	x unban $AGAIN >/dev/null 2>&1 &
	unban=$!
	sleep "0.00$round"
	daemon_kill
	wait $unban
	daemon_up
	if is_banned $AGAIN; then
		check_not "$round: listed, and no answer" answered $AGAIN
	else
		check "$round: not listed, and answered" answered $AGAIN
	fi
done

# Somebody else writes to the file, and does not end.
mkfifo "$T/hold"
python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
sys.stdin.readline()
' "$T/state/xdpban.sqlite3" "$T/locked" <"$T/hold" &
exec 7>"$T/hold"
check "the file is locked" wait_until 20 test -e "$T/locked"
check_has "a ban is told to be done, but not written" "$(x ban 10.0.1.3 2>&1)" \
	"done, but not in the database yet: "
check "it is in force" is_banned 10.0.1.3
check_has "and an unban" "$(x unban 10.0.1.3 2>&1)" "done, but not in the database yet"
x ban 10.0.1.4 >"$T/late" 2>&1 &
late=$!
check "somebody waits for the answer" banned_in 10 10.0.1.4
{ kill -9 $late; wait $late; } 2>/dev/null
check "and goes: the daemon goes on" x list
echo >&7
exec 7>&-
check "the lock goes: it is written" wait_until 90 written 10.0.1.4 1

failures 203.0.113.1 2
counted() { x why --json 203.0.113.1 | jq -e -s 'any(.[]; .what == "watched" and .failures == 2)'; }
check "two of nine" wait_until 20 counted
jail 3
check "reload: it is three now" x reload
crash
check "two of three" wait_until 20 counted
check_not "and no ban" is_banned 203.0.113.1
failures 203.0.113.1 1
check "the third one bans" banned_in 20 203.0.113.1
check_is "with three" "$(field 203.0.113.1 failures)" 3
finish
