#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where libxdp runs the programs of others, ours joins them, and leaves alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/pinned.sh"
for tool in clang xdp-loader jq; do
	command -v $tool >/dev/null || skip "needs $tool"
done
export LIBXDP_BPFFS=$T/bpf

# A program that counts the IPv4 that reaches it: neighbours are asked for at any time.
cat >"$T/counter.c" <<'END2'
#define SEC(name) __attribute__((section(name), used))
struct {
	int (*type)[2];			/* an array */
	unsigned int *key;
	unsigned long *value;
	int (*max_entries)[1];
} seen SEC(".maps");
struct xdp_md { unsigned int data, data_end; };	/* what callers hand over */
SEC("xdp") int counter(struct xdp_md *ctx)
{
	unsigned long *(*look_up)(void *map, const void *key) = (void *)1;
	unsigned char *frame = (void *)(long)ctx->data;
	unsigned int zero = 0;
	unsigned long *n = look_up(&seen, &zero);

	if (n && (long)frame + 14 <= (long)ctx->data_end && frame[12] == 8 && !frame[13])
		__sync_fetch_and_add(n, 1);
	return 2;
}
SEC("license") char LICENSE[] = "GPL";
END2
clang -O2 -g --target=bpf -c "$T/counter.c" -o "$T/counter.o" || skip "clang has no BPF"

ns_new server
ns_new phone
ns_link server phone 1
ns_addr server phone 1 192.0.2.66
echo_server server
s4=$(addr4 1 server)

loader() { in_ns server xdp-loader "$@"; }
# The programs that run on the interface, in the order in which they are called.
members() {
	loader status phone | sed -n 's/.* => *[0-9]* *\([^ ]*\).*/\1/p' | tr '\n' ' '
}
talks() { check "$1" ask phone "$s4" $PORT "$2"; }
silent() { check_not "$1" ask phone "$s4" $PORT "$2"; }
me=$(addr4 1 client) attacker=192.0.2.66
ours=xdpban
since 5.18 && ours=xdpban_frags

check "others are there first" loader load phone "$T/counter.o"
id=$(prog_on server phone)
[ "$(bpftool -j prog show id "$id" | jq -r .name)" = xdp_dispatcher ] ||
	skip "this kernel does not let libxdp use its dispatcher"
counted() {
	local map
	map=$(bpftool -j map show | jq '[.[] | select(.name == "seen")][-1].id')
	bpftool -j map dump id "$map" | jq '.[0].formatted.value // .[0].value'
}

# ---- join ---------------------------------------------------------------------------
out=$(xb server attach phone 2>&1)
check_is "attach" $? 0
check_has "and says how" "$out" "joined"
check_has "in their mode" "$out" native
check_is "ours is called first" "$(members)" "$ours counter "
talks "not banned" $attacker
pinned_ban $attacker
silent "banned" $attacker
talks "somebody else is not" "$me"
before=$(counted)
silent "still banned" $attacker
check_is "the others do not see the banned" "$(counted)" "$before"
talks "somebody else" "$me"
check "the others see him" [ "$(counted)" -gt "$before" ]

out=$(xb server attach phone 2>&1)
check_has "again" "$out" "attached already"
check_is "there is one of ours" "$(members)" "$ours counter "
err=$(xb server attach phone --mode generic 2>&1)
check_is "another mode than theirs is refused" $? 1
check_has "and says why" "$err" "native mode"

# ---- others come and go -----------------------------------------------------------------
cp "$T/counter.o" "$T/second.o"
check "another one is loaded" loader load phone "$T/second.o"
check_is "ours is still there" "$(members)" "$ours counter counter "
silent "and drops" $attacker

# ---- another program of ours ---------------------------------------------------------------
# More bans, so other maps: the program has to be replaced.
mkdir -p "$T/etc"
printf '[xdpban]\nmax-bans = 70000\nbackend = xdp\n' >"$T/etc/jail.local"
in_bg server "$XDPBAN" run --foreground --config "$T/etc" --pin "$PIN" --socket "$T/sock" \
	--state "$T/state" >"$T/run.out" 2>&1
daemon=$!
status() { in_ns server "$XDPBAN" status --json --socket "$T/sock"; }
up() { status | jq -e .version; }
check "the daemon starts" wait_until 60 up
check_is "it knows the interface" "$(status | jq -r '.interfaces[0] | .name, .ok')" \
	$'phone\ntrue'
check_is "there is one of ours, the new one" "$(members)" "$ours counter counter "
check "ban by the daemon" in_ns server "$XDPBAN" ban $attacker --for 1h --socket "$T/sock"
silent "banned by the daemon" $attacker
end_child TERM $daemon
silent "without it, too" $attacker
in_bg server "$XDPBAN" run --foreground --config "$T/etc" --pin "$PIN" --socket "$T/sock" \
	--state "$T/state" >>"$T/run.out" 2>&1
check "it starts again" wait_until 60 up
check_is "and is still one of them" "$(members)" "$ours counter counter "
silent "banned" $attacker
talks "not banned" "$me"

# ---- leave ---------------------------------------------------------------------------------
check "detach" xb server detach phone
check_is "the others run on" "$(members)" "counter counter "
talks "nobody is banned" $attacker
before=$(counted)
talks "nobody" "$me"
check "the others count on" [ "$(counted)" -gt "$before" ]
check_not "detach again" xb server detach phone
check_is "status sees that nothing is protected" \
	"$(status | jq '.interfaces | length')" 0

# ---- thrown out ----------------------------------------------------------------------------
check "join again" xb server attach phone
check "somebody unloads all" loader unload phone --all
check_is "nothing is left" "$(prog_on server phone)" none
check_is "status says so" "$(status | jq -r '.interfaces[0].ok')" false
out=$(xb server attach phone 2>&1)
check_is "then it can be attached as usual" $? 0
check_has "alone" "$out" "attached, native"
silent "and drops" $attacker
err=$(loader load phone "$T/counter.o" 2>&1)
check_is "others do not throw ours out" "$(members)" ""
silent "it drops on" $attacker
finish
