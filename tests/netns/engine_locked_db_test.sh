#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A database that somebody holds locked while the daemon starts: bans that the
# kernel has stay there, new ones are added, and all of it is put together as
# soon as the lock goes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

OLD=203.0.113.1 NEW=203.0.113.2 PARDONED=203.0.113.3
server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
bantime = 1h
bantime.increment = true
END
for a in $OLD $NEW $PARDONED; do
	ns_addr server phone 1 $a
done

# Hold the file as nobody else can even read it, until a line comes.
lock_db() {
	mkfifo "$T/hold"
	python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("PRAGMA user_version=1")
open(sys.argv[2], "w").close()
sys.stdin.readline()
' "$T/state/xdpban.sqlite3" "$T/locked" <"$T/hold" &
	exec 7>"$T/hold"
	wait_until 5 test -e "$T/locked"
}
unlock_db() {
	echo >&7
}
problems() { x status --json | jq -r '.problems[]'; }
shouts() { problems | grep -q database; }
quiet() { [ -z "$(problems)" ]; }
in_jail() { [ "$(field "$1" jail)" = sshd ]; }

daemon_up
failures $OLD 5
failures $PARDONED 5
check "banned" banned_in 5 $OLD
check "banned, too" banned_in 5 $PARDONED
saved() { [ "$(sqlite_count)" = 2 ]; }
sqlite_count() {
	python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM bans").fetchone()[0])' \
		"$T/state/xdpban.sqlite3"
}
check "and saved" wait_until 5 saved
daemon_kill
: >"$LOG"	# or its lines would be read again, and ban by themselves
lock_db
daemon_up
check "status shouts" shouts
check_not "the store does not know the old ban yet" is_banned $OLD
check_not "but its packets are dropped" ask phone "$SERVER" $PORT $OLD
failures $NEW 5
check "new bans come" banned_in 5 $NEW
check_not "and are enforced" ask phone "$SERVER" $PORT $NEW
check_not "the old ban still is" ask phone "$SERVER" $PORT $OLD
unlock_db
check "unlocked: the old ban is there again" wait_until 90 in_jail $OLD
check "and the new one" is_banned $NEW
check_not "the old one gets no answer" ask phone "$SERVER" $PORT $OLD
check "nothing is wrong any more" wait_until 10 quiet
saved3() { [ "$(sqlite_count)" = 3 ]; }

check "everything is in the file" wait_until 10 saved3
daemon_kill
daemon_up
check "and read back: old" is_banned $OLD
check "and read back: new" is_banned $NEW
finish
