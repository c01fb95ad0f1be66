/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_parts - what a filter is made of, shared by filter_new.c (making one),
 * filter.c (matching) and identify.c (whom a match is about).
 * Private to this room.
 */
#pragma once
#include "filter.h"
#include "linebuf.h"
#include "tagged.h"
#include "session.h"
#include "subject.h"

struct patterns {
	struct tagged *v;	/* owns */
	size_t n;
};

struct filter {
	struct fields fields;
	struct patterns pref, fail, ignore;	/* pref: none or one */
	enum filter_names names;
	struct regex_env *env;		/* borrows */
	struct linebuf buf;		/* .max 0: one line at a time */
	struct sessions sessions;
	struct filter_stats stats;
	/* Of the line at hand; all memory is kept for the next one. */
	struct subject subject, content, taken;
	struct regex_span *spans;	/* owns; enough for every expression */
	unsigned int n_spans;
	struct captures before, found;	/* of the prefregex; of all together */
	struct hit_text raw, *raw_lines;	/* owns @raw_lines; NULL without buffer */
	struct hit_field hit_fields[FIELDS_MAX];
	char id[IPADDR_TEXT], ip[IPADDR_TEXT];
};

/*
 * Whom the captures name: 1: @hit has its id; 0: nobody that could be reported;
 * -ENOENT: nothing was captured that could be an id.
 */
int identify(struct filter *f, const struct captures *c, struct hit *hit);
