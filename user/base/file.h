/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file - a whole small file at once.
 */
#pragma once
#include <sys/types.h>

#include "base/str.h"

#define FILE_CONF_MAX	(4u << 20)	/* a configuration file is not larger */

/*
 * All bytes of the regular file @path, behind what is in @out, and its permissions
 * (@mode may be NULL).  Never waits for a FIFO or a device, nor reads of a file of
 * more than @max bytes.
 * 0, -ENOENT, -EISDIR, -EINVAL (a device or the like), -EFBIG, or what the
 * system says.
 */
int file_read(const char *path, size_t max, struct str *out, mode_t *mode);
/* Write it as a whole or not at all, with a temporary name beside it. */
int file_write(const char *path, const struct str *bytes, mode_t mode);
