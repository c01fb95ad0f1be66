#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `xdpban import`: a Fail2ban's configuration and bans, into a shipped one.
. "$(dirname "$0")/lib.sh"

has() { # WHAT TEXT PATTERN
	is "$1" "$(grep -c -- "$3" <<<"$2")" 1
}

import() {
	"$XDPBAN" import "$dir/fail2ban" --config "$dir/etc" --state "$dir/state" \
		--socket "$dir/sock" "$@" 2>&1
	echo "status $?"
}

if ! [ -d /etc/fail2ban/filter.d ]; then
	echo "the package fail2ban is not installed"
	exit 77
fi
cp -r /etc/fail2ban "$dir/fail2ban"
cp -r configs "$dir/etc"
cat >"$dir/fail2ban/jail.local" <<END
[DEFAULT]
ignoreip = 127.0.0.1/8 192.0.2.9
[apache-auth]
enabled = true
[recidive]
enabled = true
END
printf '[Definition]\ndbfile = %s\n' "$dir/bans.sqlite3" >"$dir/fail2ban/fail2ban.local"
printf '[Definition]\n' >"$dir/fail2ban/filter.d/sshd.local"
/usr/bin/python3 - "$dir/bans.sqlite3" <<'END'
import sqlite3, sys, time
now = int(time.time())
db = sqlite3.connect(sys.argv[1])
db.execute('CREATE TABLE bips(ip TEXT NOT NULL, jail TEXT NOT NULL, timeofban INTEGER, '
           'bantime INTEGER, bancount INTEGER, data JSON, PRIMARY KEY(ip, jail))')
db.executemany('INSERT INTO bips(ip, jail, timeofban, bantime, bancount) VALUES(?,?,?,?,?)', [
    ('192.0.2.1', 'sshd', now, 3600, 3), ('2001:db8::1', 'apache-auth', now, -1, 1),
    ('192.0.2.2', 'sshd', now - 9999, 600, 1), ('192.0.2.3', 'dovecot', now, 600, 1),
    ('no-address', 'sshd', now, 600, 1)])
db.commit()
END

out=$(import)
has "done" "$out" "^status 0$"
has "our filter stays, and is changed by theirs" "$out" \
	"^kept: filter.d/sshd.conf: .*your .local now changes that one"
has "their jails come" "$out" "^replaced: jail.conf: "
has "what others include comes, too" "$out" "^replaced: filter.d/common.conf: "
has "what changes" "$out" 'jails sshd, apache-auth: "iptables-multiport" is done by xdpban itself'
has "recidive counts bans" "$out" "^note: jail.d/xdpban-import.local: recidive counts the bans"
has "without their log" "$("$XDPBAN" check --print --config "$dir/etc")" "^backend = bans$"
has "bans" "$out" "^2 bans taken over, 1 left out that are over, 1 left out of jails that do not run here, 1 left out of what is no address$"
is "ours is beside it" "$(cmp configs/jail.conf "$dir/etc/jail.conf.before-import" && echo same)" same

out=$("$XDPBAN" check --config "$dir/etc" 2>&1; echo "status $?")
has "it is sound" "$out" "3 of 91 jails enabled, .* 0 errors, 0 warnings"
is "their allowlist, in each of their jails" \
	"$("$XDPBAN" check --print --config "$dir/etc" | grep -c '192\.0\.2\.9$')" 3

bans=$(/usr/bin/python3 - "$dir/state/xdpban.sqlite3" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(sorted(db.execute('SELECT * FROM bans ORDER BY 1').fetchall())[0][:2],
      db.execute('SELECT count(*) FROM bans').fetchone()[0],
      db.execute('SELECT count(*) FROM offenders').fetchone()[0])
END
)
is "what is stored" "$bans" "('192.0.2.1', 'sshd') 2 3"

has "again changes nothing" "$(import --json)" \
	'"summary": {"copied": 0, "replaced": 0, "kept": [0-9]*, "failed": 0, "bans": 2,'
has "no Fail2ban" "$("$XDPBAN" import "$dir/none" --config "$dir/e2" --state "$dir/s2" \
	--socket "$dir/sock" 2>&1; echo "status $?")" "^status 1$"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
