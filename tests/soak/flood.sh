#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A flood: ADDRESSES different addresses fail, every tenth of them often enough to be
# banned.  How long until all of those are banned, in how much memory, how large is
# the database; and Fail2ban with a tenth of it.
#
#	make soak		or: ADDRESSES=100000 XDPBAN=build/xdpban tests/soak/flood.sh
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
: "${XDPBAN:=$(realpath "${1:-build/xdpban}")}"
export XDPBAN
. "$here/../netns/lib.sh"
. "$here/../netns/e2e_lib.sh"
. "$here/lib.sh"
ADDRESSES=${ADDRESSES:-1000000} MAXRETRY=5 PEER=${PEER:-1}

# flood ADDRESSES LOG: each tenth address fails MAXRETRY times, the others once.
flood() {
	python3 - "$1" "$MAXRETRY" >"$2" <<-'END'
	import random, sys, time
	n, maxretry = int(sys.argv[1]), int(sys.argv[2])
	random.seed(1)
	lines = [i for i in range(n) for _ in range(maxretry if i % 10 == 0 else 1)]
	random.shuffle(lines)
	stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())
	for i in lines:
	    print("%s server sshd[4711]: Failed password for root from 10.%d.%d.%d port 4242 ssh2"
	          % (stamp, i >> 16 & 255, i >> 8 & 255, i & 255))
	END
}
banned=$((ADDRESSES / 10)) lines=$((ADDRESSES / 10 * (MAXRETRY + 9)))
server_up
flood "$ADDRESSES" "$LOG"
jail_local <<END
[sshd]
enabled = true
logpath = $LOG
maxretry = $MAXRETRY
findtime = 1d
bantime = 1d
END
quiet_daemon "max-tracked = $((ADDRESSES + 1))"
sed -i 's/^loglevel = .*/loglevel = NOTICE/' "$CONF/xdpban.local"	# a line for each ban

check "attach" x attach phone
attached=1
begin=$(now_ms)
at_server_bg "$XDPBAN" run --foreground --config "$CONF" --state "$T/state" \
	--socket "$T/sock" --pin "$PIN" >>"$T/daemon.out" 2>&1
daemon_pid=$!
wait_until 30 daemon_answers || { tail "$T/daemon.out"; exit 1; }
slowest=0
while :; do
	t=$(now_ms)
	n=$(x status --json | jq .bans.now)
	t=$(($(now_ms) - t))
	[ $t -le $slowest ] || slowest=$t
	[ "$n" -lt $banned ] || break
	[ $(($(now_ms) - begin)) -lt 300000 ] || break
	sleep 0.1
done
took=$(($(now_ms) - begin))
check_is "all of them are banned" "$n" $banned
stored() {
	[ "$(in_db 'SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM state)')" = \
		"$banned $((ADDRESSES - banned))" ]
}
check "all of it is in the database" wait_until 60 stored
written=$(($(now_ms) - begin))
check_is "nobody was forgotten" "$(x status --json | jq '.jails[0] | .forgotten_early, .watched' | xargs)" \
	"0 $((ADDRESSES - banned))"
check_is "nothing is wrong" "$(x status --json | jq -c .problems)" "[]"
memory=$(peak "$daemon_pid")
report "addresses, to be banned, lines" "$ADDRESSES, $banned, $lines"
report "until the last one is banned" "$took ms"
report "  bans a second, lines a second" "$((banned * 1000 / took)), $((lines * 1000 / took))"
report "until all is in the database" "$written ms"
report "slowest answer to status meanwhile" "$slowest ms"
report "peak memory; maps of the kernel" "$memory MB; $(maps_mb "$daemon_pid") MB"
report "processor time" "$(cpu_ms "$daemon_pid") ms"
report "database" "$(size_mb "$T/state/xdpban.sqlite3") MB"
[ "$ADDRESSES" -lt 1000000 ] || check "peak memory is at most 200 MB" [ "$memory" -le 200 ]

# The same state after a crash: how long until it is all back.
daemon_kill
begin=$(now_ms)
daemon_up
report "restart: until it answers" "$(($(now_ms) - begin)) ms"
check_is "with all bans" "$(x status --json | jq .bans.now)" $banned
check_is "and counts" "$(x status --json | jq '.jails[0].watched')" $((ADDRESSES - banned))
report "restart: peak memory" "$(peak "$daemon_pid") MB"
daemon_stop

# ---- Fail2ban, a tenth of it -----------------------------------------------------------
if [ "$PEER" = 1 ] && command -v fail2ban-server >/dev/null; then
	tenth=$((ADDRESSES / 10)) peer=$T/f2b
	flood $tenth "$T/peer.log"
	cp -r /etc/fail2ban "$peer"
	rm -f "$peer"/jail.d/*
	printf '[DEFAULT]\naction =\n[sshd]\nenabled = true\nbackend = polling\nlogpath = %s\nmaxretry = %d\nfindtime = 1d\nbantime = 1d\n' \
		"$T/peer.log" $MAXRETRY >"$peer/jail.local"
	printf '[Definition]\nlogtarget = %s\nsocket = %s\npidfile = %s\ndbfile = %s\n' \
		"$T/peer.out" "$T/peer.sock" "$T/peer.pid" "$T/peer.sqlite3" >"$peer/fail2ban.local"
	begin=$(now_ms)
	in_bg server fail2ban-server -c "$peer" -s "$T/peer.sock" -p "$T/peer.pid" -xf start >/dev/null 2>&1
	peer_pid=$!
	peer_bans() { fail2ban-client -s "$T/peer.sock" status sshd 2>/dev/null |
		sed -n 's/.*Total banned:\t//p'; }
	n=0
	while [ "${n:-0}" -lt $((tenth / 10)) ] && [ $(($(now_ms) - begin)) -lt 300000 ]; do
		sleep 0.5
		n=$(peer_bans)
	done
	took=$(($(now_ms) - begin))
	report "Fail2ban, $tenth addresses: banned" "${n:-0} of $((tenth / 10)) in $took ms"
	report "  bans a second, lines a second" "$((n * 1000 / took)), $((tenth / 10 * (MAXRETRY + 9) * 1000 / took))"
	report "  peak memory" "$(peak $peer_pid) MB"
	report "  processor time" "$(cpu_ms $peer_pid) ms"
	report "  database" "$(size_mb "$T/peer.sqlite3") MB"
fi
finish
