#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which backend it becomes when better ones are not possible: really not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/e2e_lib.sh"
command -v clang >/dev/null || skip "needs clang to make a foreign program"

A=192.0.2.66
server_up
ns_addr server phone 1 $A
dropped_caps= no_bpf= no_bpf_but=

# The daemon, and maybe less than root may.
at_server_bg() {
	in_bg server ${dropped_caps:+setpriv --bounding-set "$dropped_caps"} \
		${no_bpf:+python3 "$HERE/no_bpf.py"} $no_bpf_but "$@"
}
settings() {
	jail_local <<-END
	[xdpban]
	$1
	[sshd]
	enabled = true
	logpath = $LOG
	END
}
backend() { x status --json | jq -r .backend; }
why() { x status --json | jq -r '.backend_reason // ""'; }
drops() {
	check "$1: ban" x ban $A --for 1h
	check_not "$1: dropped" ask phone "$SERVER" $PORT $A
	check "$1: unban" x unban $A
	check "$1: answered" ask phone "$SERVER" $PORT $A
}
attached=1		# daemon_up is not to attach

# ---- no right to use BPF ---------------------------------------------------------------
settings 'backend = auto'
dropped_caps=-bpf,-sys_admin,-perfmon
daemon_up
check_is "without CAP_BPF it is nftables" "$(backend)" nftables
check_has "and it says why" "$(why)" "xdp: "
check_has "also to people" "$(x status)" "not possible: xdp"
drops nftables
check_is "which is no problem" "$(x status --json | jq -c .problems)" '[]'
daemon_stop

settings 'backend = xdp'
at_server_bg "$XDPBAN" run --foreground --config "$CONF" --state "$T/state" \
	--socket "$T/sock" --pin "$PIN" >"$T/forced.out" 2>&1
wait $!
check_is "XDP, and nothing else: it does not start" $? 1
check_has "and says why" "$(cat "$T/forced.out")" "xdp: not allowed"

# ---- nor for packet filters -------------------------------------------------------------
settings 'backend = auto'
dropped_caps=-bpf,-sys_admin,-perfmon,-net_admin
at_server_bg "$XDPBAN" run --foreground --config "$CONF" --state "$T/state" \
	--socket "$T/sock" --pin "$PIN" >"$T/none.out" 2>&1
wait $!
check_is "without CAP_NET_ADMIN nothing works" $? 1
for step in xdp nftables iptables+ipset; do
	check_has "it names $step" "$(cat "$T/none.out")" "$step: not allowed"
done

# ---- a kernel without BPF, which answers so -----------------------------------------------
dropped_caps= no_bpf=1
daemon_up
check_is "without BPF it is nftables" "$(backend)" nftables
check_has "and it says why" "$(why)" "xdp: this kernel has no such thing"
drops "nftables without BPF"
daemon_stop
no_bpf_but=--no-links
daemon_up
check_is "before 5.9 it is nftables" "$(backend)" nftables
check_has "and it says why" "$(why)" "xdp: this kernel has no such thing"
check_has "the log says which one has it" "$(cat "$T/daemon.out")" "needs kernel 5.9"
drops "nftables before 5.9"
daemon_stop
no_bpf= no_bpf_but=

# ---- every right, and no interface that takes the program --------------------------------
dropped_caps=
cat >"$T/foreign.c" <<'END'
#define SEC(name) __attribute__((section(name), used))
SEC("xdp") int somebody_else(void *ctx) { return 2; }
SEC("license") char LICENSE[] = "GPL";
END
command -v bpftool >/dev/null || PATH=$PATH:/usr/sbin
check "make a foreign program" clang -O2 -g --target=bpf -c "$T/foreign.c" -o "$T/foreign.o"
check "load it" bpftool prog load "$T/foreign.o" "$T/bpf/foreign" type xdp
check "attach it" in_ns server bpftool net attach xdpdrv pinned "$T/bpf/foreign" dev phone
settings $'backend = auto\ninterfaces = phone'
daemon_up
check_is "somebody else's program is there: nftables" "$(backend)" nftables
check_has "because of that" "$(why)" "no interface takes"
drops "beside a foreign program"
daemon_stop
check "take it off" in_ns server bpftool net detach xdpdrv dev phone

# ---- everything is possible -----------------------------------------------------------------
settings $'backend = auto\ninterfaces = phone lo'
daemon_up
check_is "with every right it is XDP" "$(backend)" xdp
check_is "no reason is needed" "$(why)" ""
check_not "and the rules in nftables are gone" in_ns server nft list table inet xdpban
check_is "native where the driver can" \
	"$(x status --json | jq -r '.interfaces[] | select(.name == "phone") | .mode')" native
check_is "generic where it cannot" \
	"$(x status --json | jq -r '.interfaces[] | select(.name == "lo") | .mode')" generic
drops XDP

# ---- another daemon has it already ---------------------------------------------------------
mkdir "$T/other"
at_server_bg timeout 60 "$XDPBAN" run --foreground --config "$CONF" --state "$T/other" \
	--socket "$T/other/sock" --pin "$PIN" >"$T/second.out" 2>&1
wait $!
check_is "a second daemon with the same pins does not start" $? 1
check_has "and says why" "$(cat "$T/second.out")" "another xdpban already bans"
check_not "it did not take another backend" in_ns server nft list table inet xdpban
check_is "the first one goes on" "$(backend)" xdp
drops "XDP, after that"
daemon_stop
finish
