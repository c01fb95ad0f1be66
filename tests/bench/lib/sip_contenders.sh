# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The servers of sip.sh: NAME_up N makes one, on link N.

stage_o() { echo "$BUILD/tests/bench/bpf/sipstage.bpf.o"; }

# All frames take equal memory, as from a network card (sipstage.bpf.c).
one_page() {
	on "$1" tc qdisc add dev eth0 clsact
	on "$1" tc filter add dev eth0 ingress bpf da obj "$(stage_o)" sec tc
}

plain_up() {
	pbx plain "$1" && one_page plain
}

ideal_up() {
	pbx ideal "$1" && one_page ideal &&
		on ideal ip link set dev eth0 xdpdrv obj "$(stage_o)" sec xdp
}

# Kamailio's own, with the limits of Debian's kamailio.cfg.
pike_up() {
	pbx pike "$1" WITH_PIKE && one_page pike
}

# The limit of an administrator who knows nftables: for each source, the trunk
# excepted.  The set's size is what people give it at most.
nft_up() {
	pbx nft "$1" && one_page nft || return
	on nft nft -f - <<-END
	table ip sip {
		set flood {
			type ipv4_addr
			size 65535
			flags dynamic, timeout
			timeout 60s
		}
		chain strangers {
			type filter hook prerouting priority raw
			iifname != "eth0" accept
			udp dport 5060 ip saddr $TRUNK accept
			udp dport 5060 update @flood { ip saddr limit rate over 20/second burst 40 packets } drop
		}
	}
	END
}

xdpban_at() {
	local verb=$1

	shift
	on xdpban "$xdpban" "$verb" "$@" --config $STAGE/etc --state $STAGE/state \
		--socket $STAGE/xdpban.sock --pin $STAGE/bpf/xdpban
}

sensor_runs() {
	[ "$(sip_status .running)" = true ]
}

xdpban_up() {
	pbx xdpban "$1" && one_page xdpban || return
	cp -r "$top/configs" $STAGE/etc
	cat >$STAGE/etc/xdpban.local <<-END
	[xdpban]
	interfaces = eth0
	sip-sensor = on
	trust = kamailio:$STAGE/kamailio/kamailio.cfg
	END
	boot xdpban $STAGE/xdpban/daemon.out $on_cpu "$xdpban" run --foreground \
		--config $STAGE/etc --state $STAGE/state --socket $STAGE/xdpban.sock \
		--pin $STAGE/bpf/xdpban
	within 10 sensor_runs
}
