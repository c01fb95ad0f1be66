#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody removes the database while the daemon runs: all there is, not only bans,
# is written anew, and a kill -9 after that loses nothing that was counted before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"

BANNED=192.0.2.1 WATCHED=192.0.2.2 KNOCKED=198.51.100.3 WAITS=198.51.100.4
server_up
: >"$T/asking.log" >"$T/door.log"
# It answers "no" when somebody lets it.
cat >"$T/ask" <<END
#!/bin/sh
while [ ! -e $T/go ]; do sleep 0.05; done
exit 1
END
chmod +x "$T/ask"
cat >"$CONF/filter.d/door.conf" <<'END'
[Definition]
prefregex = ^ door\[<F-MLFID>\d+</F-MLFID>\]: <F-CONTENT>.+</F-CONTENT>$
failregex = ^<F-NOFAIL>connection</F-NOFAIL> from <ADDR>$
            ^wrong key$
END
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = 3
bantime = 1h
[door]
enabled = true
filter = door
logpath = $T/door.log
maxretry = 1
[asking]
enabled = true
filter = sshd
logpath = $T/asking.log
maxretry = 2
ignorecommand = $T/ask <ip>
END
quiet_daemon 'aggregate = 2'
door() { printf '%s door[7]: %s\n' "$(date +%FT%T.%6N%:z)" "$1" >>"$T/door.log"; }
# How many are banned; of the state of our jails and of networks, how many rows.
rows() {
	in_db "SELECT (SELECT count(*) FROM bans),
		sum(owner = 'sshd' AND key <> CAST('sessions' AS BLOB) || x'00'),
		sum(owner = 'door'), sum(owner = '[aggregate]'),
		sum(owner = 'asking' AND key <> CAST('sessions' AS BLOB) || x'00') FROM state"
}
all_there() { [ "$(rows)" = "1 1 1 1 1" ]; }

daemon_up
failures $BANNED 3
failures $WATCHED 2
door "connection from $KNOCKED"
failures $WAITS 1 "$T/asking.log"
check "all of it is written down" wait_until 20 all_there
rm -f "$T"/state/xdpban.sqlite3*
door "nothing of interest"
check "removed: all of it is written again" wait_until 60 all_there
daemon_kill
# Or what they say would be read again, and count anew.
: >"$LOG"
: >"$T/asking.log"
: >"$T/door.log"
touch "$T/go"
daemon_up
check "who was banned is" is_banned $BANNED
failures $WATCHED 1
check "two failures were known" banned_in 10 $WATCHED
check "two banned addresses are a network" banned_in 10 192.0.2.0/24
door "wrong key"
check "the session was known" banned_in 10 $KNOCKED
failures $WAITS 1 "$T/asking.log"
check "a failure that waited counts" banned_in 20 $WAITS
finish
