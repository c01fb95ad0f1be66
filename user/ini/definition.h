/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * definition - a file of filter.d or action.d as one jail uses it: sections
 * [Definition] and [Init], parameters from the jail, and <tags> that stand for
 * any of these.  What the options mean is filter_file.c's and action_file.c's.
 */
#pragma once
#include "params.h"

struct definition {
	struct loader *l;
	const char *name;		/* "filter.d/sshd" */
	const struct ini *ini;
	struct params params;		/* from the jail: they win */
	struct params init;		/* [Init], as the file has it */
	struct ini_env env;		/* what %(name)s may be */
	/* Tags left for later, because their value depends on the ban. */
	const char *const *late;	/* NULL-terminated */
	bool broken;			/* its files have errors, reported */
};

/* How a definition is opened. */
struct definition_spec {
	const char *base;		/* "filter.d/sshd", or NULL: */
	const char *path;		/* exactly this file */
	const struct params *params;
	const struct ini_var *outer;	/* the jail's options; params win */
	size_t n_outer;
	bool init_counts;		/* %(x)s may be [Init]'s x, before [Definition]'s */
	const char *const *late;
};

/* 1; 0: there is no such file (not reported); -errno, reported. */
int definition_open(struct loader *l, struct definition *d,
		    const struct definition_spec *spec);

/* Report that @kind.d ("filter") has no @name, and what may have been meant. */
void definition_missing(struct loader *l, struct place at, const char *kind,
			const char *name);

/*
 * The option @name with everything replaced: parameters, [Init],
 * [Definition], [DEFAULT]; unknown tags stay.  1, 0: not set, -errno: reported.
 */
int definition_get(struct definition *d, const char *name, struct value *out);

/* True when [Definition] itself has the option. */
bool definition_has(const struct definition *d, const char *name);

/*
 * All names that parameters, [Init] and conditional sections define, and those
 * of @names (NULL-terminated) that are set; each with its final value.
 */
int definition_all(struct definition *d, const char *const *names, struct params *out);
