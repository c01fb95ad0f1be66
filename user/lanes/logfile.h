/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logfile - read a whole log once, for `test` and `replay`.
 * Plain files, "-" for standard input, and rotated logs that were compressed
 * with gzip.  The daemon follows files with source/ instead.
 */
#pragma once
#include "line/framer.h"

/*
 * Give all lines of @path, the last one too if it has no end, to @run.
 * @encoding as in `logencoding`.  0 or -errno.
 */
int logfile_read(const char *path, const char *encoding, framer_run_fn *run, void *ctx);
