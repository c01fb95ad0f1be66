#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the shell offers after TAB, without a daemon.
set -u
passed=0 failed=0
# shellcheck source=scripts/xdpban.completion
. scripts/xdpban.completion

# offers WANT WORD...: behind these words, the last one being typed.
offers() {
	local want=$1

	shift
	# shellcheck disable=SC2034	# read by the completion
	COMP_WORDS=("$XDPBAN" "$@") COMP_CWORD=$#
	_xdpban
	if [ "${COMPREPLY[*]}" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: '$*': got '${COMPREPLY[*]}', want '$want'"
	fi
}

offers "set siege status" s
offers "replay reload" help re
offers "sip-siege sip-siege-above sip-siege-below sip-siege-calm" help sip-siege
offers "bantime.increment" help bantime.i
offers "--reason" ban --r
offers "--socket --sort --state" list --s
offers "lo" attach lo
offers "ipset" export --format i
offers "generic" attach eth0 --mode g
offers "list check add del" trust ""
offers "--all" detach --a
offers "maxretry maxmatches" set sshd max
offers "" set sshd maxretry ""
offers "" list ""
echo "$passed passed, $failed failed"
[ $failed = 0 ]
