/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linebuf - the last lines of a log, for expressions that span several
 * (maxlines > 1).  A match takes its lines out, except those that <SKIPLINES>
 * stepped over.  Private to this room.
 */
#pragma once
#include "regex/regex.h"
#include "subject.h"

struct linebuf_line {
	struct str raw;		/* as it was in the log */
	size_t date_start, date_end;	/* in that; alike: none */
	struct subject subject;	/* without its date */
};

struct linebuf {
	struct linebuf_line *all;	/* owns; @max of them, each in one list: */
	struct linebuf_line **v;	/* in the buffer, oldest first */
	struct linebuf_line **taken;	/* what the last match took out */
	struct linebuf_line **spare;
	size_t n, n_taken, n_spare, max;
	size_t gap;			/* in @v, where the taken ones were */
	bool changed;			/* since it was saved */
};

int linebuf_init(struct linebuf *b, size_t max);	/* 0 or -ENOMEM */
void linebuf_fini(struct linebuf *b);

/* Add a line; the oldest goes when there are too many.  0 or -ENOMEM. */
int linebuf_push(struct linebuf *b, const struct filter_line *line);
/* The buffer, or what was taken, as one text: each line with its newline. */
void linebuf_join(const struct linebuf *b, struct subject *out);
void linebuf_join_taken(const struct linebuf *b, struct subject *out);

/* Take out the lines that @match covers in @text, as linebuf_join() made it. */
void linebuf_take(struct linebuf *b, const char *text, size_t len,
		  struct regex_span match);
/* Of those, put back the ones that stand in @skipped. */
void linebuf_put_back(struct linebuf *b, struct hit_text skipped);
/* Forget all lines but one that reads @text. */
int linebuf_replace(struct linebuf *b, struct hit_text text);
