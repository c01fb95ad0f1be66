/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * secret - a password in a file that nobody but its owner may read.
 */
#pragma once
#include "base/util.h"

#define SECRET_MAX	256u	/* bytes, with NUL */

/*
 * The first line of @path.  0; -EPERM: others may read or write it, or it is not
 * root's or ours; -EINVAL: no regular file, empty, too long, or with bytes that
 * cannot stand in a protocol's line; or -errno.
 */
int secret_read(const char *path, char out[static SECRET_MAX]);
/* The same in words, for the operator. */
const char *secret_why(int err);
