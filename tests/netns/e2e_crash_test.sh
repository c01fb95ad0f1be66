#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 while attackers send: drops go on, a ban ends on time without the
# daemon, and the next daemon has lost nothing and counts nothing twice.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

SHORT=203.0.113.1	# banned for a few seconds
LONG=2001:db8::1	# banned for an hour
HALF=203.0.113.3	# 2 failures before the crash, 3 after it
FOUR=203.0.113.4	# 4 failures before the crash, none after it
DEAD=203.0.113.5	# all its failures while no daemon runs
SHORT_S=12

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
bantime = 1h
[sshd-short]
enabled = true
filter = sshd
logpath = $T/short.log
bantime = ${SHORT_S}s
END
: >"$T/short.log"
for a in $SHORT $LONG $HALF $FOUR $DEAD; do
	ns_addr server phone 1 $a
done
daemon_up

check "before: the short one is answered" ask phone "$SERVER" $PORT $SHORT
check "before: the long one is answered" ask phone "$SERVER6" $PORT $LONG
failures $HALF 2
failures $FOUR 4
failures $LONG 5
failures $SHORT 5 "$T/short.log"
check "the long one is banned" banned_in 5 $LONG
check "the short one is banned" banned_in 5 $SHORT
short_until=$(field $SHORT 'until | floor')
all_read
until_before=$(field $LONG until)
check_not "banned: the long one gets no answer" ask phone "$SERVER6" $PORT $LONG
check_not "banned: the short one gets no answer" ask phone "$SERVER" $PORT $SHORT

in_bg phone python3 "$HERE/talk.py" flood "$SERVER6" $PORT 20000 $LONG
daemon_kill
check_not "no daemon: control socket is dead" x reload
dropped() { field $LONG packets; }
more_dropped() { [ "$(dropped)" -gt "$first" ]; }
first=$(dropped)
check_not "no daemon: the long one still gets no answer" ask phone "$SERVER6" $PORT $LONG
check "no daemon: its packets are dropped and counted" wait_until 5 more_dropped
check "no daemon: others are answered" ask phone "$SERVER" $PORT $FOUR
[ "$(date +%s)" -ge $((short_until - 3)) ] ||
	check_not "no daemon: the short one is still out" ask phone "$SERVER" $PORT $SHORT
check "no daemon: the short ban ends by itself" \
	wait_until $((SHORT_S + 4)) ask phone "$SERVER" $PORT $SHORT
check "no daemon: and not before its time" [ "$(date +%s)" -ge "$short_until" ]
failures $HALF 3
failures $DEAD 5

daemon_up
check "restart: failures before and after the crash add up" banned_in 5 $HALF
check "restart: what was logged meanwhile counts" banned_in 5 $DEAD
all_read
check_not "restart: failures are not counted twice" is_banned $FOUR
check_not "restart: the ended ban is gone" is_banned $SHORT
check_is "restart: the long ban is there once" "$(times_listed $LONG)" 1
check_is "restart: and ends when it was to end" \
	"$(printf %.0f "$(field $LONG until)")" "$(printf %.0f "$until_before")"
check_not "restart: the long one still gets no answer" ask phone "$SERVER6" $PORT $LONG
failures $FOUR 1
check "restart: the fifth failure bans" banned_in 5 $FOUR
finish
