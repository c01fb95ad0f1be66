/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allow_file - the networks in a "file:" list of ignoreip.
 * Words are separated by blanks, commas and line ends; "#" and ";" begin a
 * comment at the start of a word.  Private to the allowlist.
 */
#pragma once
#include <sys/types.h>

#include "base/ipaddr.h"

/* What tells one state of a file from another. */
struct allow_file_id {
	dev_t dev;
	ino_t ino;
	off_t size;
	int64_t mtime_ns;
};

struct allow_list {
	struct ipaddr *nets;	/* owns */
	size_t n, size;
	uint64_t bad;		/* words that are no address */
	uint64_t refused;	/* networks beyond @max */
};

/* The state of the file at @path now: 0 or -errno (-EINVAL: no regular file). */
int allow_file_look(const char *path, struct allow_file_id *id);
/* Read it, at most @max networks.  0 or -errno; free @list->nets in any case. */
int allow_file_read(const char *path, size_t max, struct allow_list *list);
/* One text of such words; the same. */
int allow_file_parse(const char *text, size_t len, size_t max, struct allow_list *list);
