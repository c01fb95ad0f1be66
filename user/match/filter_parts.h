/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_parts - what a filter is made of, shared by filter_new.c (making one),
 * filter.c (matching), explain.c (the same, aloud) and identify.c (whom a match
 * is about).
 * Private to this room.
 */
#pragma once
#include "filter.h"
#include "linebuf.h"
#include "session.h"
#include "subject.h"
#include "tagged.h"

struct patterns {
	struct tagged *v;	/* owns */
	size_t n;
};

struct prefilter {
	struct sieve *sieve;	/* owns */
	uint64_t weak;		/* marks that say nothing without FILTER_MARK_PREF */
};

struct filter {
	struct fields fields;
	struct patterns pref, fail, ignore;	/* pref: none or one */
	enum filter_names names;
	struct regex_env *env;		/* borrows */
	struct prefilter prefilter;
	struct linebuf buf;		/* .max 0: one line at a time */
	struct sessions sessions;
	struct filter_stats stats;
	/* Of the line at hand; all memory is kept for the next one. */
	struct subject subject, content, taken;
	const struct regex_span *spans;	/* borrows: of the last match */
	struct captures before, found;	/* of the prefregex; of all together */
	struct hit_text raw, *raw_lines;	/* owns @raw_lines; NULL without buffer */
	struct hit_field hit_fields[FIELDS_MAX];
	char id[IPADDR_TEXT], ip[IPADDR_TEXT];
};

/* A text for expressions to look at. */
struct view {
	const char *s;
	size_t len;
	bool plain;
};

/* ---- the steps of filter_match(), which explain.c goes one by one ---- */

/* Make the text of a line, or of all lines in the buffer; false: no memory. */
bool filter_load(struct filter *f, const struct filter_line *line, struct view *v);
/* Are the ignoreregexes asked about the whole text, before all others? */
bool filter_ignores_first(const struct filter *f);
/*
 * Ask the prefregex.  False: it does not match, so nothing will; else @v is
 * what the failregexes look at, and @content what the prefregex captured of it.
 */
bool filter_prepare(struct filter *f, struct view *v, struct hit_text *content);
/* Search; what is found is in @f->spans. */
bool filter_search(struct filter *f, const struct tagged *p, const struct view *v);
/*
 * After a failregex @p matched in @v: take its lines out of the buffer, if there
 * is one.  What the ignoreregexes are asked about.
 */
struct view filter_take(struct filter *f, const struct tagged *p, struct view v);

/*
 * Whom the captures name: 1: @hit has its id; 0: nobody that could be reported;
 * -ENOENT: nothing was captured that could be an id.
 */
int filter_identify(struct filter *f, const struct captures *c, struct hit *hit);
