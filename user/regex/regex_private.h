/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * regex_private - what regex_env.c (what all expressions share), regex_new.c (making
 * one) and regex.c (matching) know together.  Only these three know PCRE2.
 */
#pragma once
#include "pyregex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * Two limits, because PCRE2's own counts steps of very different length: one
 * can read all of a long subject.  At first the steps are so few that they end
 * within about a millisecond, however long each takes: 10,000 for a subject of
 * up to 800 bytes (Fail2ban's samples need 1,000; interpreted 5,000), fewer for
 * longer ones.  What needs more is matched again under a watch that sees each
 * step and how far it read, until the fuel is used up: less than 5 ms for the
 * worst that stock filters and 64 kB can do, where 100,000 steps took a second.
 */
#define STEPS		10000
#define STEPS_BYTES	(800u * STEPS)	/* steps times bytes, for longer ones */
#define WATCHED_STEPS	10000000
#define FUEL		25000		/* for all expressions that see one line */
#define FUEL_LIMIT	(FUEL / 8)	/* what reaching the first limit costs */

struct regex_env {
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_jit_stack *stack;
	pcre2_match_data *data;		/* wide enough for every expression */
	uint32_t data_pairs;
	uint32_t steps;			/* the limit in @match */
	uint64_t limited;
	bool jit;
	/* The watch: what is left for the line at hand; where the last step was. */
	uint64_t fuel;
	size_t last;
	struct regex_reach *reach;	/* borrows; NULL: nobody wants to know */
};

struct code {
	pcre2_code *code;
	bool jit;			/* else the interpreter matches */
};

/* What hardly any expression ever needs, and what it takes to make it then. */
struct seldom {
	char *pattern;			/* owns: as given */
	unsigned int flags;
	struct code utf;		/* for subjects that are not plain */
	bool utf_ready;			/* with JIT, if that can be had */
	pcre2_code *watched;		/* to match under the watch; NULL until then */
};

struct regex {
	struct regex_env *env;		/* borrows */
	struct code plain;		/* .code NULL: the pattern is not ASCII */
	char *prefix;			/* owns; any match begins with it, at 0 */
	size_t prefix_len;
	struct seldom *seldom;		/* owns */
	struct pyregex_group *groups;	/* owns, with the names */
	unsigned int n_groups;		/* with [0] */
};

static inline void regex_set_steps(struct regex_env *env, uint32_t steps)
{
	if (env->steps == steps)
		return;
	pcre2_set_match_limit(env->match, steps);
	pcre2_set_depth_limit(env->match, steps);
	env->steps = steps;
}

/* Here, so that no match ever allocates.  0 or -ENOMEM. */
int regex_env_reserve(struct regex_env *env, uint32_t pairs);

/* What is seldom needed is made when it is; without memory it stays NULL. */
void regex_prepare_utf(const struct regex *re);
void regex_prepare_watched(const struct regex *re);
/*
 * For matching under the watch, with PCRE2's options @more.  @py: the translated
 * pattern.  The caller frees it; NULL: no memory.
 */
pcre2_code *regex_compile_steps(const struct regex *re, const struct pyregex *py,
				uint32_t more);
