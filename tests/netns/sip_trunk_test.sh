#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A trunk with 500 calls a second: not one of its messages is limited, because the
# PBX's configuration says who it is.
# alone: so many calls are most of what a small machine can do
. "$(dirname "$0")/sip_lib.sh"
sip_server_up

# calls_of NAME SECONDS: 500 a second.  A machine that is busy otherwise loses calls by
# itself, though not three times in a row; what is limited is counted for all of them.
calls_of() {
	local i

	for i in 1 2 3; do
		figures=$(trunk "$1-$i" 1 "$2" 500)
		[ "${figures##* }" != 100.0 ] || break
	done
}

check_is "the trunk is trusted" "$(standing $TRUNK)" trusted
calls_of busy 4
all_succeed "500 calls a second" "$figures"
check_is "not one message was limited" "$(dropped)" 0
check "they were counted: INVITE" [ "$(messages invite pass-trusted)" -ge 2000 ]
check "they were counted: ACK and BYE" [ "$(messages dialog pass-trusted)" -ge 4000 ]
check_is "none took it for a stranger" "$(messages all pass-unknown)" 0

# Also without the daemon, whom the packet program does not need.
daemon_kill
calls_of alone 2
all_succeed "500 calls a second, no daemon" "$figures"
daemon_up
check_is "then neither" "$(dropped)" 0
finish
