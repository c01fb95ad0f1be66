#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A jail that listens to Asterisk's manager interface, over restarts, lost and deaf
# servers, a wrong password, TLS, and text that attackers put into events.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$(dirname "$0")/ami_lib.sh"
command -v openssl >/dev/null || skip "needs openssl"

PASSWORD='s3cr=t "for" the: PBX'

problems() { x status --json | jq -r '.problems[]'; }
has_problem() { problems | grep -qF -- "$1"; }

# wrong ADDRESS N [KEY=VALUE...]: N refused passwords, by TCP.
wrong() {
	local address=$1 n=$2
	shift 2
	while ((n-- > 0)); do
		say event InvalidPassword "RemoteAddress=IPV4/TCP/$address/5060" "$@"
	done
}
marks=0
events_read() {
	marks=$((marks + 1))
	wrong 198.18.$marks.3 5
	check "what was sent has been read ($marks)" banned_in 20 198.18.$marks.3
}

server_up
printf '%s\n' "$PASSWORD" >"$T/secret"
chmod 600 "$T/secret"
jail_local <<END
[asterisk]
enabled = true
backend = ami
maxretry = 5
[strict]
enabled = true
filter = asterisk
backend = ami
maxretry = 5
evidence = proven
END
cat >"$CONF/xdpban.local" <<END
[xdpban]
ami-host = 127.0.0.1
ami-user = xdpban
ami-secret-file = $T/secret
END

# ---- nobody there, then somebody --------------------------------------------------

daemon_up phone 9>&-
check "a server that is not there is a problem" wait_until 10 has_problem "Connection refused"
asterisk_up
check "it is found when it comes" wait_until 20 live
check "the problem is gone" [ -z "$(problems)" ]
check "the password is not sent" [ "$(grep -cF "$PASSWORD" "$T/actions")" = 0 ]
check "only security events are asked for" grep -q "eventmask=security" "$T/actions"

wrong 203.0.113.1 4
events_read
check_not "four are not enough" is_banned 203.0.113.1
wrong 203.0.113.1 1
check "the fifth is" banned_in 20 203.0.113.1
check_has "why shows the event" "$(x why 203.0.113.1)" 'SecurityEvent="InvalidPassword"'
say burst 500 203.0.113.2
check "a burst in one write" banned_in 20 203.0.113.2
for _ in 1 2 3 4 5; do
	say event FailedACL RemoteAddress=IPV4/TLS/203.0.113.3/5061 ACLName=acl_attribute
	say event InvalidAccountID RemoteAddress=IPV6/WS/2001:db8::3/8088
	say event SuccessfulAuth RemoteAddress=IPV4/TCP/203.0.113.4/5060
	say event ChallengeSent RemoteAddress=IPV4/TCP/203.0.113.4/5060
	say event RequestBadFormat RemoteAddress=IPV4/TCP/203.0.113.4/5060 RequestType=x
done
check "ACLs" banned_in 20 203.0.113.3
check "IPv6" banned_in 20 2001:db8::3
events_read
check_not "what is no failure counts for nobody" is_banned 203.0.113.4
say bytewise
wrong 203.0.113.5 5
check "one byte at a time" banned_in 20 203.0.113.5

# ---- evidence -------------------------------------------------------------------------

by() { x list --json | jq -r 'select(.jail == "strict") | .address' | grep -qx "$1"; }
for _ in 1 2 3 4 5; do
	say event InvalidAccountID RemoteAddress=IPV4/UDP/203.0.113.9/5060
	say event InvalidAccountID RemoteAddress=IPV4/WSS/203.0.113.10/8089
done
check "a sender with a connection is proven" wait_until 20 by 203.0.113.10
check "UDP is enough for the other jail" banned_in 20 203.0.113.9
check_not "and not for the strict one" by 203.0.113.9

# ---- what attackers can write into an event --------------------------------------------

refused=$(ami refused)
for forged in 'x\r\nRemoteAddress:\x20IPV4/TCP/203.0.113.66/5060' \
	'x\nRemoteAddress:\x20IPV4/TCP/203.0.113.66/5060' \
	'x\r\nSessionID:\x201\r\nLocalAddress:\x20IPV4/TCP/1.1.1.1/1\r\nRemoteAddress:\x20IPV4/TCP/203.0.113.66/5060' \
	'x\n\nEvent:\x20InvalidPassword\nPrivilege:\x20security,all' \
	'x\r\nno\x20colon' 'x\x00y' 'x\ry'; do
	wrong 203.0.113.6 5 "AccountID=$forged"
done
events_read
check_is "tampered events are refused" $(($(ami refused) - refused)) 35
check_not "nobody is blamed by text in a name" is_banned 203.0.113.66
check_not "nor is the sender, who cannot be told for sure" is_banned 203.0.113.6
wrong 203.0.113.7 5 \
	'AccountID=x",EventTV="1",RemoteAddress="IPV4/TCP/203.0.113.67/5060'
check "quotes in a name are a name" banned_in 20 203.0.113.7
check_not "and not another field" is_banned 203.0.113.67
say event InvalidPassword RemoteAddress=IPV4/TCP/203.0.113.8/5060 \
	"AccountID=$(printf 'x%.0s' {1..3000})"
wrong 203.0.113.8 4
check "a long name does not hide an event" banned_in 20 203.0.113.8
say raw "$(printf 'Nothing: at all\\r\\n%.0s' {1..200})\\r\\n"
say raw "$(printf 'endless%.0s' {1..20000})\\r\\n\\r\\n"
say raw '\x00\xff\r\n\r\n\r\n\r\nEvent: x\r\n\r\nResponse: Error\r\nActionID: xdpban-3\r\n\r\n'
events_read
check "the connection has survived all that" live
check_is "endless messages are left out" "$(ami too_long)" 1

# chan_sip lets whole events be made up, but not without being named first.
check_is "so far events prove something" "$(ami state)" live
forged='x\r\n\r\n'
for made_up in ChallengeSent ChallengeResponseFailed InvalidPassword SuccessfulAuth; do
	forged+="Event:\\x20$made_up\\r\\nPrivilege:\\x20security,all\\r\\nEventTV:\\x201-2\\r\\n"
	forged+='Severity:\x20Error\r\nService:\x20PJSIP\r\nEventVersion:\x201\r\nAccountID:\x20x\r\n'
	forged+='SessionID:\x201\r\nLocalAddress:\x20IPV4/UDP/1.1.1.1/1\r\n'
	forged+='RemoteAddress:\x20IPV4/TCP/203.0.113.68/1\r\nChallenge:\x20n\r\n\r\n'
done
forged+='X:\x20'
wrong 203.0.113.69 5 Service=SIP "AccountID=$forged"
doubted() { [ "$(ami state)" = "live (proves nothing)" ]; }
check "chan_sip gives doubt" wait_until 20 doubted
check "made up events are failures without proof" banned_in 20 203.0.113.68
check_not "whatever they say" by 203.0.113.68
say drop
check "also after a lost connection" wait_until 20 doubted

# ---- losses and restarts -----------------------------------------------------------------

losses=$(ami losses)
say drop
lost() { [ "$(ami losses)" -gt "$losses" ] && live; }
check "a lost connection comes back" wait_until 20 lost
events_read
asterisk_down
check "a server that is killed is a problem" wait_until 20 has_problem "ami 127.0.0.1"
asterisk_up
check "and found again" wait_until 90 live
events_read
check "the time without it is counted" [ "$(ami 'lost_seconds > 0')" = true ]

printf 'wrong\n' >"$T/secret"
say drop
waits() { [[ $(ami state) == waiting* ]]; }
check "a lost connection" wait_until 20 waits
check "is made anew by a reload" x reload
check "a wrong password is told" wait_until 20 has_problem "refuses our login"
check_not "and never shown" grep -q "wrong$" <(x status; x status --json)
printf '%s\n' "$PASSWORD" >"$T/secret"
chmod 644 "$T/secret"
check "a reload" x reload
check "tries again at once: a password that all can read is not used" \
	wait_until 10 has_problem "chmod 600"
chmod 600 "$T/secret"
check "another one" x reload
check "the file is read at each login" wait_until 10 live
losses=$(ami losses)
check "who is connected" x reload
events_read
check_is "is left alone" "$(ami losses)" "$losses"
say deaf
check "a server that no longer answers is left" wait_until 60 has_problem "ami 127.0.0.1"
asterisk_down

# ---- TLS -----------------------------------------------------------------------------------

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=testca -keyout "$T/ca.key" \
	-out "$T/ca.pem" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=pbx -keyout "$T/pbx.key" \
	-out "$T/pbx.csr" 2>/dev/null
certify() {
	openssl x509 -req -in "$T/pbx.csr" -CA "$T/ca.pem" -CAkey "$T/ca.key" -days 2 \
		-CAcreateserial -out "$T/pbx.pem" \
		-extfile <(echo "subjectAltName=$1") 2>/dev/null
}
certify IP:127.0.0.2,DNS:localhost
asterisk_up --port 5039 --tls "$T/pbx.pem" "$T/pbx.key"
cat >>"$CONF/xdpban.local" <<END
ami-tls = yes
ami-tls-ca = $T/ca.pem
END
check "reload" x reload
check "a certificate for another name is refused" \
	wait_until 30 has_problem "does not match"
check "before the password is on its way" [ "$(ami state)" != live ]
asterisk_down
certify IP:127.0.0.1
asterisk_up --port 5039 --tls "$T/pbx.pem" "$T/pbx.key"
check "one for ours is not" wait_until 90 live
wrong 203.0.113.20 5
check "events over TLS" banned_in 20 203.0.113.20
say bytewise
say burst 50 203.0.113.21
check "in small records" banned_in 20 203.0.113.21
sed -i "s|^ami-tls-ca = .*|ami-tls-fingerprint = $(printf '00%.0s' {1..32})|" "$CONF/xdpban.local"
check "reload" x reload
check "another fingerprint is refused" wait_until 30 has_problem "fingerprint"
print=$(openssl x509 -in "$T/pbx.pem" -noout -fingerprint -sha256)
sed -i "s|^ami-tls-fingerprint = .*|ami-tls-fingerprint = ${print#*=}|" "$CONF/xdpban.local"
check "reload" x reload
check "the right one is enough" wait_until 30 live
sed -i "s|^ami-host.*|ami-host = localhost|; s|^ami-tls-f.*|ami-tls-ca = $T/ca.pem|" \
	"$CONF/xdpban.local"
certify DNS:localhost
asterisk_down
asterisk_up --port 5039 --tls "$T/pbx.pem" "$T/pbx.key"
check "reload" x reload
check "by name" wait_until 30 live
wrong 203.0.113.22 5
check "and its events" banned_in 20 203.0.113.22

# ---- the configuration ----------------------------------------------------------------------

sed -i 's|^ami-host.*|ami-host =|; s|^ami-tls-ca.*|ami-tls-fingerprint = 12:34|' "$CONF/xdpban.local"
out=$(x check 2>&1)
check_has "no host for a jail that needs it" "$out" "backend = ami, but ami-host is not set"
check_has "no fingerprint" "$out" "not the 64 hex digits"
check_not "such a reload is refused" x reload
check "and changes nothing" live
daemon_stop
check_is "stop" $? 0
finish
