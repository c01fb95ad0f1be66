#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an operator did, with a kill -9 behind it: a ban and a pardon that are written
# down stay; one that was killed before is done or not done, in the list and in the
# kernel alike; and a reload loses no count.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"
command -v jq >/dev/null || skip "needs jq"
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
check "ban" x ban $HAND --for 1h --reason "by hand"
check "written down" wait_until 20 written $HAND 1
crash
check "the ban is there after a crash" is_banned $HAND
check_is "with its reason" "$(field $HAND reason)" "by hand"
check_not "and no answer" answered $HAND
check "unban" x unban $HAND
check "written down, too" wait_until 20 written $HAND 0
crash
check_not "the pardon stays" is_banned $HAND
check "and he is answered" answered $HAND

# Killed as soon as it was told: perhaps before the commit.
for round in 1 2 3 4; do
	check "ban $round" x ban $AGAIN --for 1h
	check "written down $round" wait_until 20 written $AGAIN 1
	x unban $AGAIN >/dev/null
	sleep "0.00$round"
	crash
	if is_banned $AGAIN; then
		check_not "$round: listed, and no answer" answered $AGAIN
	else
		check "$round: not listed, and answered" answered $AGAIN
	fi
done

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
