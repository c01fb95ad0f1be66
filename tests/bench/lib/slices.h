/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slices - a run of the generator is timed in pieces: what interrupts it (the
 * host of a virtual machine, above all) spoils some of them, not the median.
 * The kernel's own work for a run, of which waiting for a grace period alone
 * is 20 ms, lies before the first and behind the last.
 * Included by the frame generator in the kernel and by user space.
 */
#pragma once

#define SLICE_FRAMES	8192
#define SLICES		1024	/* of one run, at most */
