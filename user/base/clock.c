// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <time.h>

boot_t boot_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (boot_t){ (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec };
}

wall_t wall_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (wall_t){ ts.tv_sec * US_PER_S + ts.tv_nsec / 1000 };
}
