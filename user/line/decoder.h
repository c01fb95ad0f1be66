/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decoder - log bytes of some character set into UTF-8, for `logencoding`.
 * Python's names for the sets are taken, because they are what is configured.
 * What cannot be decoded becomes U+FFFD and is counted; nothing is refused.
 */
#pragma once
#include "base/util.h"

struct decoder;

typedef void decoder_out_fn(void *ctx, const char *text, size_t len);

/*
 * A decoder for @encoding and lines of up to @max_line bytes.  0 with *@out
 * NULL when the bytes can be used as they are (auto, ASCII, UTF-8), -EINVAL
 * when nobody knows the encoding, or -ENOMEM.
 */
int decoder_new(struct decoder **out, const char *encoding, size_t max_line);
void decoder_free(struct decoder *d);			/* NULL is fine */

/* How a line ends, in bytes of the encoding: 1, 2 or 4 of them. */
const char *decoder_newline(const struct decoder *d, size_t *len);
/* A file starts with @data: a byte order mark there decides, and is left out. */
void decoder_start(struct decoder *d, const char *data, size_t len);

/*
 * Convert whole lines; @fn gets them in pieces that end with '\n'.  Returns how
 * many places could not be decoded; a line whose text gets far larger than
 * @max_line (no set in use does that) is one of them, and is left out.
 */
size_t decoder_run(struct decoder *d, const char *data, size_t len,
		   decoder_out_fn *fn, void *ctx);
