// SPDX-License-Identifier: GPL-2.0-or-later
/* The ends of bans on the two clocks. */
#include "ban_store.h"

boot_t ban_end_boot(wall_t until, boot_t boot_now, wall_t wall_now)
{
	uint64_t left_us, ns;

	if (until.us == WALL_NEVER.us)
		return BOOT_NEVER;
	if (until.us <= wall_now.us)
		return (boot_t){ 1 };
	left_us = (uint64_t)until.us - (uint64_t)wall_now.us;
	/* What is centuries away is for ever. */
	if (left_us > (BOOT_NEVER.ns - boot_now.ns) / 1000)
		return BOOT_NEVER;
	ns = boot_now.ns + left_us * 1000;
	return (boot_t){ ns };
}

wall_t ban_end_wall(boot_t until, boot_t boot_now, wall_t wall_now)
{
	int64_t left_us;

	if (until.ns == BOOT_NEVER.ns)
		return WALL_NEVER;
	if (until.ns >= boot_now.ns)
		left_us = (int64_t)((until.ns - boot_now.ns) / 1000);
	else
		left_us = -(int64_t)((boot_now.ns - until.ns) / 1000);
	if (__builtin_add_overflow(wall_now.us, left_us, &left_us))
		return WALL_NEVER;
	return (wall_t){ left_us };
}

wall_t ban_end_after(wall_t since, int64_t bantime_us)
{
	int64_t until;

	if (bantime_us < 0 || __builtin_add_overflow(since.us, bantime_us, &until))
		return WALL_NEVER;
	return (wall_t){ until };
}
