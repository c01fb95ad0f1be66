/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clock - two kinds of time that must never be mixed.
 * boot_t (CLOCK_BOOTTIME) measures how long a ban lasts: it survives suspend
 * and nobody can set it.  wall_t is what log lines say; it can jump.  They are
 * different structs so that the compiler refuses to compare them.
 * Whoever can be told the time is told.  A clock is read by the loop, by verbs, and by
 * who tells a kernel or a server how long something still lasts.
 */
#pragma once
#include <stdint.h>

typedef struct { uint64_t ns; } boot_t;	/* since boot, CLOCK_BOOTTIME */
typedef struct { int64_t us; } wall_t;	/* since 1970-01-01 00:00 UTC */

#define NS_PER_S	1000000000ull
#define US_PER_S	1000000ll

/* A ban that never ends, in both clocks. */
#define BOOT_NEVER	((boot_t){ UINT64_MAX })
#define WALL_NEVER	((wall_t){ INT64_MAX })

boot_t boot_now(void);
wall_t wall_now(void);

static inline wall_t wall_from_s(double s)
{
	return (wall_t){ (int64_t)(s * 1e6 + (s < 0 ? -0.5 : 0.5)) };
}

static inline double wall_to_s(wall_t w)
{
	return (double)w.us / 1e6;
}
