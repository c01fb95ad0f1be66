#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Real attackers against real services, and what xdpban does about it.
#
#	sudo make demo			or: scripts/demo.sh build/xdpban
#
# Everything happens inside namespaces (demo/stage.sh) that vanish with this
# script.  Exit status 1: an attacker was not banned, or the phone was hurt.
top=$(realpath "$(dirname "$0")/..")
. "$top/scripts/demo/stage.sh"
stage_enter "$0" "$@"
. "$top/scripts/demo/services.sh"
. "$top/scripts/demo/cast.sh"
. "$top/scripts/demo/show.sh"
set -u
trap 'printf "\n"; exit 130' INT TERM HUP
export TZ=UTC LC_ALL=C

xdpban=$(realpath "${1:-$top/build/xdpban}")
ours="--config $STAGE/etc --state $STAGE/state --socket $STAGE/xdpban.sock
	--pin $STAGE/bpf/xdpban"
declare -A jail packets decided because ban_ms drop_ms
PEACE_S=4 NAKED_S=7 SHIELDED_S=22

die() {
	printf '%sdemo: %s%s\n' "$R" "$*" "$N" >&2
	exit 1
}

x() {
	local verb=$1

	shift
	on server "$xdpban" "$verb" "$@" $ours
}

# ---- xdpban, as an operator would set it up ---------------------------------------

xdpban_up() {
	local said

	cp -r "$top/configs" $STAGE/etc
	cat >$STAGE/etc/jail.local <<-END
	[DEFAULT]
	backend = auto
	[sshd]
	enabled = true
	logpath = /var/log/auth.log
	[kamailio]
	enabled = true
	logpath = /var/log/kamailio.log
	END
	said=$(x attach eth0 2>&1) || die "cannot attach: $said"
	note "${said%%$'\n'*}"
	boot server $STAGE/xdpban.out "$xdpban" run --foreground $ours
	within 10 daemon_answers ||
		die "the daemon did not start: $(cat $STAGE/xdpban.out)"
}

daemon_answers() {
	x status >/dev/null 2>&1
}

stopwatch_up() {
	local pin addresses

	pin=$(dirname "$(find $STAGE/bpf/xdpban -name bans4)")
	addresses=$(each_attacker second)
	boot server $STAGE/events "${xdpban%/*}/tests/bench/watch" "$pin" $addresses
}

second() {
	echo "$2"
}

# ---- what came of it ------------------------------------------------------------

# Bans and dropped packets are the daemon's own words.
read_list() {
	local addr by n

	while read -r addr by n; do
		jail[$addr]=$by packets[$addr]=$n
	done < <(x list --json 2>/dev/null | jq -r '[.address, .jail, .packets] | @tsv')
}

# The line that decided, found again by reading the log once more: `replay` says
# how many failures it took, `test` which lines they are.  A line's time stamp is
# the moment in which the service handed it to syslog.
read_deciding() {
	local log=$1 by=$2 addr number text

	while read -r addr number; do
		[ -z "${because[$addr]:-}" ] || continue
		text=$(sed -n "${number}p" "$log")
		decided[$addr]=$(date -d "${text%% *}" +%s.%6N)
		because[$addr]=$(sed 's/^[^ ]* [^ ]* //; s/\[[0-9]*\]:/:/
			s/<script>: \([A-Z]*: \)\?//' <<<"$text")
	done < <(deciding_numbers "$log" "$by")
}

# Address and number of the line whose failure was the last one needed.
deciding_numbers() {
	awk 'NR == FNR { need[$1] = $2; next }
		$1 in need { n[$1] += $3 }
		$1 in need && n[$1] >= need[$1] { print $1, $2; delete need[$1] }' \
		<(x replay --json --jail "$2" "$1" 2>/dev/null |
			jq -r 'select(.id) | [.id, .failures] | @tsv') \
		<(x test --json "$2" "$1" 2>/dev/null |
			jq -r 'select(.line and (.nofail | not)) | [.id, .line, .attempts] | @tsv')
}

# Milliseconds from that line to what the stopwatch saw.
read_events() {
	local what addr at

	[ -s $STAGE/events ] || return
	read_deciding /var/log/auth.log sshd
	read_deciding /var/log/kamailio.log kamailio
	while read -r what addr at; do
		[ -n "${decided[$addr]:-}" ] || continue
		at=$(awk "BEGIN { printf \"%.2f\", ($at - ${decided[$addr]}) * 1000 }")
		case $what in
		banned)		ban_ms[$addr]=$at ;;
		dropped)	drop_ms[$addr]=$at ;;
		esac
	done <$STAGE/events
}

deciding_line() {
	local text=${because[$2]:-}

	printf '  %-18s %s%s%s\n' "$2" "$D" "${text:0:$TEXT}" "$N"
}

# ---- acts -----------------------------------------------------------------------

act_peace() {
	title "1  Peace"
	phone_calls peace $PEACE_S >$STAGE/quiet &
	while_waiting "the phone registers $PHONE_RATE times a second" $!
	quiet=$(cat $STAGE/quiet)
	line "phone: $(in_words "$quiet")"
}

act_naked() {
	title "2  A flood, and nothing protects the server"
	line "$(each_attacker second sipp | wc -l) addresses send $FLOOD_RATE REGISTER/s each, with a guessed password"
	attack_flood $((NAKED_S + 2))
	sleep 1
	phone_calls naked $NAKED_S >$STAGE/naked &
	while_waiting "the phone goes on registering" $!
	naked=$(cat $STAGE/naked)
	line "phone: $(in_words "$naked")"
	attacks_end
}

# The flood is over, its queue is empty and its log gone before xdpban starts:
# what it bans it bans for what comes now.
intermission() {
	within 15 phone_is_well || die "the server did not recover from the flood"
	: >/var/log/auth.log
	: >/var/log/kamailio.log
}

phone_is_well() {
	local percent rest

	read -r percent rest < <(phone_calls well 1)
	[ "${percent%.*}" = 100 ]
}

act_shielded() {
	local end

	title "3  The same flood and more, and xdpban runs"
	note '$ xdpban attach eth0; xdpban run'
	xdpban_up
	stopwatch_up
	phone_calls shielded $SHIELDED_S >$STAGE/shielded &
	phone_pid=$!
	attack_flood $SHIELDED_S
	attack_rest $SHIELDED_S
	end=$((SECONDS + SHIELDED_S))
	while [ $SECONDS -lt $end ]; do
		read_list
		read_events
		table_live
		sleep 0.5
	done
	wait $phone_pid
	read_list
	read_events
	table_final
	attacks_end
	shielded=$(cat $STAGE/shielded)
}

in_words() {
	set -- $1
	echo "$1 % in time, median" $(ms "$2"), 95 % within $(ms "$3")
}

# ---- the end --------------------------------------------------------------------

problems=0
problem() {
	problems=$((problems + 1))
	line "${R}NOT OK${N}  $*"
}

judge_attacker() {
	[ -n "${jail[$2]:-}" ] || { problem "$2 ($3) was not banned"; return; }
	[ "${packets[$2]}" -gt 0 ] || problem "$2 ($3) was banned, but nothing was dropped"
	[ -n "${ban_ms[$2]:-}" ] || problem "$2 ($3): no line in the log explains the ban"
}

judge_innocent() {
	local addr

	for addr in "${!jail[@]}"; do
		each_attacker second | grep -qxF "$addr" ||
			problem "$addr was banned, but attacked nobody"
	done
}

judge_phone() {
	set -- $shielded
	[ "${1%.*}" -ge 95 ] || problem "the phone was hurt although xdpban ran: $1 % in time"
}

median_ms() {
	local middle=$(((${#ban_ms[@]} + 1) / 2))

	echo $(ms "$(printf '%s\n' "${ban_ms[@]}" | sort -n | sed -n "${middle}p")")
}

summary() {
	local total=0 addr worst

	for addr in "${!packets[@]}"; do
		total=$((total + packets[$addr]))
	done
	worst=$(printf '%s\n' "${ban_ms[@]}" | sort -n | tail -n 1)
	title "Why: the line that decided"
	each_attacker deciding_line
	title "What came of it"
	phone_table
	printf '\n'
	line "${#jail[@]} banned, $(thousands $total) packets dropped before the server saw them"
	line "from the deciding log line to the ban: $(median_ms) in the median, at most" $(ms "$worst")
	note "in time: within half a second, before a phone would send its request again"
	note "1st drop: the attacker's next packet after the ban, whenever it came"
	judge_innocent
	each_attacker judge_attacker
	judge_phone
	[ $problems != 0 ] || line "${G}OK${N}  every attacker is out, nobody else is, and the phone works"
}

stage_up
services_up || die "the services did not start: $(cat $STAGE/*.out /var/log/*.log)"
cast_up
title "xdpban demo"
note "in namespaces of its own; nothing of this machine is touched"
line "server    $(/usr/sbin/sshd -V 2>&1 | grep -o 'OpenSSH_[^ ,]*' | tr _ ' '), Kamailio $(kamailio -v | sed -n 's/^version: kamailio \([^ ]*\).*/\1/p') with digest authentication, rsyslog"
line "phone     registers with its password, $PHONE_RATE times a second"
line "attackers ${#CAST[@]} addresses, IPv4 and IPv6: sipp, svwar, svcrack, hydra"
act_peace
act_naked
intermission
act_shielded
summary
[ $problems = 0 ]
