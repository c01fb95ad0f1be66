# SPDX-License-Identifier: GPL-2.0-or-later
# What the demo puts on the screen.  Colours and redrawing only on a terminal.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	B=$'\e[1m' D=$'\e[2m' G=$'\e[32m' R=$'\e[31m' Y=$'\e[33m' N=$'\e[0m' LIVE=1
else
	B='' D='' G='' R='' Y='' N='' LIVE=''
fi

# A line that wraps would not be drawn over.  24: "attacker does ..." and a blank.
columns=$([ -z "$LIVE" ] && echo 100 || stty size 2>/dev/null | cut -d' ' -f2)
WHAT=24 TEXT=78
[ "${columns:-80}" -ge 100 ] || WHAT=0 TEXT=$((${columns:-80} - 22))

title()	{ printf '\n%s%s%s\n' "$B" "$*" "$N"; }
note()	{ printf '  %s%s%s\n' "$D" "$*" "$N"; }
line()	{ printf '  %s\n' "$*"; }

# While something takes its time: what, and a dot for each second.
while_waiting() {
	local what=$1 pid=$2

	[ -n "$LIVE" ] || { line "$what ..."; wait "$pid"; return; }
	printf '  %s ' "$what"
	while kill -0 "$pid" 2>/dev/null; do
		printf '.'
		sleep 1
	done
	printf '\r\e[K'
	wait "$pid"
}

# ms NUMBER: aligned, or a dash for what did not happen.
ms() {
	case $1 in
	''|-*)	printf '%9s' - ;;
	*)	printf '%6.1f ms' "$1" ;;
	esac
}

thousands() {
	sed ':a; s/^\([0-9]\{1,\}\)\([0-9]\{3\}\)/\1,\2/; ta' <<<"$1"
}

# ---- the table of attackers ----------------------------------------------------
# Filled by demo.sh, by address: jail, ban_ms, drop_ms, packets.

table_head() {
	printf '  %s%-18s %-8s %-*.*s%-9s %9s %10s %9s%s\n' "$B" attacker with \
		$WHAT $WHAT "" 'banned by' 'ban after' '1st drop' dropped "$N"
}

table_row() {
	local addr=$2 tool=$3 mark=$Y

	shift 3
	[ -z "${jail[$addr]:-}" ] || mark=$G
	printf '  %s%-18s%s %-8s %-*.*s%-9s %s  %s %9s\n' "$mark" "$addr" "$N" "$tool" \
		$WHAT $WHAT "$*" "${jail[$addr]:--}" "$(ms "${ban_ms[$addr]:-}")" \
		"$(ms "${drop_ms[$addr]:-}")" "$(thousands "${packets[$addr]:-0}")"
}

# Drawn over itself on a terminal; elsewhere drawn once, at the end.
table_draw() {
	local text

	text=$(table_head; each_attacker table_row)
	[ -z "${drawn:-}" ] || printf '\e[%dA' "$drawn"
	drawn=$(wc -l <<<"$text")
	sed $'s/$/\e[K/' <<<"$text"
}

table_live() {
	[ -z "$LIVE" ] || table_draw
}

table_final() {
	[ -n "$LIVE" ] || drawn=
	table_draw | { [ -n "$LIVE" ] && cat || sed $'s/\e\\[K//'; }
}

# ---- the phone ------------------------------------------------------------------

# phone_row WHEN "PERCENT MEDIAN P95"
phone_row() {
	local when=$1 colour=$G

	set -- $2
	[ "${1%.*}" -ge 99 ] || colour=$R
	printf '  %-34s %s%7.1f %%%s %12s %12s\n' "$when" "$colour" "$1" "$N" \
		"$(ms "$2")" "$(ms "$3")"
}

phone_table() {
	printf '  %s%-34s %9s %12s %12s%s\n' "$B" 'the phone' 'in time' median \
		'95 % within' "$N"
	phone_row 'in peace' "$quiet"
	phone_row 'under attack, nothing protects it' "$naked"
	phone_row 'under the same attack, xdpban runs' "$shielded"
}
