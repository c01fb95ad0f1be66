#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A provider that no file names and that has no password: its calls are answered, and
# by that it becomes known.  Who only calls, or does not hear the answer, does not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

ns_new server
ns_new phone
ns_link server phone 1
SERVER=$(addr4 1 server) SERVER6=$(addr6 1 server)
for host in 203.0.113.10 203.0.113.20 203.0.113.30 203.0.113.40 2001:db8:7::10; do
	ns_addr server phone 1 $host
done
cp -r configs "$CONF"
cat >"$CONF/xdpban.local" <<END
[xdpban]
sip-sensor = on
sip-known-calls = 3
sip-known-apart = 1s
END
jail_local </dev/null
daemon_up phone
[ "$(x status --json | jq .sip.running)" = true ] ||
	skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"
in_bg server python3 "$HERE/sip_talk.py" guests >"$T/guests.out" 2>&1
check "a PBX that lets everybody call" wait_until 10 grep -q ready "$T/guests.out"

# calls FROM N STATUS [NUMBER [--deaf]]: N calls one after the other, a second apart.
calls() {
	local from=$1 n=$2 want=$3 to=$SERVER i

	shift 3
	[[ $from != *:* ]] || to=$SERVER6
	ip -n "$P-phone" route replace "$to" dev wire src "$from"
	for ((i = 0; i < n; i++)); do
		check_is "$from calls" "$(in_ns phone python3 "$HERE/sip_talk.py" call \
			"$to" "${@:-100}")" "$want"
		sleep 1.1	# sip-known-apart
	done
}
is_known() { [ "$(x why "$1" --json | jq -r 'select(.what == "sip") | .standing')" = known ]; }
answered() { [ "$(x status --json | jq .sip.senders.answered_calls)" = "$1" ]; }

calls 203.0.113.10 2 200
check "two calls were answered" wait_until 10 answered 2
check_not "they are not enough" is_known 203.0.113.10
calls 203.0.113.10 1 200
check "the third is" wait_until 10 is_known 203.0.113.10
check "the log says so" grep -q '203.0.113.10 is known: its calls are answered' "$T/daemon.out"

calls 2001:db8:7::10 3 200
check "by IPv6, too" wait_until 10 is_known 2001:db8:7::10

# ---- who is not
calls 203.0.113.20 4 200 100 --deaf
calls 203.0.113.30 3 404 900
check "all was seen" wait_until 10 answered 6
check_not "who cannot hear the answers" is_known 203.0.113.20
check_not "who calls numbers that do not exist" is_known 203.0.113.30

# ---- a refusal in between, and he begins again
calls 203.0.113.40 2 200
calls 203.0.113.40 1 404 900
calls 203.0.113.40 2 200
check "all was seen" wait_until 10 answered 10
check_not "two and two are not three" is_known 203.0.113.40
calls 203.0.113.40 1 200
check "three are" wait_until 10 is_known 203.0.113.40

# ---- what it is good for
known_pass() {
	x status --json | jq '[.sip.messages.classes[]["pass-known"] // 0] | add'
}
before=$(known_pass)
calls 203.0.113.10 1 200
check "its messages are those of a known source" [ "$(known_pass)" -gt "$before" ]
daemon_stop
daemon_up
check "also after a restart" is_known 203.0.113.10
check_is "nobody was banned" "$(x list --json | wc -l)" 0

# ---- switched off
sed -i 's/^sip-known-calls.*/sip-known-calls = 0/' "$CONF/xdpban.local"
check "reload" x reload
calls 203.0.113.20 4 200
check "they are answered" wait_until 10 answered 4
check_not "but it makes nobody known" is_known 203.0.113.20

# ---- the sensor itself takes a restart, and whoever asks is told
sed -i 's/^sip-sensor.*/sip-sensor = off/' "$CONF/xdpban.local"
check_has "reload says so" "$(x reload 2>&1)" "sip-sensor = off takes a restart"
check_is "it goes on" "$(x status --json | jq .sip.running)" true
check_has "status says so" "$(x status --json | jq -r '.problems[]')" "though sip-sensor = off"
daemon_stop
daemon_up
check_is "then it is gone" "$(x status --json | jq .sip.running)" false
sed -i 's/^sip-sensor.*/sip-sensor = on/' "$CONF/xdpban.local"
check_has "reload says so" "$(x reload 2>&1)" "sip-sensor = on takes a restart"
check_has "status says so" "$(x status --json | jq -r '.problems[]')" "takes a restart"
daemon_stop
daemon_up
check_is "and back" "$(x status --json | jq .sip.running)" true
finish
