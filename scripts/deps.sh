#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Install what building (--build), testing (--test) or the demo (--demo) needs.
# With --if-root it does nothing for other users, who test with what they have.
set -eu

build_apt='gcc make clang llvm libbpf-dev libelf-dev zlib1g-dev libpcre2-dev
	libsqlite3-dev libjansson-dev libsystemd-dev libc-ares-dev libcap-dev
	bpftool pkg-config'
build_dnf='gcc make clang llvm libbpf-devel elfutils-libelf-devel zlib-devel
	pcre2-devel sqlite-devel jansson-devel systemd-devel c-ares-devel
	libcap-devel bpftool pkgconf-pkg-config'
demo_apt='iproute2 openssh-server openssh-client hydra sipvicious sip-tester kamailio
	jq'
demo_dnf='iproute openssh-server openssh-clients hydra sipp kamailio jq'
test_apt="$demo_apt python3 fail2ban strace"
test_dnf="$demo_dnf python3 fail2ban strace"

want=build
for arg; do
	case $arg in
	--build|--test|--demo)	want=${arg#--} ;;
	--if-root)		[ "$(id -u)" = 0 ] || exit 0 ;;
	*)	echo "usage: $0 [--build|--test|--demo] [--if-root]" >&2; exit 2 ;;
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

if command -v apt-get >/dev/null; then
	list=$(missing_apt $(packages apt))
	[ -z "$list" ] && exit 0
	[ "$(id -u)" = 0 ] || { echo "deps: needs root to install:" $list >&2; exit 1; }
	echo "deps: installing" $list
	export DEBIAN_FRONTEND=noninteractive
	# Services of the test programs must not start: RUNLEVEL tells invoke-rc.d.
	apt-get update -q >/dev/null
	RUNLEVEL=1 apt-get install -y -q --no-install-recommends $list >/dev/null
elif command -v dnf >/dev/null; then
	[ "$(id -u)" = 0 ] || { echo "deps: needs root" >&2; exit 1; }
	dnf install -y -q $(packages dnf)
else
	echo "deps: neither apt-get nor dnf here; install by hand:" $(packages apt) >&2
	exit 1
fi
