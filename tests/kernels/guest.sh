#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In the other kernel: run the tests that kernel= on the command line names.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C
cd "$checkout" || echo "no $checkout here"
mount -t bpf bpf /sys/fs/bpf
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
ln -sf /proc/self/fd /dev/fd
ip link set lo up
echo "running Linux $(uname -r)"
# What tests are to do is on the command line, as KEY=VALUE with colons for blanks.
while read -r -d ' ' word; do
	case $word in
	tests=*)	tests=${word#tests=} ;;
	build=*)	build=${word#build=} ;;
	speed=*)	export "PATIENCE=${word#speed=}" ;;
	slow=*)		export "SLOW=${word#slow=}" ;;
	esac
done < <(cat /proc/cmdline; echo ' ')
tests/run.sh "$build" ${tests//:/ } 2>&1
poweroff -f
