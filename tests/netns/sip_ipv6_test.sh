#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIP over IPv6: who is known, limited, trusted, banned, and what a /64 may.  A real
# Kamailio and svcrack; forged senders.
SETTINGS='sip-sensor = on
sip-signatures = count agent friendly-scanner
sip-limit-time = 5m'
KAMAILIO_CFG=$(mktemp)
# docs/sip.md: nonces that belong to one source.
sed '/^request_route/i\
modparam("auth", "auth_checks_register", 8)' \
	"$(dirname "$0")/../../scripts/demo/kamailio.cfg" >"$KAMAILIO_CFG"
. "$(dirname "$0")/e2e_services.sh"
rm -f "$KAMAILIO_CFG"

PHONE6=2001:db8:20::1
VICTIM=2001:db8:30::66
TRUNK=2001:db8:40::7
CRACK=2001:db8:bad::22

talk() {
	local host=$1

	shift
	on "$host" python3 "$HERE/sip_talk.py" "$@"
}
status() { x status --json | jq -r "$1"; }
messages() { status "[.sip.messages.classes$1 // 0] | add"; }
standing() { x why "$1" --json | jq -r 'select(.what == "sip") | .standing'; }
stands() { [ "$(standing "$1")" = "$2" ]; }
is_limited() { x list --limited --json | jq -r .address | grep -qxF "$1"; }
registers() { [ "$(talk "$1" register $SERVER6 alice "$PHONE_PASSWORD")" = 200 ]; }

[ "$(status .sip.running)" = true ] || skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"
client phone6 $PHONE6
client victim $VICTIM
client liar 2001:db8:99::1

# ---- known, and trusted
check "a phone registers" registers phone6
check "it is known" wait_until 10 stands $PHONE6 known
check "a trunk is named by hand" x trust add $TRUNK
check "it is trusted" wait_until 10 stands $TRUNK trusted
before=$(messages '.register["pass-trusted"]')
talk liar forge $SERVER6 $TRUNK 200
check_is "none of its messages is limited" \
	$(($(messages '.register["pass-trusted"]') - before)) 200

# ---- a /64 is one stranger
before=$(messages '.register["pass-unknown"]')
talk liar forge $SERVER6 2001:db8:a::1 500 --different
passed=$(($(messages '.register["pass-unknown"]') - before))
check "500 addresses of one /64 share its bucket: $passed pass" \
	[ $passed -ge 25 -a $passed -le 60 ]
check "the others were limited" [ "$(messages '[]["drop-source"]')" -ge 400 ]
check "a stranger in another /64 is not" sip_answers victim $VICTIM
talk liar forge $SERVER6 $PHONE6 200
check "nor the phone in whose name somebody floods" registers phone6

# ---- a flood of as many networks as addresses
for ((i = 0; i < 40; i++)); do
	talk liar forge $SERVER6 2001:db8:f$i::1 200
done
check "the phone registers afterwards" registers phone6
check_is "of known sources nothing was limited" "$(messages '[]["drop-known"]')" 0

# ---- without proof: a limit, for SIP
talk liar forge $SERVER6 $VICTIM 40 --junk
check "failures without proof limit" wait_until 60 is_limited $VICTIM
check "a victim reaches everything but SIP" ssh_answers victim $VICTIM
check_is "nobody is banned" "$(x list --json)" ""
check "a login ends it" eval "wait_until 30 registers victim && ! is_limited $VICTIM"

# ---- with proof: a ban, by XDP
rest_s=60
guess crack6 $CRACK svcrack
check "svcrack is banned" banned_in 60 $CRACK
check_is "by the sensor's jail" "$(field $CRACK jail)" sip-sensor
check_is "with proof" "$(x why $CRACK --json |
	jq -c 'select(.what == "ban") | .lines[].proven' | sort -u)" true
attacks_end
check_not "it is not answered any more" sip_answers crack6 $CRACK
check_not "on no port" ssh_answers crack6 $CRACK
check "the phone is" registers phone6
finish
