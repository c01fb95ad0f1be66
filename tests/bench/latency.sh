#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long from a log line to the ban?  xdpban and Fail2ban, measured in turns.
#
#	sudo make bench-latency		or: tests/bench/latency.sh BINARY [ATTACKERS]
#
# Both follow a file of their own with an sshd filter, maxretry 5, defaults
# otherwise.  Fail2ban's action does nothing but write a time stamp, in its own
# process, so no command has to be started: the best case for it.
#
# Then a million lines at once go to a log of Asterisk's, one in ten a failure, and
# attackers to the other log (burst.c).  BURST=N: so many lines, 0: leave it out.
here=$(dirname "$(realpath "$0")")
. "$here/../../scripts/demo/stage.sh"
stage_enter "$0" "$@"
set -eu
xdpban=$(realpath "${1:-build/xdpban}") rounds=${2:-200}
top=$(realpath "$here/../..") stopwatch=${xdpban%/*}/tests/bench/latency
log=$STAGE/sshd.log flooded=$STAGE/asterisk.log burst=${BURST-1000000}
bursts=3
export TZ=UTC
peer_log=$STAGE/peer.log stamps=$STAGE/stamps

fail() {
	echo "latency: $*" >&2
	exit 1
}

xdpban_up() {
	local conf=$STAGE/xdpban

	cp -r "$top/configs" $conf
	cat >$conf/jail.local <<-END
	[DEFAULT]
	backend = auto
	banaction = %(banaction_allports)s
	[sshd]
	enabled = true
	logpath = $log
	maxretry = 5
	[asterisk]
	enabled = true
	logpath = $flooded
	evidence = any
	END
	ours="--config $conf --state $STAGE/state --socket $STAGE/xdpban.sock
		--pin $STAGE/bpf/xdpban"
	mode=$(on server "$xdpban" attach eth0 $ours) || fail "cannot attach"
	boot server $STAGE/xdpban.out "$xdpban" run --foreground $ours
	daemon=$booted
	within 10 "$xdpban" status $ours >/dev/null 2>&1 ||
		fail "the daemon did not start: $(cat $STAGE/xdpban.out)"
	pin=$(dirname "$(find $STAGE/bpf/xdpban -name bans4)")
}

# Milliseconds of processor time so far: of the thread that reads, and of all.
spent() {
	cat /proc/$daemon/task/$daemon/schedstat /proc/$daemon/task/*/schedstat |
		awk 'NR == 1 { reader = $1 / 1e6; next } { all += $1 / 1e6 } END { print reader, all }'
}

# Debian's package, its stock filter and its default backend ("auto").
fail2ban_up() {
	local conf=$STAGE/fail2ban

	command -v fail2ban-server >/dev/null || fail "Fail2ban is not installed"
	cp -r /etc/fail2ban $conf
	rm -f $conf/jail.d/*
	cat >$conf/action.d/stamp.py <<-END
	import time
	from fail2ban.server.action import ActionBase
	class Stamp(ActionBase):
	    def ban(self, info):
	        now = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
	        with open("$stamps", "a") as f:
	            f.write("%s %d\n" % (info["ip"], now))
	Action = Stamp
	END
	cat >$conf/fail2ban.local <<-END
	[Definition]
	logtarget = $STAGE/fail2ban.log
	socket = $STAGE/fail2ban.sock
	pidfile = $STAGE/fail2ban.pid
	dbfile = $STAGE/fail2ban.sqlite3
	END
	cat >$conf/jail.local <<-END
	[sshd]
	enabled = true
	backend = auto
	logpath = $peer_log
	maxretry = 5
	action = stamp.py
	END
	boot server $STAGE/fail2ban.out fail2ban-server -xf -c $conf start
	within 20 grep -qs "Jail 'sshd' started" $STAGE/fail2ban.log ||
		fail "Fail2ban did not start: $(cat $STAGE/fail2ban.out)"
	backend=$(sed -n "s/.*Jail 'sshd' uses \([a-z]*\).*/\1/p" $STAGE/fail2ban.log)
}

stage_up
: >$log
: >$peer_log
: >$flooded
: >$stamps
xdpban_up
fail2ban_up
mac=$(on server ip -o link show eth0 | sed 's/.*link.ether \([0-9a-f:]*\).*/\1/')
echo "$rounds attackers, one after another; Linux $(uname -r), $(nproc) CPUs," \
	"$(fail2ban-server --version) ($backend); veth, ${mode##*, };" \
	"load before: $(cut -d ' ' -f 1 /proc/loadavg)"
missed=0
"$stopwatch" "$rounds" $log $peer_log $stamps "$pin" up0 "$mac" $SERVER4 $SERVER6 || missed=1

[ "$burst" != 0 ] || exit $missed
tools=${stopwatch%/*}

# How replay reads files, one process each: lines/s by the clock, and milliseconds of
# processor time for all of the process.
replayed() {
	local TIMEFORMAT='%U %S' f

	for f in "$@"; do
		{ time "$xdpban" replay --config $STAGE/xdpban --jail asterisk "$f"; } 2>&1 |
			awk '/ lines, / { sub(/.*\(/, ""); rate = $1 }
			     END { print rate, ($1 + $2) * 1000 }'
	done
}

# A burst of each file; $1: the daemon, to be stopped while they are written, or 0.
bursts_of() {
	local stopped=$1 reader all reader_then all_then
	shift

	read -r reader all < <(spent)
	"$tools/burst" $flooded $log "$pin" "$stopped" "$@" || missed=1
	read -r reader_then all_then < <(spent)
	awk -v n=$# -v lines="$burst" -v r="$reader $reader_then" -v a="$all $all_then" '
		function since(two, t) { split(two, t, " "); return t[2] - t[1] }
		BEGIN {
			printf "  processor time for each: %.0f ms of the thread that reads, " \
				"%.2f M lines/s; %.0f ms of the whole daemon\n", since(r) / n,
				n * lines / since(r) / 1e3, since(a) / n
		}'
}

# In memory and on the disk: /run is small.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
files=()
for ((i = 1; i <= 2 * bursts; i++)); do
	files+=("$dir/$i")
	"$tools/loglines" asterisk "$burst" 10 $i $(($(date +%s) - burst / 2000)) >"$dir/$i"
done
echo "bursts"
before=$(replayed "${files[@]}")
bursts_of $daemon "${files[@]:0:bursts}"
bursts_of 0 "${files[@]:bursts}"
after=$(replayed "${files[@]}")
median_of() {
	printf '%s\n' "$before" "$after" | cut -d ' ' -f "$1" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
awk -v rate="$(median_of 1)" -v ms="$(median_of 2)" 'BEGIN {
	printf "  replay of the same files, each before and after: %.2f M lines/s; " \
		"processor time for each %.0f ms\n", rate / 1e6, ms
}'
exit $missed
