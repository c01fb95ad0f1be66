#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is left of a PBX under a SIP flood?  xdpban, others, and nothing at all.
#
#	sudo make bench-sip		or: tests/bench/sip.sh BINARY
#	QUICK=1		one flood, once: less than a minute
#	CASES="REGISTER 200 20000; ..."		these floods only: method, sources, rate
#	ROUNDS=3	how often each; the median counts (9 minutes for a round)
#
# Everything is in private namespaces (tests/sip/stage.sh): a Kamailio with
# digest authentication for each contender, forty phones (sipp) that register and
# call all the time, a trunk that calls, and a generator of live frames
# (sipflood.c).  Server, phones and trunk have processor 0, the flood has
# processor 1 and real-time priority there, as a network card's interrupts come
# before all processes: so the generator takes nothing from the server but what
# its frames do.  Both come before whatever else the machine does.  `ideal` shows
# how much that is: a program that knows the attackers' addresses and drops them.
# A flood that came in bursts, as the machine was taken, is marked: between them a
# server has its peace.  Without a flood it is measured so often that the noise of
# these figures can be told: the same rule is applied to them as to the others.
#
# A flood begins a second before it is measured.  In time is what succeeded
# within half a second, before a phone would send its request again.
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
. "$top/scripts/demo/stage.sh"
stage_enter "$0" "$@"
set -u
on_cpu="nice -n -15 taskset -c 0" as_flood="chrt -f 1 taskset -c 1" net_cpu=1
xdpban=$(realpath "${1:-build/xdpban}")
BUILD=${xdpban%/*}
. "$top/tests/sip/stage.sh"
. "$here/lib/sip_contenders.sh"
. "$here/lib/sip_unhurt.sh"
. "$here/lib/sip_report.sh"
: "${QUICK:=0}" "${CASES:=}"
: "${ROUNDS:=$([ "$QUICK" = 1 ] && echo 1 || echo 3)}"
: "${FLOOD_S:=2}"	# measured; the flood is there a second before and after
FULL=0			# as many as the generator makes

fail() {
	echo "bench-sip: $*" >&2
	exit 1
}

# The contenders of a case.  The others' cases are fewer: how many sources there
# are does not matter to a server that nothing protects.
who_plays() {
	local method=$1 sources=$2 rate=$3

	[ "$QUICK" = 1 ] && { echo plain ideal xdpban; return; }
	echo xdpban
	[ "$sources" = 1000000 ] && echo ideal plain
	[ "$method" = REGISTER ] && [ "$rate" = 200000 ] && echo pike nft
}

cases() {
	local method sources rate

	[ -z "$CASES" ] || { tr ';' '\n' <<<"$CASES"; return; }
	[ "$QUICK" = 1 ] && { echo REGISTER 1000000 200000; return; }
	for method in REGISTER INVITE OPTIONS; do
		for rate in 1000 20000 200000 $FULL; do
			for sources in 1 200 1000000; do
				echo $method $sources $rate
			done
		done
	done
}

# measure CONTENDER METHOD SOURCES RATE: one line in $STAGE/results.
measure() {
	local n=${number[$1]} name=$1-$((++runs)) method=$2 sources=$3 rate=$4
	local jobs=() flood=

	if [ "$method" != none ]; then
		sip_flood "$1" $n $method $sources $rate $((FLOOD_S + 2)) \
			>$STAGE/sent 2>>$STAGE/flood.err &
		flood=$!
		sleep 1
	fi
	registers "$name-r" $n $FLOOD_S 40 >$STAGE/r & jobs+=($!)
	calls "$name-c" $n $FLOOD_S 20 >$STAGE/c & jobs+=($!)
	trunk "$name-t" $n $FLOOD_S 100 >$STAGE/t & jobs+=($!)
	wait "${jobs[@]}"
	[ -z "$flood" ] || wait $flood || fail "the generator: $(cat $STAGE/flood.err)"
	echo "$method $sources $rate $1 $(cat $STAGE/r $STAGE/c $STAGE/t | tr '\n' ' ')" \
		"$([ "$method" = none ] || cat $STAGE/sent)" >>$STAGE/results
	rm -rf "$STAGE/$name"-?
}

# Every phone once: so all are known, too.
answers() {
	local figures

	figures=$(registers "first-$1" ${number[$1]} 2 20)
	rm -rf "$STAGE/first-$1"
	[ "${figures##* }" = 100.0 ]
}

# A server that has been flooded still has calls to forget.
measure_all() {
	local round case who i=0

	for ((round = 1; round <= ROUNDS; round++)); do
		while read -r case; do
			if [ $((i++ % 3)) = 0 ]; then
				measure plain none 0 0
				measure xdpban none 0 0
			fi
			for who in $(who_plays $case); do
				measure $who $case
				sleep 1
			done
		done < <(cases)
	done
}

sip_world
contenders=$({ cases | while read -r case; do who_plays $case; done; echo plain xdpban; } |
	tr " " "\n" | sort -u)
declare -A number=([plain]=1 [ideal]=2 [xdpban]=3 [pike]=4 [nft]=5)
runs=0
for who in $contenders; do
	"${who}_up" ${number[$who]} || fail "$who does not start: $(cat $STAGE/$who/*.out)"
done
for who in $contenders; do
	within 20 answers $who || fail "$who does not answer, without any flood"
done
head_line
# Before the floods: a siege, which they bring about, keeps a new office out.
unhurt_all >$STAGE/unhurt
measure_all
report
cat $STAGE/unhurt
