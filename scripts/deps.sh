#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Install what building (--build), testing (--test), the demo (--demo) or testing on
# another kernel (--kernels) needs.
# With --if-root it does nothing for other users, who test with what they have.
#
# The test programs bring services with them (sshd, Kamailio, Fail2ban ...).
# None is started, and those that were not installed before are not enabled at
# boot either: the machine goes on serving what it served.
set -eu

build_apt='gcc make clang llvm libbpf-dev libelf-dev zlib1g-dev libpcre2-dev
	libsqlite3-dev libjansson-dev libsystemd-dev libc-ares-dev libcap-dev
	libgnutls28-dev
	bpftool pkg-config'
build_dnf='gcc make clang llvm libbpf-devel elfutils-libelf-devel zlib-devel
	pcre2-devel sqlite-devel jansson-devel systemd-devel c-ares-devel
	libcap-devel gnutls-devel bpftool pkgconf-pkg-config'
demo_apt='iproute2 procps util-linux openssh-server openssh-client rsyslog kamailio
	hydra sipvicious sip-tester jq'
demo_dnf='iproute procps-ng util-linux openssh-server openssh-clients rsyslog
	kamailio hydra sipp jq'
test_apt="$demo_apt python3 lua5.4 openssl fail2ban python3-pyinotify strace mandoc
	ethtool nftables iptables ipset xdp-tools systemd-journal-remote
	python3-systemd"
test_dnf="$demo_dnf python3 lua openssl fail2ban python3-inotify strace mandoc
	ethtool nftables iptables ipset xdp-tools systemd-journal-remote
	python3-systemd"
kernels_apt="$test_apt qemu-system-x86 busybox-static cpio kmod"
kernels_dnf="$test_dnf qemu-system-x86 busybox cpio kmod"

policy=/usr/sbin/policy-rc.d

want=build
for arg; do
	case $arg in
	--build|--test|--demo|--kernels)	want=${arg#--} ;;
	--if-root)		[ "$(id -u)" = 0 ] || exit 0 ;;
	*)	echo "usage: $0 [--build|--test|--demo|--kernels] [--if-root]" >&2; exit 2 ;;
	esac
done

packages() {
	local extra=${want}_$1 base=build_$1

	echo ${!base} $([ "$want" = build ] || echo ${!extra})
}

missing_apt() {
	for p; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
}

# Maintainer scripts ask policy-rc.d before they start a service; 101 is "no".
# An own one of the machine's is put aside and comes back, also after Ctrl-C.
forbid_starting() {
	trap allow_starting EXIT
	trap 'exit 130' INT TERM HUP
	if [ -e $policy ] || [ -L $policy ]; then
		mv $policy $policy.xdpban-saved
	fi
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod 755 $policy
}

allow_starting() {
	rm -f $policy
	[ ! -e $policy.xdpban-saved ] && [ ! -L $policy.xdpban-saved ] ||
		mv $policy.xdpban-saved $policy
}

# The units that installing would add to the next boot.
enabled_units() {
	find /etc/systemd/system -path '*.wants/*' -type l 2>/dev/null | sort
}

# What a command says matters only when it fails.
quietly() {
	local out

	out=$("$@" 2>&1 </dev/null) && return
	echo "$out" >&2
	return 1
}

# Old lists name packages that are gone.  Another apt may hold the lists.
update_apt() {
	local try

	for try in 1 2 3 4 5; do
		quietly apt-get update -q && return
		echo "deps: apt-get update failed, trying again ($try)" >&2
		sleep 10
	done
	quietly apt-get update -q
}

install_apt() {
	local before added

	export DEBIAN_FRONTEND=noninteractive
	forbid_starting
	before=$(enabled_units)
	update_apt
	quietly apt-get install -y -q --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "$@"
	added=$(comm -13 <(echo "$before") <(enabled_units))
	[ "$want" = build ] || [ -z "$added" ] || {
		rm -f $added
		echo "deps: not enabled at boot:" $(basename -a $added | sort -u)
	}
}

if command -v apt-get >/dev/null; then
	list=$(missing_apt $(packages apt))
	[ -z "$list" ] && exit 0
	[ "$(id -u)" = 0 ] || { echo "deps: needs root to install:" $list >&2; exit 1; }
	echo "deps: installing" $list
	install_apt $list
elif command -v dnf >/dev/null; then
	# Fedora's packages start and enable nothing by themselves.
	[ "$(id -u)" = 0 ] || { echo "deps: needs root" >&2; exit 1; }
	dnf install -y -q $(packages dnf)
else
	echo "deps: neither apt-get nor dnf here; install by hand:" $(packages apt) >&2
	exit 1
fi
