// SPDX-License-Identifier: GPL-2.0-or-later
#include "framer.h"

#include <errno.h>
#include <stdlib.h>

#include "regex/sieve.h"
#include "decoder.h"

enum { WIDE_SLICE = 65536 };	/* what a wide encoding takes in at a time */

struct framer {
	framer_run_fn *run;
	void *ctx;
	size_t max_line;
	char *carry;		/* owns; room for the longest unfinished line */
	size_t carry_len;
	bool skipping;		/* up to the next line end everything is dropped */
	bool too_long;		/* ... because the line is, so count it */
	bool started;		/* wide: the first unit came since a restart */
	size_t skipped;		/* bytes of the line that is being skipped */
	struct decoder *decoder;	/* owns; NULL: bytes are used as they are */
	const char *newline;	/* of unit bytes */
	size_t unit;
	struct framer_stats stats;
};

int framer_new(struct framer **out, const char *encoding, size_t max_line,
	       framer_run_fn *run, void *ctx)
{
	struct framer *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->run = run;
	f->ctx = ctx;
	f->max_line = max_line ? max_line : FRAMER_MAX_LINE;
	f->newline = "\n";
	f->unit = 1;
	err = decoder_new(&f->decoder, encoding, f->max_line);
	if (err)
		goto fail;
	if (f->decoder)
		f->newline = decoder_newline(f->decoder, &f->unit);
	/* All of it now, so that a push cannot fail; untouched pages cost nothing. */
	f->carry = malloc(f->max_line + f->unit + (f->unit > 1 ? WIDE_SLICE : 0));
	err = -ENOMEM;
	if (!f->carry)
		goto fail;
	*out = f;
	return 0;
fail:
	framer_free(f);
	return err;
}

void framer_free(struct framer *f)
{
	if (!f)
		return;
	decoder_free(f->decoder);
	free(f->carry);
	free(f);
}

const struct framer_stats *framer_stats(const struct framer *f)
{
	return &f->stats;
}

/* ---- line ends ----------------------------------------------------------- */

/* The offset just behind the first line end in @len bytes; 0: none. */
static size_t after_first(const struct framer *f, const char *p, size_t len)
{
	const char *nl;

	if (f->unit == 1) {
		nl = memchr(p, '\n', len);
		return nl ? (size_t)(nl - p) + 1 : 0;
	}
	for (size_t i = 0; i + f->unit <= len; i += f->unit)
		if (!memcmp(p + i, f->newline, f->unit))
			return i + f->unit;
	return 0;
}

/* The offset just behind the last one; looks backwards, so it costs one line. */
static size_t after_last(const struct framer *f, const char *p, size_t len)
{
	const char *nl;

	if (f->unit == 1) {
		nl = memrchr(p, '\n', len);
		return nl ? (size_t)(nl - p) + 1 : 0;
	}
	for (size_t i = len - len % f->unit; i; i -= f->unit)
		if (!memcmp(p + i - f->unit, f->newline, f->unit))
			return i;
	return 0;
}

/* ---- handing out --------------------------------------------------------- */

static void hand_out(void *ctx, const char *data, size_t len)
{
	struct framer *f = ctx;

	f->stats.lines += sieve_count(data, len);
	f->run(f->ctx, data, len);
}

static void emit(struct framer *f, const char *data, size_t len)
{
	if (!len)
		return;
	if (f->decoder)
		f->stats.undecodable += decoder_run(f->decoder, data, len, hand_out, f);
	else
		hand_out(f, data, len);
}

static void skip_from(struct framer *f, size_t bytes)
{
	f->skipping = f->too_long = true;
	f->skipped = bytes;
}

/* Go on skipping.  Returns the bytes used up; all that is whole, if no end came. */
static size_t skip(struct framer *f, const char *p, size_t len)
{
	size_t end = after_first(f, p, len);

	if (!end) {
		len -= len % f->unit;
		f->skipped += len;
		return len;
	}
	f->stats.too_long += f->too_long;
	f->skipping = f->too_long = false;
	f->skipped = 0;
	return end;
}

/*
 * Hand out all whole lines in @p, as few runs as possible, and return the bytes
 * used up.  What is left is an unfinished line within the cap.
 * A jump of one cap's length back to the last line end proves that all lines
 * in between are short enough, without looking at them.
 */
static size_t consume(struct framer *f, const char *p, size_t len)
{
	const size_t window = f->max_line + f->unit;
	size_t at = f->skipping ? skip(f, p, len) : 0, run = at;

	while (at < len) {
		size_t look = len - at < window ? len - at : window;
		size_t jump = after_last(f, p + at, look);

		if (!jump && look < window)
			break;
		if (!jump) {
			emit(f, p + run, at - run);
			skip_from(f, 0);
			at += skip(f, p + at, len - at);
			run = at;
			if (f->skipping)
				return at;
		}
		at += jump;
	}
	emit(f, p + run, at - run);
	return at;
}

/* ---- carrying over ------------------------------------------------------- */

/* Keep @len bytes for the next push; the callers stay within the cap. */
static void carry_add(struct framer *f, const char *data, size_t len)
{
	memcpy(f->carry + f->carry_len, data, len);
	f->carry_len += len;
}

/* Finish the carried line with the first bytes of @data; returns those used. */
static size_t finish_carried(struct framer *f, const char *data, size_t len)
{
	size_t end = after_first(f, data, len), used = end ? end : len;

	if (f->carry_len + used > f->max_line + (end ? 1 : 0)) {
		skip_from(f, f->carry_len);
		f->carry_len = 0;
		return skip(f, data, len);
	}
	carry_add(f, data, used);
	if (end) {
		emit(f, f->carry, f->carry_len);
		f->carry_len = 0;
	}
	return used;
}

static void push_bytes(struct framer *f, const char *data, size_t len)
{
	size_t at = f->carry_len ? finish_carried(f, data, len) : 0;

	if (at == len)
		return;
	at += consume(f, data + at, len - at);
	carry_add(f, data + at, len - at);
}

/* Two or four bytes for a unit: all goes through the carry, which is aligned. */
static void push_wide(struct framer *f, const char *data, size_t len)
{
	while (len) {
		size_t slice = len < WIDE_SLICE ? len : WIDE_SLICE, used;

		carry_add(f, data, slice);
		if (!f->started && f->carry_len >= f->unit) {
			decoder_start(f->decoder, f->carry, f->carry_len);
			f->newline = decoder_newline(f->decoder, &f->unit);
			f->started = true;
		}
		used = consume(f, f->carry, f->carry_len);
		memmove(f->carry, f->carry + used, f->carry_len - used);
		f->carry_len -= used;
		data += slice;
		len -= slice;
	}
}

size_t framer_push(struct framer *f, const char *data, size_t len)
{
	if (f->unit == 1)
		push_bytes(f, data, len);
	else
		push_wide(f, data, len);
	return f->skipped + f->carry_len;
}

void framer_finish(struct framer *f)
{
	if (!f->skipping && f->carry_len)
		framer_push(f, f->newline, f->unit);
	framer_restart(f, false);
}

void framer_restart(struct framer *f, bool inside)
{
	f->stats.cut += f->carry_len > 0;
	f->stats.too_long += f->too_long;
	f->carry_len = f->skipped = 0;
	f->skipping = inside;
	f->too_long = f->started = false;
}
