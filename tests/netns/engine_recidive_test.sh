#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who is banned again and again is banned for long: by a jail that counts bans
# (backend = bans), and by Fail2ban's own filter reading our log.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

STOCK=/etc/fail2ban/filter.d/recidive.conf
AGAIN=203.0.113.1 ONCE=203.0.113.2 FRIEND=203.0.113.3
server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 2
bantime = 1s
[recidive]
enabled = true
maxretry = 3
ignoreip = $FRIEND
bantime = 2h
END
ns_addr server phone 1 $AGAIN
# ban_of ADDRESS JAIL MEMBER
ban_of() { x list --json | jq -r --arg a "$1" --arg j "$2" "select(.address == \$a and .jail == \$j) | .$3"; }
stands() { [ -n "$(ban_of "$1" "$2" since)" ]; }
gone() { ! is_banned "$1"; }
# A ban by sshd that ends after a second, in which nobody may look: so the log is asked.
once() {
	before=$(logged "$1")
	failures "$1" 2
	check "$1 is banned by sshd" wait_until 5 one_more "$1"
	check "and not for long" wait_until 5 wait_end "$1" sshd
}
logged() { grep -c "\[sshd\] Ban ${1//./\\.}\$" "$T/daemon.out"; }
one_more() { [ "$(logged "$1")" -gt "$before" ]; }
wait_end() { ! stands "$1" "$2"; }

check "the shipped jail is right" x check
daemon_up
once $AGAIN
once $ONCE
check "one ban is over" gone $ONCE
once $FRIEND
once $AGAIN
# The counts are saved with everything else: the third ban comes after a crash.
saved() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
sys.exit(db.execute("SELECT count(*) FROM state WHERE owner=?", ["recidive"]).fetchone()[0] < 2)
' "$T/state/xdpban.sqlite3"
}
check "counts are saved" wait_until 5 saved
recorded() { [ "$(x why --json $AGAIN | jq -s '[.[] | select(.what == "event")] | length')" = 2 ]; }
check "and events" wait_until 5 recorded
daemon_kill
daemon_up
check "two bans are not enough" gone $AGAIN
once $AGAIN
check "three are" wait_until 5 stands $AGAIN recidive
check_is "for long" "$(ban_of $AGAIN recidive 'remaining > 7000')" true
check_is "from everywhere" "$(ban_of $AGAIN recidive scope)" all
check_not "no answer" ask phone "$SERVER" $PORT $AGAIN
check_has "why: the bans that led there" "$(x why $AGAIN)" "[sshd] Ban $AGAIN"
check_is "why: those since the crash" "$(x why --json $AGAIN | jq 'select(.jail == "recidive" and .what == "ban") | .lines | length')" 1
once $FRIEND
once $FRIEND
check "who may is not banned for long" gone $FRIEND
x ban 198.51.100.1 --for 1h >/dev/null
check_is "status: it has no log, and nothing is wrong" "$(x status --json | jq '.problems | length')" 0
x unban --all >/dev/null

# The same bans by our log, as Fail2ban's recidive jail reads its own.
check_is "our own filter reads our log" \
	"$(x test --json recidive "$T/daemon.out" | jq -rs '[.[] | select(.id == "'$AGAIN'")] | length')" 3
if [ -e $STOCK ]; then
	cp $STOCK "$CONF/filter.d/stock.conf"
	check_is "Fail2ban's filter reads our log" \
		"$(x test --json stock "$T/daemon.out" | jq -rs '[.[] | select(.id == "'$AGAIN'")] | length')" 3
	cat >>"$CONF/jail.local" <<-END
	[again]
	enabled = true
	filter = stock
	logpath = $T/daemon.out
	maxretry = 2
	bantime = 3h
	END
	check "reload" x reload
	once $ONCE
	check "the jail that reads our log bans" wait_until 5 stands $ONCE again
	check_is "for long" "$(ban_of $ONCE again 'remaining > 10000')" true
fi

# The same in a replay, with the log's own time.
for m in 10 20 30; do
	for s in 1 2; do
		echo "2026-11-22T10:$m:0$s+00:00 server sshd[7]: Failed password for root from 192.0.2.1 port 4 ssh2"
	done
done >"$T/old.log"
check_is "replay" "$(x replay --json "$T/old.log" | jq -r 'select(.id) | .jail' | tr '\n' ' ')" \
	"sshd sshd sshd recidive "
finish
