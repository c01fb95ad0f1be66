/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pyregex_parse - what pyregex.c, pyregex_group.c and pyregex_atom.c share: the
 * parser's state.  Private to these files.
 */
#pragma once
#include "pyregex.h"

struct pyscope {
	size_t at;		/* of its opening bracket */
	unsigned int flags;	/* to go back to */
	unsigned int group;	/* number, 0: it captures nothing */
	bool conditional;	/* (?(1)...): two branches at most */
	bool branched;
};

/* How far the text is known that the whole pattern must begin with. */
enum pyprefix { PY_PREFIX_OPEN, PY_PREFIX_ANCHORED, PY_PREFIX_DONE };

enum pyrepeat { PY_NOTHING, PY_ATOM, PY_REPEATED };

struct pyparser {
	struct pyregex *out;
	struct regex_error *err;
	const char *pattern;	/* NUL-terminated */
	const char *p;		/* the next byte to read */
	unsigned int flags;	/* in force here */
	enum pyrepeat last;	/* what a quantifier would repeat */
	enum pyprefix prefix;
	struct pyscope scopes[PYREGEX_DEPTH];
	unsigned int depth;
};

/* Fill in the error with its place and return -EINVAL. */
int py_refuse(struct pyparser *ps, const char *at, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* One character from @ps->p on: 0, or refused because it is not UTF-8. */
int py_char(struct pyparser *ps, uint32_t *c);
/* Write a character that stands for itself. */
void py_literal(struct pyparser *ps, uint32_t c);
/* The same outside of sets, where it may belong to the prefix. */
void py_atom(struct pyparser *ps, uint32_t c);
/* @ps->p is behind a backslash; behind an opening square bracket. */
int py_escape(struct pyparser *ps);
int py_set(struct pyparser *ps);
/* One more group, whose end is to come; takes @name (NULL: none) over.  0 or -ENOMEM. */
int py_add_group(struct pyregex *out, char *name);

/* Not an error: a flag was found that is for all, which must be read again under it. */
#define PY_START_AGAIN	1
/* @at is the bracket, @ps->p behind it.  0, refused, or PY_START_AGAIN. */
int py_open_group(struct pyparser *ps, const char *at);
int py_close_group(struct pyparser *ps, const char *at);
