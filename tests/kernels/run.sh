#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run tests that touch the kernel on another one: Debian's, in qemu, with or
# without KVM.  The guest sees this machine's files and changes none of them.
#
#   tests/kernels/run.sh BUILD-DIR [KIND[/PATTERN]...]    see tests/run.sh
#
# KERNEL=linux-image-...  another package than Debian stable's kernel
# APPEND='...'            more words for the kernel's command line
set -eu
cd "$(dirname "$0")/../.."
build=$1
shift
tests=${*:-bpf netns/attach_* netns/backend_* netns/datapath_* kernels/*}
cache=$PWD/$build/kernels

fetch() {
	local name=${KERNEL:-}
	[ -n "$name" ] || name=$(apt-cache depends linux-image-amd64 |
		sed -n 's/.*Depends: //p' | head -n 1)
	[ -n "$name" ] || { echo "kernels: apt knows no kernel; apt-get update?" >&2; exit 1; }
	root=$cache/$name
	[ -e "$root/ready" ] && return
	rm -rf "$root"
	mkdir -p "$root"
	(cd "$root" && apt-get download -q "$name" >apt.log 2>&1) || {
		cat "$root/apt.log" >&2
		exit 1
	}
	dpkg-deb -x "$root"/*.deb "$root"
	rm "$root"/*.deb
	depmod -b "$root" "$(ls "$root/lib/modules")"
	touch "$root/ready"
}

# Modules with what they need, for the first steps; the others come over 9p.
copy_modules() {
	local file
	for file in $(for m; do
		modprobe -d "$root" -S "$version" --show-depends "$m" |
			sed -n 's/^insmod //p'
	done | sort -u); do
		mkdir -p "$tree$(dirname "${file#"$root"}")"
		cp "$file" "$tree${file#"$root"}"
	done
	cp "$root/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} \
		"$tree/lib/modules/$version"
	depmod -b "$tree" "$version"
}

make_initramfs() {
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,proc,dev,memory,machine,root,sbin}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	ln -s /bin/busybox "$tree/sbin/modprobe"
	cp tests/kernels/init "$tree/init"
	copy_modules virtio_pci 9pnet_virtio 9p overlay
	(cd "$tree" && find . | cpio --quiet -o -H newc) | gzip -1 >"$cache/initramfs"
	rm -rf "$tree"
}

# The device may be there and the processor not able to.  Without it, 5.10 hangs on
# two processors at once: one never leaves the XDP dispatcher that the other rewrites.
accelerator() {
	if grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ]; then
		echo kvm
	elif [[ $version == 5.* ]]; then
		echo tcg,thread=single
	else
		echo tcg,thread=multi
	fi
}

boot() {
	local words="console=ttyS0 quiet panic=-1 checkout=$PWD build=$build"

	words+=" modules=$root/lib/modules tests=${tests// /:} no_timer_check"
	case $(accelerator) in
	*multi)		words+=" slow=6" ;;
	*single)	words+=" slow=12" ;;
	esac
	qemu-system-x86_64 -accel "$(accelerator)" -cpu max -smp 2 -m 3G \
		-nodefaults -no-reboot -display none -serial stdio \
		-kernel "$root/boot/vmlinuz-$version" -initrd "$cache/initramfs" \
		-append "$words ${APPEND:-}" \
		-virtfs local,path=/,mount_tag=machine,security_model=none,readonly=on,multidevs=remap \
		-device virtio-net-pci,netdev=virtio0 -netdev hubport,id=virtio0,hubid=0 \
		-device e1000e,netdev=intel0 -netdev hubport,id=intel0,hubid=0 </dev/null
}

fetch
version=$(ls "$root/lib/modules")
make_initramfs
boot 2>&1 | sed -u 's%\r%%' | tee "$cache/log"
grep -aqE '^[1-9][0-9]* passed, 0 failed' "$cache/log"
