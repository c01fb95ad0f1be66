# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the long tests share: figures, beside the checks of netns/lib.sh.
now_ms() { echo $(($(date +%s%N) / 1000000)); }
report() { printf '%-34s %s\n' "$1" "$2"; }
# of PID: peak of memory in MB; processor time in ms.
peak() { awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$1/status"; }
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' "/proc/$1/stat"; }
# Memory of the kernel's maps that PID holds, in MB.
maps_mb() { cat /proc/"$1"/fdinfo/* 2>/dev/null |
	awk '/^map_id/ { id = $2 } /^memlock/ { map[id] = $2 } END { for (i in map) s += map[i]
		printf "%.0f", s / 1048576 }'; }
size_mb() { du -cm "$1"* | awk 'END { print $1 }'; }

# The daemon says little, and where we see it.
quiet_daemon() {
	sed -i 's/^logtarget = .*/logtarget = stderr/' "$CONF/xdpban.conf"
	printf '[xdpban]\nloglevel = WARNING\n' >"$CONF/xdpban.local"
	printf '%s\n' "$@" >>"$CONF/xdpban.local"
}

# in_db QUERY: what the database answers, one line.
in_db() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
print(*db.execute(sys.argv[2]).fetchone())' "$T/state/xdpban.sqlite3" "$1"
}
