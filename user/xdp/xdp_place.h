/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp_place - the BPF file system that holds the pins: made where nobody has, and
 * left as it was found.
 */
#pragma once

/*
 * Mount one at /sys/fs/bpf if @pin lies there and none is mounted yet, as systemd
 * would have.  Only for what the operator runs: a daemon's mount may be its own,
 * and go with it.  1: mounted; 0: nothing to do; -errno.
 */
int xdp_place_mount(const char *pin);
/*
 * Remove all that is pinned under @pin, of every version, and the directories; the
 * kernel forgets the bans in it.  Attachments must be off.  -ENOENT: nothing is
 * pinned; else 0 or -errno, after logging.
 */
int xdp_place_clear(const char *pin);
