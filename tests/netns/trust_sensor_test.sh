#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A trunk that the PBX's configuration names is trusted by the SIP sensor as well:
# not limited, not in a siege, as soon as a file names it and no longer.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
TRUNK=198.51.100.7 NET=203.0.113.70 OTHER=192.0.2.7
for who in $TRUNK $NET $OTHER; do ns_addr server phone 1 $who; done
mkdir "$T/asterisk"
identify() { # MATCH
	printf '[carrier]\ntype=identify\nmatch=%s\n' "$1" >"$T/asterisk/pjsip.conf"
}
identify "$TRUNK,203.0.113.64/28"
cat >"$CONF/xdpban.local" <<END
[xdpban]
trust = asterisk:$T/asterisk
sip-sensor = on
END
jail_local </dev/null
attached=by-the-daemon
sed -i '$ainterfaces = phone' "$CONF/xdpban.local"
daemon_up
[ "$(x status --json | jq .sip.running)" = true ] ||
	skip "the SIP sensor does not run here: $(tail -n 3 "$T/daemon.out")"

# How many of so many messages are answered until one is not.  One at a time: nothing
# here may be lost to a full queue.
cat >"$T/many.py" <<'END'
import socket, sys
server, source, count, patience = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind((source, 0))
sock.settimeout(patience)
answered = 0
for i in range(count):
    sock.sendto(b"OPTIONS sip:x SIP/2.0\r\nCall-ID: %d\r\n\r\n" % i, (server, 5060))
    try:
        sock.recv(2048)
        answered += 1
    except socket.timeout:
        break
print(answered)
END
answers() { in_ns phone python3 "$T/many.py" "$SERVER" "$1" "$2" "${ASK_S:-0.5}"; }
# all_answered ADDRESS: of 300 messages at once; somebody unknown may send 20.
all_answered() { [ "$(answers "$1" 300)" = 300 ]; }
check "all that the trunk sends is answered" wait_until 30 all_answered $TRUNK
check "what a trusted network sends, too" all_answered $NET
check_not "somebody else is limited" all_answered $OTHER

check "a siege" x siege on
check "does not keep the trunk out" all_answered $TRUNK
check "nor the network" all_answered $NET
check_is "but everybody else" "$(answers $OTHER 5)" 0

identify $OTHER
check "who is named during it is let in" wait_until 30 all_answered $OTHER
check "and who is named no longer is not" wait_until 30 eval '[ "$(answers $TRUNK 1)" = 0 ]'
x siege off
daemon_stop
finish
