#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How many instructions does a line cost, and in which stage?
#
#	make bench-steps	or: tests/bench/steps.sh BINARY [--record]
#
# Counted by callgrind, so the load of the machine does not matter and small
# changes show.  What starting costs is counted, too, and subtracted.  The counts
# are compared with those in steps.txt, which --record writes anew: 5 % more than
# recorded is a failure.  They change with the compiler and with PCRE2.
set -eu
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
xdpban=$(realpath "${1:-build/xdpban}")
record=${2:-}
tools=${xdpban%/*}/tests/bench
lines=50000
export TZ=UTC LC_ALL=C

command -v callgrind_annotate >/dev/null || { echo "steps: valgrind is missing" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Where the stages are; a stage may be several functions.
stages=(
	"lines and texts:sieve_next"
	"find the date:stamp_find"
	"texts across the date:filter_marks"
	"filter:filter_match"
	"- of that, PCRE2:pcre2_jit_match_8"
	"compute the date:stamp_compute"
	"count:jail_note|jail_expect"
	"bans:on_verdict"
)

# name, configuration, jail, log
cases=(
	"asterisk-10-ours ours asterisk asterisk-10"
	"asterisk-10-stock stock asterisk asterisk-10"
	"asterisk-90-ours ours asterisk asterisk-90"
	"asterisk-90-stock stock asterisk asterisk-90"
	"sshd-50-ours ours sshd sshd-50"
	"sshd-50-stock stock sshd sshd-50"
)

make_configs() {
	cp -r "$top/configs" "$tmp/ours"
	cp -r /etc/fail2ban "$tmp/stock"
	rm -f "$tmp"/stock/jail.d/* "$tmp"/*/jail.local
	printf '[sshd]\nmode = aggressive\nbackend = auto\n' |
		tee "$tmp/ours/jail.local" >"$tmp/stock/jail.local"
}

# "FUNCTION INSTRUCTIONS", with those of what it calls.
count() {
	local config=$1 jail=$2 log=$3

	valgrind -q --tool=callgrind --callgrind-out-file="$tmp/out" \
		"$xdpban" replay --config "$tmp/$config" --jail "$jail" "$log" >/dev/null
	callgrind_annotate --inclusive=yes --threshold=100 "$tmp/out" |
		sed -n 's/^ *\([0-9,]*\) (.*) .*:\([A-Za-z0-9_]*\)\( \[.*\)\{0,1\}$/\2 \1/p' |
		tr -d ,
}

# Counts of @1 without those of @2, for one line.
of_one_line() {
	awk -v functions="$3" -v lines=$lines '
		$1 ~ "^(" functions ")$" { if (!seen[FILENAME, $1]++)
			sum += FILENAME == ARGV[1] ? $2 : -$2 }
		END { printf "%.0f\n", sum / lines }' "$1" "$2"
}

measure() {
	local name=$1 config=$2 jail=$3 log=$4 stage

	count "$config" "$jail" "$tmp/$log.log" >"$tmp/full"
	count "$config" "$jail" /dev/null >"$tmp/empty"
	echo "$name:all $(of_one_line "$tmp/full" "$tmp/empty" main)"
	for stage in "${stages[@]}"; do
		echo "$name:${stage%%:*} $(of_one_line "$tmp/full" "$tmp/empty" \
			"${stage#*:}")"
	done
}

make_configs
"$tools/loglines" asterisk $lines 10 >"$tmp/asterisk-10.log"
"$tools/loglines" asterisk $lines 90 >"$tmp/asterisk-90.log"
"$tools/loglines" sshd $lines 50 >"$tmp/sshd-50.log"
for c in "${cases[@]}"; do
	measure $c
done >"$tmp/counts"
[ "$record" != --record ] || cp "$tmp/counts" "$here/steps.txt"
awk -F'[: ]' '
	{ name = $1; sub(/^[^:]*:/, ""); n = split($0, w, " "); sub(/ [0-9]*$/, "") }
	FILENAME == ARGV[1] { was[name, $0] = w[n]; next }
	name != last { printf "\n%s: instructions for a line, and as recorded\n", name; last = name }
	{ printf "  %-24s %6d %6d\n", $0, w[n], was[name, $0] }
	$0 == "all" && w[n] > was[name, $0] * 1.05 { worse = worse " " name }
	END { if (worse) print "\nmore than recorded:" worse; exit worse != "" }
' "$here/steps.txt" "$tmp/counts"
