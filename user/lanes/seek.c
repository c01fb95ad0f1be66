// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/seek.h"

#include <errno.h>
#include <stdlib.h>

#include "line/framer.h"

enum { CHUNK = 64 << 10 };

/* The time of the first dated line that begins in @buf; the first one is cut. */
static int first_time(struct stamp *stamp, const char *buf, size_t len, wall_t now,
		      wall_t *when)
{
	const char *at = memchr(buf, '\n', len), *line;
	size_t n;

	if (!at)
		return -ENOENT;
	at++;
	while (line_next(&at, buf + len, &line, &n)) {
		struct stamp_date date;

		if (stamp_find(stamp, line, n, &date) && date.start < date.end &&
		    !stamp_compute(stamp, line, &date, now, when))
			return 0;
	}
	return -ENOENT;
}

uint64_t seek_time(const struct source *s, uint64_t size, struct stamp *stamp,
		   wall_t since, wall_t now)
{
	uint64_t low = 0, high = size;
	char *buf = size > SEEK_SMALL ? malloc(CHUNK) : NULL;

	if (!buf)
		return 0;
	since.us -= SEEK_SLACK_US;
	while (high - low > CHUNK) {
		uint64_t middle = low + (high - low) / 2;
		ssize_t n = source_pread(s, buf, CHUNK, middle);
		wall_t when;

		/* Without a date there, begin with what is known to be older. */
		if (n <= 0 || first_time(stamp, buf, (size_t)n, now, &when))
			break;
		if (when.us < since.us)
			low = middle;
		else
			high = middle;
	}
	free(buf);
	return low;
}
