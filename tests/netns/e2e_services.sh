# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The demo's stage, with real services and real attackers, for tests.  Instead
# of lib.sh:
#
#	. "$(dirname "$0")/e2e_services.sh"
#	finish
#
# sshd and Kamailio run, every host of the cast exists, xdpban is attached and
# watches both logs with the shipped configuration.

demo=$(dirname "$0")/../../scripts/demo
. "$demo/stage.sh"
stage_enter "$0" "$@"
. "$demo/services.sh"
. "$demo/cast.sh"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

for tool in jq sipp svwar svcrack hydra kamailio rsyslogd /usr/sbin/sshd; do
	command -v $tool >/dev/null || skip "needs $tool"
done
export TZ=UTC

at_server() { on server "$@"; }
# $! is the command's own process.
at_server_bg() {
	nsenter --net=/run/netns/server -- "$@" &
	children+=($!)
}

# ssh_answers HOST ADDRESS: the server's sshd says who it is.
ssh_answers() {
	on "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$(server_for "$2")/22 &&
		head -c 4 <&3" 2>/dev/null | grep -q '^SSH-'
}

# sip_answers HOST ADDRESS: the registrar answers an OPTIONS request.  The
# request is one datagram, so one write: hence the file.
sip_answers() {
	printf '%s\r\n' 'OPTIONS sip:x@example.org SIP/2.0' \
		"Via: SIP/2.0/UDP $(bracketed "$2"):5060;branch=z9hG4bK$RANDOM" \
		'Max-Forwards: 70' 'From: <sip:x@example.org>;tag=1' \
		'To: <sip:x@example.org>' "Call-ID: $RANDOM$RANDOM" \
		'CSeq: 1 OPTIONS' 'Content-Length: 0' '' >"$T/options"
	on "$1" timeout 2 bash -c "exec 3<>/dev/udp/$(server_for "$2")/5060 &&
		cat '$T/options' >&3 && head -c 7 <&3" 2>/dev/null | grep -q '^SIP/2.0'
}

# each_with TOOL FUNCTION: FUNCTION HOST ADDRESS for every attacker with it.
each_with() {
	each_attacker "$2" "$1"
}

stage_up
services_up || {
	cat $STAGE/*.out
	skip "the services do not start here"
}
cast_up
cp -r configs "$CONF"
# Tests of the SIP sensor have settings of the daemon's own.
[ -z "${SETTINGS:-}" ] || printf '[xdpban]\n%s\n' "$SETTINGS" >"$CONF/xdpban.local"
jail_local <<END
[sshd]
enabled = true
logpath = /var/log/auth.log
bantime = 1h
[kamailio]
enabled = true
logpath = /var/log/kamailio.log
bantime = 1h
END
daemon_up eth0
