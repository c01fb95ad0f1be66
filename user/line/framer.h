/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * framer - bytes into lines.
 * Hands out runs: pieces of memory that hold whole lines and nothing else, as
 * large as the bytes that came in, so that whoever reads them can look at many
 * lines at once.  A run points into the caller's buffer; only a line that was
 * cut by the end of a buffer is copied.  Does not know where bytes come from.
 *
 * A line longer than the cap is dropped and counted, not truncated: its
 * beginning alone could match an expression that ends in `$`.
 */
#pragma once
#include "base/util.h"

#define FRAMER_MAX_LINE	65536u	/* default cap, bytes before the line end */

struct framer;

/*
 * @len > 0 bytes of whole lines; the last byte is '\n'.  UTF-8 if an encoding
 * was given, else whatever the file holds: NUL and invalid bytes too.
 * Must not call the framer.
 */
typedef void framer_run_fn(void *ctx, const char *data, size_t len);

struct framer_stats {
	uint64_t lines;		/* handed out */
	uint64_t too_long;	/* lines dropped because of the cap */
	uint64_t cut;		/* unfinished lines given up by framer_restart() */
	uint64_t undecodable;	/* places that became U+FFFD */
};

/*
 * @encoding as in `logencoding`, NULL for auto; @max_line 0 for the default.
 * 0, -EINVAL for an unknown encoding, or -ENOMEM.
 */
int framer_new(struct framer **out, const char *encoding, size_t max_line,
	       framer_run_fn *run, void *ctx);
void framer_free(struct framer *f);		/* NULL is fine */

/*
 * Take the next @len bytes.  Returns how many of all bytes pushed so far belong
 * to a line that has not ended: the stream's position minus this is where
 * reading must begin again after a restart.
 */
size_t framer_push(struct framer *f, const char *data, size_t len);
/* The stream ended for good: the last line counts although it has no end. */
void framer_finish(struct framer *f);
/*
 * The next bytes do not follow the last ones: forget the unfinished line.
 * @inside: they may begin in the middle of a line, so skip to its end first.
 */
void framer_restart(struct framer *f, bool inside);

const struct framer_stats *framer_stats(const struct framer *f);

/*
 * Walk the lines of a run: *@at starts at its first byte.  Like Fail2ban, the
 * line is given without its '\n' and the '\r's before that.  False at @end.
 */
static inline bool line_next(const char **at, const char *end,
			     const char **line, size_t *len)
{
	const char *stop;

	if (*at >= end)
		return false;
	*line = *at;
	stop = (const char *)memchr(*at, '\n', (size_t)(end - *at));
	if (!stop)
		stop = end;
	*at = stop + 1;
	while (stop > *line && stop[-1] == '\r')
		stop--;
	*len = (size_t)(stop - *line);
	return true;
}
