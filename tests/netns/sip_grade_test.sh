#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who can be banned by what anybody can forge?  Nobody.  A real Kamailio with
# passwords; real phones and svcrack; and somebody who writes any sender into his
# datagrams.  The sensor sees the wire, the jail kamailio the log.
SETTINGS='sip-sensor = on
sip-signatures = count agent friendly-scanner
sip-limit-time = 5m'
KAMAILIO_CFG=$(mktemp)
# By itself Kamailio gives everybody the same nonce in the same second, which proves
# nothing; docs/sip.md says how it binds them to the source.
sed -e 's/^disable_tcp=yes//' -e '/^request_route/i\
modparam("auth", "auth_checks_register", 8)' \
	"$(dirname "$0")/../../scripts/demo/kamailio.cfg" >"$KAMAILIO_CFG"
KAMAILIO_ARGS='-l tcp:198.51.100.10:5060'
. "$(dirname "$0")/e2e_services.sh"
rm -f "$KAMAILIO_CFG"

talk() {
	local host=$1

	shift
	on "$host" python3 "$HERE/sip_talk.py" "$@"
}
status() {
	x status --json | jq -r "$1"
}
is_limited() {
	x list --limited --json | jq -r .address | grep -qxF "$1"
}
# In a log of the daemon's, or anywhere.
nobody_banned() {
	[ -z "$(x list --json)" ]
}
reaches_ssh() {
	on "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$SERVER4/22 && head -c 4 <&3" |
		grep -q '^SSH-'
}

[ "$(status .sip.running)" = true ] || skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"
client victim 203.0.113.66
client clumsy 203.0.113.67
client liar 203.0.113.99
client tcp 203.0.113.68
sysctl -qw net.ipv4.conf.all.rp_filter=0
for dev in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >"$dev"; done

# ---- a phone is known, and fades only after days
check_is "the phone registers" "$(talk phone register $SERVER4 alice "$PHONE_PASSWORD")" 200
known() { [ "$(status .sip.senders.known)" = "$1" ]; }
check "it is known" wait_until 10 known 1
check "as why says" eval "x why $PHONE | grep -q 'is known'"

# ---- 10,000 forged senders, victims among them
talk liar forge $SERVER4 10.1.0.0 10000 --different
sleep 3		# until the limit that all strangers share has room again
talk liar forge $SERVER4 203.0.113.66 40
talk liar forge $SERVER4 203.0.113.67 40 --junk
nonce=$(talk liar nonce $SERVER4)
check "a nonce of the liar's own" [ -n "$nonce" ]
talk liar forge $SERVER4 $PHONE 40
check "failures without proof limit" wait_until 60 is_limited 203.0.113.66
check "credentials of nobody prove nothing" wait_until 60 is_limited 203.0.113.67
talk liar forge $SERVER4 203.0.113.68 40 --nonce "$nonce"
sleep 12	# patience with challenges: none may count later
check "nobody is banned" nobody_banned
check_is "no nonce was sent to two" "$(status .sip.senders.nonces_shared)" 0
check_not "who is known is not even limited" is_limited $PHONE
check "a victim reaches everything but SIP" reaches_ssh victim
check "the log says so" grep -q 'Limit 203.0.113.66 for .* (SIP only)' "$T/daemon.out"
check "the known phone still registers" \
	[ "$(talk phone register $SERVER4 alice "$PHONE_PASSWORD")" = 200 ]
check "why shows the grade" eval "x why 203.0.113.66 | grep -q 'sender not proven'"

# ---- a login ends a limit
check "unban lifts a limit" x unban 203.0.113.67
check_not "it is gone" is_limited 203.0.113.67
check_is "a victim that logs in" "$(talk clumsy register $SERVER4 alice "$PHONE_PASSWORD" --wrong 1)" 200
check "is known" wait_until 10 known 2
check_not "and not limited" is_limited 203.0.113.67

# ---- somebody who is really there
check_not "a phone that mistyped is not banned" is_banned 203.0.113.67
rest_s=60
guess crack4 203.0.113.21 svcrack
check "svcrack is banned" banned_in 60 203.0.113.21
check_is "by the sensor's jail" "$(field 203.0.113.21 jail)" sip-sensor
x why 203.0.113.21 --json | jq -c 'select(.what == "ban") | .lines[].proven' | sort -u >"$T/proofs"
check_is "with proof" "$(cat "$T/proofs")" true
check_is "what it calls itself is counted" "$(status '.sip.messages.signatures[] | "\(.signature): \(.messages > 0)"')" \
	"count agent friendly-scanner: true"
attacks_end

# ---- a connection proves who sends
talk tcp register $SERVER4 alice - --tcp --wrong 12 >/dev/null
check "failures by TCP ban" banned_in 20 203.0.113.68
check_is "these two, and nobody else" "$(x list --json | jq -r .address | sort -u | wc -l)" 2

# ---- who is known outlives the daemon
daemon_stop
daemon_up
check "known after a restart" known 2

# ---- what scanners call themselves
attacker_up crude 203.0.113.69
dropped() { [ "$(status '[.sip.messages.classes[]["drop-signature"] // 0] | add')" -gt 0 ]; }
check_not "nothing was dropped for its name so far" dropped
sed -i 's/count agent/drop agent/' "$CONF/xdpban.local"
check "reload" x reload
guess crude 203.0.113.69 svcrack
check "or be dropped" wait_until 20 dropped
attacks_end
finish
