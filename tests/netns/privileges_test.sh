#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the processes of a running daemon may still do: every thread of the one that
# reads logs has one capability, none gains any, and banning goes on without.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"

server_up
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
END
daemon_up
failures 203.0.113.1 5
check "it bans" banned_in 10 203.0.113.1
in_file() { [ "$(sqlite3 "$T/state/xdpban.sqlite3" 'SELECT count(*) FROM bans' 2>&1)" = "$1" ]; }
! command -v sqlite3 >/dev/null ||
	check "and writes that down, with a thread of its own" wait_until 10 in_file 1

# field_of TASK NAME: of its status.
field_of() { sed -n "s/^$2:[[:space:]]*//p" "$1/status"; }
READ=4				# 1 << CAP_DAC_READ_SEARCH
n=0
for task in "/proc/$daemon_pid/task/"*; do
	name=$(cat "$task/comm")
	for set in CapPrm CapEff CapBnd; do
		got=$((16#$(field_of "$task" $set)))
		# Older kernels want CAP_BPF for every call: 1 << 39.
		since 5.19 || got=$((got & ~(1 << 39)))
		check_is "$name: $set" $got $READ
	done
	check_is "$name: no program gives it more" "$(field_of "$task" NoNewPrivs)" 1
	n=$((n + 1))
done
check "the database's thread is one of them" [ $n -ge 2 ]
for pid in $(cat "/proc/$daemon_pid/task/$daemon_pid/children"); do
	name=$(cat "/proc/$pid/comm")
	# What that one starts is the operator's, with the rights that we were given.
	[ "$name" != xdpban-run ] || continue
	check_is "$name: no program gives it more" "$(field_of "/proc/$pid" NoNewPrivs)" 1
	# What it takes to attach: CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF.
	check_is "$name: no other rights" \
		$((16#$(field_of "/proc/$pid" CapPrm) & ~(1 << 12 | 1 << 21 | 1 << 38 | 1 << 39))) 0
done
daemon_stop
check_is "it ends well ($(tail -n 3 "$T/daemon.out"))" $? 0
finish
