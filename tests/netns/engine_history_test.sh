#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever is banned again is banned for longer, and kill -9 between any two steps of
# that changes nothing: each ban counts once, also one that came and went while
# nobody was there to see it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"
ADDRESSES=8 ROUNDS=3

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 2
findtime = 1d
bantime = 2
bantime.increment = true
END
daemon_up
# Of all of ours: at least so many bans are on record; none is in force.
on_record() { [ "$(in_db "SELECT count(*) FROM offenders WHERE bans >= $1 AND who LIKE '192.0.2.%'")" = $ADDRESSES ]; }
nobody() { [ -z "$(x list --json)" ]; }

kills=0
for ((round = 1; round <= ROUNDS; round++)); do
	for ((i = 1; i <= ADDRESSES; i++)); do
		failures 192.0.2.$i 1
		# Before the line is read, or its count is written down, or after that.
		sleep "$((RANDOM % 2)).$(printf %03d $((RANDOM % 500)))"
		failures 192.0.2.$i 1
		[ $((i % 2)) = 0 ] || continue
		sleep "0.$(printf %03d $((RANDOM % 400)))"
		daemon_kill
		daemon_up
		kills=$((kills + 1))
	done
	check "round $round: all of them" wait_until 60 on_record $round
	check "round $round: and it is over" wait_until 60 nobody
done
check_is "$kills times killed: each ban is on record once, twice as long as the last" \
	"$(in_db "SELECT group_concat(what || ' x ' || n, ', ') FROM (SELECT what, count(*) AS n
		FROM (SELECT earlier || ': ' || ((until - since) / 1000000) || ' s' AS what
			FROM events WHERE who LIKE '192.0.2.%') GROUP BY what)")" \
	"0: 2 s x $ADDRESSES, 1: 4 s x $ADDRESSES, 2: 8 s x $ADDRESSES"

# A ban that began and ended while nobody was there.
failures 198.51.100.1 2
check "a first ban" banned_in 20 198.51.100.1
check "is over" wait_until 30 nobody
check "and on record" wait_until 20 eval '[ "$(in_db "SELECT count(*) FROM offenders WHERE who = '"'198.51.100.1'"'")" = 1 ]'
daemon_kill
# He comes again when that one is over, and is through with the next one, too.
first=$(in_db "SELECT since / 1000000 FROM events WHERE who = '198.51.100.1'")
then=$(date -d "@$((first + 3))" '+%FT%T%:z')
for port in 1 2; do
	echo "$then server sshd[9]: Failed password for root from 198.51.100.1 port $port ssh2"
done >>"$LOG"
check "time goes by" wait_until 30 eval '[ "$(date +%s)" -gt $((first + 8)) ]'
daemon_up
all_read
check_not "a second one is over before anybody reads of it" is_banned 198.51.100.1
failures 198.51.100.1 2
check "the next one" banned_in 20 198.51.100.1
check_is "is the third" "$(field 198.51.100.1 earlier)" 2
finish
