/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loader - what all readers, here and in config/, share while a configuration is
 * read: the memory, the list of problems, and the files already parsed, so that a
 * file used by fifty filters is read, and complained about, once.
 */
#pragma once
#include "base/diag.h"
#include "pool.h"
#include "value.h"

struct loader {
	struct pool *pool;
	struct diag *diag;
	const char *dir;		/* the configuration's, no '/' at the end */
	/* DIAG_WARNING while a jail is read that will not run anyway. */
	enum diag_level error_level;
	bool look_for_logs;		/* of struct config_options */
	unsigned long errors;		/* so far: callers compare before and after */
	struct loaded_ini *files;	/* parsed files, by path */
	struct loaded_ini *sets;	/* merged sets of files, by their base */
	size_t n_files;
};

/* 0 or -ENOMEM; @dir is copied. */
int loader_init(struct loader *l, struct pool *pool, const char *dir, struct diag *d);

/* Report an error or a warning at @at; the same words at a place only once. */
void loader_error(struct loader *l, struct place at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void loader_warn(struct loader *l, struct place at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* "out of memory" as an error; returns -ENOMEM. */
int loader_nomem(struct loader *l);

/*
 * A rejected text for a message: at most 60 bytes of its first line, control
 * characters as '?'.  Returns @buf.
 */
#define QUOTE_SIZE	72
const char *quote(const char *s, char buf[static QUOTE_SIZE]);

/* Arrays that grow: double @array (of @n items) when full.  NULL: no memory. */
void *loader_grow(struct loader *l, void *array, size_t n, size_t size);
