#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How fast are logs read?  xdpban and others, in turns, on the same made logs.
#
#	make bench-log		or: tests/bench/log.sh BINARY;  QUICK=1 for a look
#
# xdpban replay with its own and with Fail2ban's filters, to the last ban.
# Beside it: fail2ban-regex, told not to do more than the server would, which
# only matches (no counting, no bans); sshg-parser, likewise; and rg -c with the
# texts that xdpban's filter looks for, which is what reading costs at least.
# All are measured in CPU time (tests/bench/cost.c), and the median counts.
# fail2ban-regex would take most of an hour, so it gets the begin of each log;
# what it needs to start is measured, too, and not counted.
set -eu
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
xdpban=$(realpath "${1:-build/xdpban}")
tools=${xdpban%/*}/tests/bench
sshg=$(ls /usr/libexec/sshguard/sshg-parser /usr/lib*/sshguard/sshg-parser 2>/dev/null |
	head -n 1)
lines=2000000 rounds=3 part=100000
[ -z "${QUICK:-}" ] || { lines=200000 rounds=1 part=20000; }
export TZ=UTC LC_ALL=C.UTF-8

fail() {
	echo "bench-log: $*" >&2
	exit 1
}

for tool in fail2ban-regex rg "$sshg"; do
	command -v "$tool" >/dev/null || fail "Fail2ban, sshguard or ripgrep is missing"
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# ---- logs and configurations ----

make_log() {
	local name=$1

	"$tools/loglines" "$2" $lines "$3" >"$tmp/$name.log"
	head -n $part "$tmp/$name.log" >"$tmp/$name.part"
}

make_configs() {
	cp -r "$top/configs" "$tmp/ours"
	cp -r /etc/fail2ban "$tmp/stock"
	rm -f "$tmp"/stock/jail.d/* "$tmp"/*/jail.local
	printf '[sshd]\nmode = aggressive\nbackend = auto\n' |
		tee "$tmp/ours/jail.local" >"$tmp/stock/jail.local"
	# Both at once for the mail log; replay reads it once.
	cp -r "$tmp/stock" "$tmp/mail"
	cat >"$tmp/mail/jail.local" <<-END
	[postfix]
	enabled = true
	backend = auto
	mode = aggressive
	logpath = $tmp/mail.log
	[dovecot]
	enabled = true
	backend = auto
	logpath = $tmp/mail.log
	END
}

# ---- one measurement each; the result goes to FILE.cpu ----

note() {
	local file=$1 out
	shift

	out=$("$tools/cost" "$@") || fail "failed: $*"
	echo "$out" >>"$tmp/$file.cost"
}

run_xdpban() {
	local name=$1 config=$2 jail=$3 log=$4

	note "$name" "$xdpban" replay --config "$tmp/$config" \
		${jail:+--jail "$jail"} "$log"
}

# Several filters are run one after the other, as it cannot take them together.
run_fail2ban() {
	local name=$1 log=$2 filter
	shift 2

	for filter; do
		note "$name.${filter%%[*}" fail2ban-regex --no-check-all --print-no-missed \
			--print-no-ignored --usedns=no "$log" "$filter"
	done
}

run_rg() {
	local name=$1 log=$2

	note "$name.rg" rg -c --no-config -j1 -F -f "$tmp/$name.texts" "$log"
}

# ---- what is measured ----

# name, configuration, jail, log, Fail2ban's filters
cases=(
	"asterisk-10-ours ours asterisk asterisk-10 asterisk"
	"asterisk-10-stock stock asterisk asterisk-10 asterisk"
	"asterisk-90-ours ours asterisk asterisk-90 asterisk"
	"asterisk-90-stock stock asterisk asterisk-90 asterisk"
	"sshd-50-ours ours sshd sshd-50 sshd[mode=aggressive]"
	"sshd-50-stock stock sshd sshd-50 sshd[mode=aggressive]"
	"mail-20-stock mail - mail-20 postfix[mode=aggressive] dovecot"
)
logs=(asterisk-10 asterisk-90 sshd-50 mail-20)

make_texts() {
	local name=$1 config=$2 filter
	shift 4

	for filter; do
		"$tools/texts" "$tmp/$config" "$filter"
	done | sort -u >"$tmp/$name.texts"
}

measure_case() {
	local name=$1 config=$2 jail=${3#-} log=$4

	run_xdpban "$name" "$config" "$jail" "$tmp/$log.log"
	run_rg "$name" "$tmp/$log.log"
}

# Once for each log, whoever's filter xdpban has.
measure_peers() {
	local log=$1

	note "$log.sshg" "$sshg" <"$tmp/$log.log"
	case $log in
	asterisk*) run_fail2ban "$log.f2b" "$tmp/$log.part" asterisk ;;
	sshd*)	run_fail2ban "$log.f2b" "$tmp/$log.part" "sshd[mode=aggressive]" ;;
	mail*)	run_fail2ban "$log.f2b" "$tmp/$log.part" "postfix[mode=aggressive]" dovecot ;;
	esac
}

# ---- the report ----

# The median of a column of what was noted: 1 CPU seconds, 3 kB.
median() {
	cut -d' ' -f"$2" "$tmp/$1.cost" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# CPU seconds of fail2ban-regex for all lines of a log, by its lines/s.
fail2ban_seconds() {
	local log=$1 sum=0 f

	for f in "$tmp/$log".f2b.*.cost; do
		sum=$(echo "$sum $(median "$(basename "${f%.cost}")" 1) $(median empty.asterisk 1) \
			$lines $part" | awk '{ print $1 + ($2 - $3) * $4 / $5 }')
	done
	echo "$sum"
}

report_case() {
	local name=$1 log=$4 bytes

	bytes=$(stat -c %s "$tmp/$log.log")
	echo "$name $(median "$name" 1) $(median "$name" 3) $bytes $lines \
		$(fail2ban_seconds "$log") $(median "$log.sshg" 1) $(median "$name.rg" 1)" |
		awk '{ printf "%-20s %7.2f %6.2f %6.0f %9.0f x %8.1f x %8.1f\n", $1,
			$5 / $2 / 1e6, $4 / $2 / 1e9, $3 / 1024, $6 / $2, $7 / $2, $2 / $8 }'
}

report_peer() {
	local log=$1

	echo "$log $(fail2ban_seconds "$log") $(median "$log.sshg" 1) $lines" |
		awk '{ printf "%-20s %12.3f %12.3f\n", $1, $4 / $2 / 1e6, $4 / $3 / 1e6 }'
}

report() {
	printf '%-20s %7s %6s %6s %11s %10s %8s\n' '' 'M' '' 'peak' 'times as' 'times as' \
		"times"
	printf '%-20s %7s %6s %6s %11s %10s %8s\n' 'log, % fail, filter' 'lines/s' 'GB/s' \
		'MB' 'fail2ban-r' 'sshg-p' "rg's"
	for c in "${cases[@]}"; do
		report_case $c
	done
	printf '\n%-20s %12s %12s\n' 'M lines/s' 'fail2ban-r' 'sshg-p'
	for log in "${logs[@]}"; do
		report_peer "$log"
	done
	echo
	for percent in 10 90; do
		echo "$percent $(median quarter-$percent 1) $(median asterisk-$percent-stock 1)" |
			awk '{ printf "asterisk-%d-stock: four times the lines took %.2f times as long\n",
				$1, $3 / $2 }'
	done
}

echo "$lines lines; $rounds rounds; $(nproc) x$(sed -n 's/^model name.*:/ /p' /proc/cpuinfo |
	head -n 1); $(uname -sr); $("$xdpban" version | sed -n 1p)"
echo "Fail2ban $(fail2ban-regex -V), sshguard $(dpkg-query -W -f '${Version}' sshguard 2>/dev/null)," \
	"$(rg --version | sed -n 1p)"
make_log asterisk-10 asterisk 10
make_log asterisk-90 asterisk 90
make_log sshd-50 sshd 50
make_log mail-20 mail 20
ln -s mail-20.log "$tmp/mail.log"
for percent in 10 90; do
	head -n $((lines / 4)) "$tmp/asterisk-$percent.log" >"$tmp/quarter-$percent.log"
done
: >"$tmp/empty"
make_configs
for c in "${cases[@]}"; do
	make_texts $c
done
for ((round = 0; round < rounds; round++)); do
	run_fail2ban empty "$tmp/empty" asterisk
	for percent in 10 90; do
		run_xdpban quarter-$percent stock asterisk "$tmp/quarter-$percent.log"
	done
	for log in "${logs[@]}"; do
		for c in "${cases[@]}"; do
			[[ $c != *" $log "* ]] || measure_case $c
		done
		measure_peers "$log"
	done
done
report
