#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Events while the SIP sensor runs: what they prove decides between a ban and a limit,
# and a login that they tell of makes an address known.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/ami_lib.sh"

PASSWORD=secret
is_limited() { x list --limited --json | jq -r .address | grep -qxF "$1"; }
known() { [ "$(x status --json | jq -r .sip.senders.known)" = "$1" ]; }
event() { at_server "$XDPBAN" event "$@" --socket "$T/sock"; }
# tell EVENT ADDRESS TRANSPORT [CHALLENGE]
tell() { say event "$1" "RemoteAddress=IPV4/$3/$2/5060" ${4:+"Challenge=$4"}; }

server_up
printf '%s\n' "$PASSWORD" >"$T/secret"
chmod 600 "$T/secret"
jail_local <<END
[asterisk]
enabled = true
backend = ami
maxretry = 3
[kamailio]
enabled = true
backend = events
maxretry = 3
END
cat >"$CONF/xdpban.local" <<END
[xdpban]
sip-sensor = on
ami-host = 127.0.0.1
ami-user = xdpban
ami-secret-file = $T/secret
END
asterisk_up
daemon_up phone 9>&-
[ "$(x status --json | jq -r .sip.running)" = true ] ||
	skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"
check "Asterisk is heard" wait_until 30 live

for i in 1 2 3; do
	tell InvalidAccountID 203.0.113.70 UDP
	tell InvalidAccountID 203.0.113.71 TLS
	tell ChallengeSent 203.0.113.72 UDP "ours/$i"
	tell ChallengeResponseFailed 203.0.113.72 UDP "ours/$i"
	tell ChallengeSent 203.0.113.73 UDP "theirs/$i"
	tell ChallengeResponseFailed 203.0.113.74 UDP "theirs/$i"
done
check "a connection proves who it is: banned" banned_in 20 203.0.113.71
check "an answer to our challenge does, too" banned_in 20 203.0.113.72
check "a datagram does not: limited" wait_until 20 is_limited 203.0.113.70
check "nor an answer to somebody else's challenge" wait_until 20 is_limited 203.0.113.74
check_not "who is limited is not banned" is_banned 203.0.113.70
check_not "neither is the other" is_banned 203.0.113.74
check_not "a challenge is no failure" is_limited 203.0.113.73

tell SuccessfulAuth 203.0.113.80 UDP
check "a login by Asterisk's word makes known" wait_until 20 known 1
event kamailio 203.0.113.81 what=success user=bob
check "and by that of a program" wait_until 20 known 2

for _ in 1 2 3; do
	event kamailio 203.0.113.75 transport=udp
	event kamailio 203.0.113.76 transport=udp proven=yes
	event kamailio 203.0.113.77 transport=wss
done
check "a program that knows better is believed" banned_in 20 203.0.113.76
check "a connection is one" banned_in 20 203.0.113.77
check "a datagram is none" wait_until 20 is_limited 203.0.113.75
check_not "so no ban" is_banned 203.0.113.75

# chan_sip lets clients make events up: the same words prove nothing any more.
say event InvalidPassword Service=SIP RemoteAddress=IPV4/UDP/203.0.113.90/5060
for i in 4 5 6; do
	tell InvalidAccountID 203.0.113.91 TLS
	tell ChallengeSent 203.0.113.92 UDP "ours/$i"
	tell ChallengeResponseFailed 203.0.113.92 UDP "ours/$i"
done
tell SuccessfulAuth 203.0.113.93 UDP
check "a connection is only said" wait_until 20 is_limited 203.0.113.91
check "an answer is only said" wait_until 20 is_limited 203.0.113.92
check_not "no ban" is_banned 203.0.113.91
check_not "nor here" is_banned 203.0.113.92
check "nobody has become known" known 2
daemon_stop
check_is "stop" $? 0
finish
