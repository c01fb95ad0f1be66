/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diag - what is wrong with a configuration: all of it, each with its place.
 * Whoever reads or compiles something configured adds entries here and goes on,
 * so that one run of `xdpban check` shows every problem.  The caller decides
 * whether they are printed, logged or turned into a refusal.
 */
#pragma once
#include "util.h"

/* A configured text and where it stands; both strings outlive their user. */
struct text {
	const char *s;		/* borrows; NULL: not set */
	const char *file;	/* borrows; NULL: not from a file */
	int line;		/* from 1; 0: unknown */
};

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

struct diag_entry {
	enum diag_level level;
	char *file;		/* owns; NULL: no place */
	int line;
	char *text;		/* owns; NULL: there was no memory for it */
};

struct diag {
	struct diag_entry *entries;	/* owns */
	size_t n, size;
	size_t count[3];		/* by level; counts also what the cap refused */
};

#define DIAG_MAX	10000		/* entries kept; more are only counted */

void diag_fini(struct diag *d);
/* Add an entry; @d may be NULL (then it is dropped).  Copies everything. */
void diag_add(struct diag *d, enum diag_level level, const char *file, int line,
	      const char *fmt, ...) PRINTF_LIKE(5, 6);
/* The usual calls: an error or a warning about @where (a struct text *). */
#define diag_error(d, where, ...) \
	diag_add(d, DIAG_ERROR, (where)->file, (where)->line, __VA_ARGS__)
#define diag_warn(d, where, ...) \
	diag_add(d, DIAG_WARNING, (where)->file, (where)->line, __VA_ARGS__)
/*
 * By file and line, so that a reader goes through each file once; stable.  What is
 * said twice of one place is kept once, at the worse level.
 */
void diag_sort(struct diag *d);
/* "file:line: text" into @buf; @buf is returned. */
const char *diag_format(const struct diag_entry *e, char *buf, size_t size);
