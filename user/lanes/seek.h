/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seek - where in a log that nobody has read yet the last findtime begins.
 * What is older can ban nobody, and a log of years should not be read first
 * while today's attacker is at work.  Bisects by the dates of the lines.
 */
#pragma once
#include "base/clock.h"
#include "source/source.h"
#include "stamp/stamp.h"

#define SEEK_SMALL	(1u << 20)	/* a file up to this is read from its head */
#define SEEK_SLACK_US	(60 * US_PER_S)	/* lines may be this much out of order */

/*
 * An offset into @s of @size bytes, perhaps inside a line, before which no line
 * is younger than @since.  0 where dates cannot tell.
 */
uint64_t seek_time(const struct source *s, uint64_t size, struct stamp *stamp,
		   wall_t since, wall_t now);
