#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's whole /etc/fail2ban as it is, every one of its jails enabled: it
# starts, reads the logs that the jails name, and bans with each action's ports.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
[ -f /etc/fail2ban/jail.conf ] || skip "the Debian package fail2ban is not installed"

server_up
rm -rf "$CONF"
cp -r /etc/fail2ban "$CONF"
jails=$(sed -n 's/^\[\([a-z0-9-]*\)\]$/\1/p' "$CONF/jail.conf" | grep -vx 'INCLUDES\|DEFAULT')
for jail in $jails; do
	printf '[%s]\nenabled = true\n' "$jail"
done >"$CONF/jail.local"
# Fail2ban's own database must stay untouched by us.
mount -t tmpfs tmpfs /var/log || skip "cannot mount a tmpfs"
check "check is content" x check
daemon_up
count() { x status --json | jq "$1"; }
check_is "every jail runs" "$(count '.jails | length')" "$(wc -w <<<"$jails")"

# The logs come into being only now.  Where there is a journal, jails read that
# and turn to their logs some seconds later.
LOG=/var/log/auth.log
failures 203.0.113.1 5
check "sshd bans" banned_in 30 203.0.113.1
scope=$(x list --json 203.0.113.1 | jq -r 'select(.jail == "sshd").scope')
check_is "on its own port" "$scope" tcp/22
mkdir -p /var/log/asterisk
for i in 1 2 3 4 5 6 7 8 9 10; do
	printf "[%s] NOTICE[19388] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:%d@192.0.2.9>' failed for '203.0.113.2:5060' (callid: 1) - No matching endpoint found\n" \
		"$(date '+%F %T')" $i
done >/var/log/asterisk/messages
check "asterisk bans" banned_in 30 203.0.113.2
scope=$(x list --json 203.0.113.2 | jq -r 'select(.jail == "asterisk").scope')
check_is "on its own ports, UDP and TCP" "$scope" tcp+udp/5060-5061

# A banned address still reaches what its ban does not cover.
ns_addr server phone 1 203.0.113.1
ns_addr server phone 1 203.0.113.2
check "sshd's ban leaves SIP alone" ask phone "$SERVER" 5060 203.0.113.1
check_not "asterisk's does not" ask phone "$SERVER" 5060 203.0.113.2

daemon_stop
check_is "SIGTERM ends it well ($(tail -n 3 "$T/daemon.out"))" $? 0
umount /var/log
finish
