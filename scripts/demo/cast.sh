# SPDX-License-Identifier: GPL-2.0-or-later
# Who plays: the attackers and the phone.  Source it after services.sh.
#
#	cast_up			a host for each of them
#	attack_flood SECONDS	the REGISTER floods (sipp), in the background
#	attack_rest SECONDS	password guessing and scanning, in the background
#	attacks_end		stop whatever still runs
#	phone_calls NAME SECONDS	the phone registers; prints its figures

PHONE=198.51.100.200
PHONE_RATE=10		# registrations a second
FLOOD_RATE=6000		# REGISTER a second from each flooding address

# host, address, tool, what it does
CAST=(
	'flood1 203.0.113.11     sipp    floods with REGISTER'
	'flood2 203.0.113.12     sipp    floods with REGISTER'
	'flood3 203.0.113.13     sipp    floods with REGISTER'
	'flood4 2001:db8:bad::14 sipp    floods with REGISTER'
	'crack4 203.0.113.21     svcrack guesses a SIP password'
	'crack6 2001:db8:bad::22 svcrack guesses a SIP password'
	'war4   203.0.113.31     svwar   looks for extensions'
	'war6   2001:db8:bad::32 svwar   looks for extensions'
	'hydra4 203.0.113.41     hydra   guesses SSH passwords'
	'hydra6 2001:db8:bad::42 hydra   guesses SSH passwords'
)

# each_attacker FUNCTION [TOOL]: FUNCTION HOST ADDRESS TOOL WHAT...
each_attacker() {
	local row

	for row in "${CAST[@]}"; do
		set -- "$1" "${2:-}" $row
		[ -z "$2" ] || [ "$2" = "$5" ] || continue
		"$1" "${@:3}"
	done
}

attacker_up() {
	client "$1" "$2"
	mkdir -p "$STAGE/$1"
}

cast_up() {
	local demo=${BASH_SOURCE[0]%/*}

	phone_xml=$(realpath "$demo/phone.xml") flood_xml=$(realpath "$demo/flood.xml")
	attackers=()
	client phone $PHONE
	each_attacker attacker_up
	printf '%s\n' admin test oracle guest >$STAGE/users
	seq -f 'secret%g' 40 >$STAGE/passwords
}

# The server's address as ATTACKER sees it, in the family of its own.
server_for() {
	case $1 in
	*:*)	echo $SERVER6 ;;
	*)	echo $SERVER4 ;;
	esac
}

bracketed() {
	case $1 in
	*:*)	echo "[$1]" ;;
	*)	echo "$1" ;;
	esac
}

# attack HOST SECONDS COMMAND...: in HOST's own directory, for so long at most.
attack() {
	local host=$1 limit=$2

	shift 2
	(cd "$STAGE/$host" && HOME=$PWD exec nsenter --net="/run/netns/$host" -- \
		timeout "$limit" "$@") >>"$STAGE/$host/out" 2>&1 </dev/null &
	attackers+=($!)
	children+=($!)
}

flood() {
	attack "$1" $((flood_s + 2)) sipp -sf "$flood_xml" -i "$(bracketed "$2")" \
		-s $PHONE_USER -au $PHONE_USER -ap wrong -r $FLOOD_RATE -l 200000 \
		-timeout ${flood_s}s -nostdin \
		"$(bracketed "$(server_for "$2")"):5060"
}

attack_flood() {
	flood_s=$1
	each_attacker flood sipp
}

guess() {
	local v6=

	[[ $2 == *:* ]] && v6=-6
	case $3 in
	svcrack)
		attack "$1" "$rest_s" svcrack $v6 -u $PHONE_USER \
			-d $STAGE/passwords "$(server_for "$2")" ;;
	svwar)
		attack "$1" "$rest_s" svwar $v6 --force -m INVITE -e 100-9999 \
			"$(server_for "$2")" ;;
	hydra)
		attack "$1" "$rest_s" hydra -I $v6 -t 4 -L $STAGE/users \
			-P $STAGE/passwords "ssh://$(bracketed "$(server_for "$2")")" ;;
	esac
}

attack_rest() {
	local tool

	rest_s=$1
	for tool in svcrack svwar hydra; do
		each_attacker guess $tool
	done
}

attacks_end() {
	local p

	# The number of one that has ended may be somebody else's.
	for p in $(jobs -pr); do
		[[ " ${attackers[*]} " != *" $p "* ]] || kill "$p"
	done
	wait "${attackers[@]}" 2>/dev/null
	attackers=()
}

# A registration is in time when it took less than half a second, after which a
# phone sends its request again (T1 of RFC 3261).
phone_figures() {
	awk -F '\t' -v sent="$1" '
		$4 == "S" && $6 == "CSeq:1 REGISTER" && !($5 in began) { began[$5] = $3 }
		$4 == "R" && $7 ~ / 200 / && $5 in began && !($5 in took) {
			took[$5] = ($3 - began[$5]) * 1000
		}
		END {
			for (c in took) {
				print took[c] | "sort -n"
				n++
				if (took[c] < 500) in_time++
			}
			close("sort -n")
			printf "end %.1f %.1f\n", 100 * in_time / sent, 100 * n / sent
		}' "$2" | awk '
		$1 == "end" { in_time = $2; all = $3; next }
		{ ms[++n] = $1 }
		END {
			printf "%s %.2f %.2f %s\n", in_time,
				n ? ms[int((n + 1) / 2)] : -1,
				n ? ms[int(n * 0.95 + 0.999)] : -1, all
		}'
}

# Prints: percent in time, median and 95th percentile in milliseconds (-1: none
# was answered), percent at all.  Unanswered ones are given $patience_s more (4).
phone_calls() {
	local dir=$STAGE/phone-$1 n=$((PHONE_RATE * $2))

	mkdir -p "$dir"
	(cd "$dir" && on phone sipp -sf "$phone_xml" -i $PHONE -s $PHONE_USER \
		-au $PHONE_USER -ap "$PHONE_PASSWORD" -r $PHONE_RATE -m $n -l $n \
		-timeout $(($2 + ${patience_s:-4}))s -trace_shortmsg -nostdin $SERVER4:5060) \
		>"$dir/out" 2>&1 </dev/null
	phone_figures $n "$dir"/phone_*_shortmessages.log
}
