#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Failures that wait for somebody's answer, a name server's or an ignorecommand's,
# when the daemon is killed, stopped or told to reload: the log behind them has been
# read and written down as read, and still none of them is lost or counted twice.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/../soak/lib.sh"

server_up
: >"$T/zone" >"$T/asking.log" >"$T/names.log"
printf 'nameserver %s\noptions timeout:15 attempts:1\n' "$(addr4 1 client)" >"$T/resolv.conf"
mount --bind "$T/resolv.conf" /etc/resolv.conf || skip "cannot bind a file"
# It answers "no" when somebody lets it.
cat >"$T/ask" <<END
#!/bin/sh
while [ ! -e $T/go ]; do sleep 0.05; done
exit 1
END
chmod +x "$T/ask"
toy_filter
jail_local <<END
[asking]
enabled = true
filter = toy
logpath = $T/asking.log
maxretry = 2
ignorecommand = $T/ask <ip>
[resolving]
enabled = true
filter = toy
usedns = yes
logpath = $T/names.log
maxretry = 2
END
# Where the database says that the log has been read to.
read_to() { [ "$(in_db "SELECT ifnull(max(offset), 0) FROM positions WHERE source LIKE '%$1'")" = "$(stat -c %s "$T/$1")" ]; }
watched() { x why --json "$1" | jq -s '[.[] | select(.what == "watched") | .failures] | add // 0'; }
counts() { [ "$(watched "$1")" = "$2" ]; }
waiting() { in_db "SELECT count(*) FROM state WHERE substr(key, 1, 7) = CAST('waiting' AS BLOB)"; }
none_waits() { [ "$(waiting)" = 0 ]; }

killed() { daemon_kill; daemon_up; }
stopped() { daemon_stop; daemon_up; }
killed_twice() { daemon_kill; daemon_up; daemon_kill; daemon_up; }
reloaded() { check "$how: reload" x reload; }

# hurt N HOW: two failures of 192.0.2.N, one of 192.0.2.1N, while nobody answers.
hurt() {
	local n=$1 how=$2

	rm -f "$T/go"
	toy asking.log "192.0.2.$n" 2
	toy asking.log "192.0.2.1$n" 1
	check "$how: read, and written down as read" wait_until 20 read_to asking.log
	check_not "$how: and not counted yet" is_banned "192.0.2.$n"
	"$how"
	: >"$T/go"
	check "$how: both are counted when the answer comes" banned_in 30 "192.0.2.$n"
	check_is "$how: once each" "$(field "192.0.2.$n" failures)" 2
	check "$how: one is one" wait_until 10 counts "192.0.2.1$n" 1
	check_not "$how: and no ban" is_banned "192.0.2.1$n"
}
daemon_up
hurt 1 killed
hurt 2 stopped
hurt 3 killed_twice
hurt 4 reloaded

# The name server says nothing at first.  (Without one, names do not exist.)
in_bg phone python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 53))
time.sleep(999)'
silent=$!
served() { in_ns phone cat /proc/net/udp | grep -q ":0035 "; }
check "a silent server" wait_until 20 served
echo "attacker.example A 192.0.2.50" >"$T/zone"
toy names.log attacker.example 2
check "name: written down as read" wait_until 20 read_to names.log
daemon_kill
kill $silent
wait $silent 2>/dev/null
in_bg phone python3 "$HERE/dns.py" "$(addr4 1 client)" "$T/zone"
check "a server" wait_until 20 served
daemon_up
check "name: asked again, and both are counted" banned_in 30 192.0.2.50
check_is "name: once each" "$(field 192.0.2.50 failures)" 2

toy asking.log 192.0.2.61 2
check "one more" banned_in 20 192.0.2.61
check "nothing waits any more, here or in the file" wait_until 20 none_waits
daemon_stop
check_is "SIGTERM ends it well ($(tail -n 3 "$T/daemon.out"))" $? 0
finish
