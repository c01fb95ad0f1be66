# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A PBX with phones and a trunk (tests/sip/stage.sh), and xdpban with its SIP sensor
# on it.  Instead of lib.sh:
#
#	. "$(dirname "$0")/sip_lib.sh"
#	sip_server_up		the PBX is `server`, on link 1; the daemon runs
#	messages CLASS VERDICT	how many, as status tells; either may be "all"
#	dropped			of everybody
#	standing ADDRESS	trusted, known ...; nothing: unknown

top=$(realpath "$(dirname "$0")/../..")
. "$top/scripts/demo/stage.sh"
stage_enter "$0" "$@"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
. "$top/tests/sip/stage.sh"
patience_s=40

for tool in jq sipp kamailio ethtool; do
	command -v $tool >/dev/null || skip "needs $tool"
done

at_server() { on server "$@"; }
# $! is the command's own process.
at_server_bg() {
	nsenter --net=/run/netns/server -- "$@" &
	children+=($!)
}

sip_server_up() {
	sip_world
	pbx server 1 || {
		cat $STAGE/server/*.out
		skip "Kamailio or sipp does not start here"
	}
	cp -r configs "$CONF"
	cat >"$CONF/xdpban.local" <<-END
	[xdpban]
	interfaces = eth0
	sip-sensor = on
	trust = kamailio:$STAGE/kamailio/kamailio.cfg
	END
	jail_local </dev/null
	daemon_up eth0
	check "the sensor runs" [ "$(sip_status .running)" = true ]
	[ $failed = 0 ] || finish
}

sip_status() {
	x status --json | jq ".sip$1"
}

messages() {
	sip_status .messages.classes | jq --arg c "$1" --arg v "$2" \
		'[to_entries[] | select($c == "all" or .key == $c) | .value | to_entries[]
		| select($v == "all" or .key == $v) | .value] | add // 0'
}

dropped() {
	sip_status .messages.dropped
}

standing() {
	x why "$1" --json | jq -r 'select(.what == "sip") | .standing'
}

# all_succeed WHAT FIGURES: not one failed, however long it took.
all_succeed() {
	check_is "$1: all succeed (in time, median, p95, at all: $2)" "${2##* }" 100.0
}

# Those who may play here cannot make frames everywhere.
flood_begins() {
	sip_flood server 1 "$@" >"$T/flood" 2>"$T/flood.err" &
	flood=$!
	children+=($flood)
}

flood_ends() {
	wait $flood || skip "live frames need Linux 5.18: $(cat "$T/flood.err")"
	check "the flood was there ($(cat "$T/flood"))" [ -s "$T/flood" ]
}
