#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A trunk with 500 calls a second: not one of its messages is limited, because the
# PBX's configuration says who it is.
# alone: so many calls are most of what a small machine can do
. "$(dirname "$0")/sip_lib.sh"
sip_server_up

check_is "the trunk is trusted" "$(standing $TRUNK)" trusted
all_succeed "500 calls a second" "$(trunk busy 1 4 500)"
check_is "not one message was limited" "$(dropped)" 0
check "they were counted: INVITE" [ "$(messages invite pass-trusted)" -ge 2000 ]
check "they were counted: ACK and BYE" [ "$(messages dialog pass-trusted)" -ge 4000 ]
check_is "none took it for a stranger" "$(messages all pass-unknown)" 0

# Also without the daemon, whom the packet program does not need.
daemon_kill
all_succeed "500 calls a second, no daemon" "$(trunk alone 1 2 500)"
daemon_up
check_is "then neither" "$(dropped)" 0
finish
