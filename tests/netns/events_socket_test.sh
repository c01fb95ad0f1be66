#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs report to events.sock and by UDP: what counts, who is believed, what is
# refused, and that neither floods nor garbage harm.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

# An "object" a line, each in a datagram of its own; to events.sock, or to UDP.
send() { at_server python3 "$HERE/send_events.py" "${2:-$T/events.sock}" "$1"; }
times() { local i; for ((i = 0; i < $1; i++)); do echo "$2"; done; }
# report ADDRESS N [MEMBERS [JAIL]]
report() {
	times "$2" "{\"jail\":\"${4:-web}\",\"ip\":\"$1\"${3:+,$3}}" | send -
}
event() { at_server "$XDPBAN" event "$@" --socket "$T/sock"; }
input() { x status --json | jq -r ".events[] | select(.name | contains(\"$1\")) | .$2"; }
has_problem() { x status --json | jq -r '.problems[]' | grep -qF -- "$1"; }
marks=0
all_taken() {
	marks=$((marks + 1))
	report 198.18.$marks.4 3
	check "what was sent has been read ($marks)" banned_in 20 198.18.$marks.4
}

server_up
jail_local <<END
[web]
enabled  = true
backend  = events
maxretry = 3
findtime = 10m
ignoreip = 192.0.2.0/24
[picky]
enabled  = true
backend  = events
maxretry = 3
evidence = proven
[opensips]
enabled  = true
backend  = events
maxretry = 1
[sshd]
enabled = true
logpath = $LOG
END
cat >"$CONF/xdpban.local" <<END
[xdpban]
events-group = nogroup
events-udp = 127.0.0.1:5090
events-rate = 2000
END
check "the configuration is right" x check
daemon_up
check_is "the socket's rights" "$(stat -c '%a %U %G' "$T/events.sock")" "660 root nogroup"

# ---- counting -----------------------------------------------------------------------

report 203.0.113.1 2
all_taken
check_not "two are not enough" is_banned 203.0.113.1
report 203.0.113.1 1 '"user":"bob","transport":"tls","text":"wrong \"password\"\n"'
check "the third is" banned_in 20 203.0.113.1
check_has "why tells it" "$(x why 203.0.113.1)" \
	'failure of 203.0.113.1 by tls as "bob": wrong "password"?'
report 2001:db8::1 3
check "IPv6" banned_in 20 2001:db8::1
report 203.0.113.2 5 '' sshd
check "a jail with a log can be named, too" banned_in 20 203.0.113.2
report 203.0.113.3 2
report 203.0.113.3 1 '"what":"success"'
report 203.0.113.3 2
report 192.0.2.7 5
report 203.0.113.4 5 "\"time\":$(($(date +%s) - 3600))"
all_taken
check_not "a success forgives" is_banned 203.0.113.3
check_not "who is allowed" is_banned 192.0.2.7
check_not "what is too old" is_banned 203.0.113.4

for _ in 1 2 3; do
	check "the verb" event web 203.0.113.5 user=eve text="a b"
done
check "and its ban" banned_in 20 203.0.113.5
check_is "a jail that does not run" "$(event wob 203.0.113.5 2>&1; echo $?)" \
	"xdpban: event: no jail 'wob' is running (did you mean 'web'?)
1"
check_is "a transport that is none" \
	"$(event web 203.0.113.5 transport=pigeon >/dev/null 2>&1; echo $?)" 2
check_not "no address" event web example.com
check_not "no member" event web 203.0.113.5 colour=red
check_is "members at fault are usage" "$(event web 203.0.113.5 x=1 >/dev/null 2>&1; echo $?)" 2

# ---- who is believed -------------------------------------------------------------------

udp=127.0.0.1:5090
times 3 '{"jail":"web","ip":"203.0.113.10"}' | send - $udp
check "by UDP" banned_in 20 203.0.113.10
times 3 '{"jail":"picky","ip":"203.0.113.11","proven":true,"transport":"tls"}' | send - $udp
report 203.0.113.12 2 '' picky
report 203.0.113.12 1 '"transport":"udp"' picky
report 203.0.113.13 3 '"transport":"ws"' picky
report 203.0.113.14 2
times 1 '{"jail":"web","ip":"203.0.113.14","what":"success"}' | send - $udp
udp_taken() { [ "$(input udp taken)" = 7 ]; }
check "all of it came" wait_until 10 udp_taken
report 203.0.113.14 1
check "proof counts" banned_in 20 203.0.113.13
check "a success by UDP forgives nobody" banned_in 20 203.0.113.14
check_not "no proof, no ban" is_banned 203.0.113.12
check_not "UDP proves nothing" is_banned 203.0.113.11
check "status tells of the success" has_problem "success by UDP"

# as GROUP: nobody of that group sends an event.
as() {
	setpriv --reuid nobody --regid "$1" --clear-groups /usr/bin/python3 - \
		"$T/events.sock" '{"jail":"web","ip":"203.0.113.15"}' <"$HERE/send_events.py"
}
chmod 711 "$T"
check "the group may send" as nogroup
check_not "others may not" as daemon

# ---- OpenSIPS -----------------------------------------------------------------------------

send '{"jsonrpc":"2.0","method":"E_PIKE_BLOCKED","params":{"ip":"203.0.113.20"}}'
send $'E_PIKE_BLOCKED\nip::203.0.113.21\n\n' $udp
send $'E_AUTH\nuser::"a\nip::203.0.113.66\n"\nip::203.0.113.22\n\n'
check "OpenSIPS 3" banned_in 20 203.0.113.20
check "OpenSIPS 2, by UDP" banned_in 20 203.0.113.21
all_taken
check_not "a value cannot forge an address" is_banned 203.0.113.66

# ---- what is wrong -----------------------------------------------------------------------------

bad=$(input events.sock refused)
long=$(input events.sock too_long)
printf '%s\n' '{' '[]' '{"jail":"web"}' 'E_X' '{"jail":"web","ip":"203.0.113.0/24"}' \
	$'\xff\xfe' '{"jail":"web","ip":"203.0.113.9","ip":"203.0.113.8"}' | send -
send "$(printf '%9000s' x)"
send '{"jail":"nosuch","ip":"203.0.113.9"}'
all_taken
check_is "datagrams that are no events" $(($(input events.sock refused) - bad)) 7
check_is "and one that is too long" $(($(input events.sock too_long) - long)) 1
check "a jail that does not run is a problem" has_problem "named a jail that does not run"
check "the log says who" grep -q "process [0-9]* of user 0 sent" "$T/daemon.out"
check_is "once" "$(grep -c "is no event" "$T/daemon.out")" 1

flood=$(input events.sock too_many)
times 20000 '{"jail":"web","ip":"203.0.113.30"}' | send -
more() { [ "$(input events.sock too_many)" -gt "$flood" ]; }
check "what comes too fast is thrown away" wait_until 20 more
check "and told" has_problem "came too fast"
check "the daemon goes on" banned_in 20 203.0.113.30

# ---- reload, restart ----------------------------------------------------------------------------

sed -i 's/^events-udp =.*/events-udp = 127.0.0.1:5091/; s/^events-rate.*//' "$CONF/xdpban.local"
check "reload" x reload
times 3 '{"jail":"web","ip":"203.0.113.40"}' | send - 127.0.0.1:5091
check "another port" banned_in 20 203.0.113.40
report 203.0.113.41 2
all_taken
check "reload" x reload
report 203.0.113.41 1
check "counts go on over a reload" banned_in 20 203.0.113.41
for bad in 'events-udp = 127.0.0.1' 'events-udp = ::1:5090' 'events-udp-peers = pbx' \
	'events-group = no-such-group'; do
	echo "$bad" >>"$CONF/xdpban.local"
	check_not "refused: $bad" x check
	sed -i '$d' "$CONF/xdpban.local"
done

# From another machine: only peers.
printf '%s\n' "events-udp = $SERVER:5092" >>"$CONF/xdpban.local"
sed -i '/127.0.0.1:5091/d' "$CONF/xdpban.local"
check "reload" x reload
times 3 '{"jail":"web","ip":"203.0.113.50"}' |
	in_ns phone python3 "$HERE/send_events.py" "$SERVER:5092" -
stranger() { [ "$(input udp strangers)" = 3 ]; }
check "strangers are not heard" wait_until 10 stranger
check_not "whatever they say" is_banned 203.0.113.50
printf '%s\n' "events-udp-peers = $(addr4 1 client)" >>"$CONF/xdpban.local"
check "reload" x reload
times 3 '{"jail":"web","ip":"203.0.113.50"}' |
	in_ns phone python3 "$HERE/send_events.py" "$SERVER:5092" -
check "peers are" banned_in 20 203.0.113.50

daemon_kill
check_not "nobody listens" event web 203.0.113.60
daemon_up
for _ in 1 2 3; do event web 203.0.113.60; done
check "a socket that a crash left is replaced" banned_in 20 203.0.113.60
daemon_stop
check_is "stop" $? 0
check_not "the socket is gone" [ -e "$T/events.sock" ]
finish
