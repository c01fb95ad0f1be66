#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# chan_sip writes line feeds of strangers into its log: nobody is banned, or known, by
# what may be the second half of a line of its own.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
JSON_LOG=$T/json.log
: >"$JSON_LOG"
cat >"$CONF/xdpban.local" <<END
[xdpban]
sip-sensor = on
END
jail_local <<END
[sshd]
enabled = true
[asterisk]
enabled = true
logpath = $LOG
maxretry = 3
[json]
enabled = true
filter = asterisk
evidence = proven
logpath = $JSON_LOG
maxretry = 3
END
daemon_up
[ "$(x status --json | jq .sip.running)" = true ] ||
	skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"

# event NAME SERVICE TRANSPORT ADDRESS [TAIL]: a line of Asterisk's security log.
event() {
	printf '[%s] SECURITY[1] res_security_log.c: SecurityEvent="%s",EventTV="%s",%s' \
		"$(date '+%F %T')" "$1" "$(date +%FT%T.000+0000)" \
		'Severity="Error",Service="'"$2"'",EventVersion="1",AccountID="100",SessionID="x",'
	printf 'LocalAddress="IPV4/%s/%s/5060",RemoteAddress="IPV4/%s/%s/5061"%s\n' \
		"$3" "$SERVER" "$3" "$4" "${5:-}"
}
failures_by() {	# SERVICE TRANSPORT ADDRESS
	local i

	for i in 1 2 3; do event InvalidAccountID "$@"; done
}
# What is there of a line that ends in a name.
torn_notice() { printf '[%s] NOTICE[1] chan_sip.c: Registration from '"'"'"x\n' "$(date '+%F %T')"; }
in_json() {	# FILE MESSAGE
	printf '{"hostname":"h","timestamp":"%s","identifiers":{"lwp":1,"callid":""},%s"%s",%s"%s"}}\n' \
		"$(date '+%F %T')" '"logmsg":{"location":{"filename":' "$1" \
		'"function":"f","line":1},"level":"NOTICE","message":' "$2"
}
is_limited() { x list --limited --json | jq -r .address | grep -qxF "$1"; }
is_known() { [ "$(x why "$1" --json | jq -r 'select(.what == "sip") | .standing')" = known ]; }
login() { event SuccessfulAuth "$1" UDP "$2" ',UsingPassword="1"'; }
jail() { x status --json | jq ".jails[] | select(.name == \"$1\") | .$2"; }

# ---- chan_pjsip alone: its lines are believed
failures_by PJSIP TLS 203.0.113.1 >>"$LOG"
check "a connection proves" banned_in 10 203.0.113.1
login PJSIP 203.0.113.2 >>"$LOG"
check "a login is believed" wait_until 10 is_known 203.0.113.2
check_is "the log proves something" "$(jail asterisk proves_nothing)" false

# ---- one line of chan_sip's, and the rest of it
{
	torn_notice
	failures_by PJSIP TLS 203.0.113.66
	login PJSIP 203.0.113.67
} >>"$LOG"
check "the victim is limited" wait_until 10 is_limited 203.0.113.66
check_not "not banned" is_banned 203.0.113.66
check_not "a forged login makes nobody known" is_known 203.0.113.67
check_is "status says so" "$(jail asterisk proves_nothing)" true
check_has "to people, too" "$(x status)" "its log proves nothing"
check_has "and the log" "$(cat "$T/daemon.out")" "[asterisk] whoever sends"

# ---- after a reload as before
sed -i 's/^maxretry = 3/maxretry = 4/' "$CONF/jail.local"
check "reload" x reload
{ failures_by PJSIP TLS 203.0.113.68; failures_by PJSIP TLS 203.0.113.68; } >>"$LOG"
check "limited" wait_until 10 is_limited 203.0.113.68
check_not "not banned" is_banned 203.0.113.68

# ---- in JSON a line feed is no line feed
{
	for i in 1 2 3 4; do
		in_json chan_sip.c "Registration from '\\\\\"x\\\\nNOTICE[1] x.c: y"
		in_json res_security_log.c "$(event InvalidAccountID SIP TLS 203.0.113.3 |
			sed 's/^.*res_security_log.c: //; s/"/\\\\"/g')" | sed 's/\\\\"/\\"/g'
	done
} >>"$JSON_LOG"
check "chan_sip in JSON is believed" banned_in 10 203.0.113.3
check_is "it proves" "$(jail json proves_nothing)" false
check_is "nobody else was banned" "$(x list --json | jq -r .address | sort | tr '\n' ' ')" \
	"203.0.113.1 203.0.113.3 "
finish
