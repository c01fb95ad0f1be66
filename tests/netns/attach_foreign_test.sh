#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Other people's programs are never replaced nor taken off, and ours are ours.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"
command -v clang >/dev/null || skip "needs clang to make a foreign program"

cat >"$T/foreign.c" <<'END'
#define SEC(name) __attribute__((section(name), used))
SEC("xdp") int somebody_else(void *ctx) { return 2; }
SEC("license") char LICENSE[] = "GPL";
END
clang -O2 -g --target=bpf -c "$T/foreign.c" -o "$T/foreign.o" || skip "clang has no BPF"
bpftool prog load "$T/foreign.o" "$T/bpf/foreign" type xdp || skip "cannot load a program"

server_and_phone
s4=$(addr4 1 server)

# A program in the old way, without a link: pinned by nobody.
in_ns server bpftool net attach xdpdrv pinned "$T/bpf/foreign" dev phone ||
	skip "cannot attach a program"
id=$(prog_on server phone)
err=$(xb server attach phone 2>&1)
check_is "attach is refused" $? 1
check_has "the error names the program" "$err" somebody_else
check_has "and its number" "$err" "$id"
check_is "it is still there" "$(prog_on server phone)" "$id"
for mode in native generic; do
	check_not "refused in $mode mode too" xb server attach phone --mode $mode
	check_is "and it stays" "$(prog_on server phone)" "$id"
done
check_not "detach takes off only ours" xb server detach phone
check_is "so it stays" "$(prog_on server phone)" "$id"
check "traffic goes on" ask phone "$s4"

in_ns server bpftool net detach xdpdrv dev phone
check "when it is gone, attach works" xb server attach phone
ours=$(prog_on server phone)

# The other way round: nobody replaces ours by accident.
check_not "others cannot replace ours" in_ns server bpftool net attach xdpdrv \
	pinned "$T/bpf/foreign" dev phone overwrite
check_not "nor take it off" in_ns server ip link set dev phone xdp off
check_is "it is still there" "$(prog_on server phone)" "$ours"

# Two instances with pins of their own are strangers to each other.
err=$(in_ns server "$XDPBAN" attach phone --pin "$T/bpf/second" 2>&1)
check_is "another instance is refused" $? 1
check_has "and told by whom" "$err" xdpban
check_not "it cannot detach it either" in_ns server "$XDPBAN" detach phone \
	--pin "$T/bpf/second"
check_is "ours stays" "$(prog_on server phone)" "$ours"
finish
