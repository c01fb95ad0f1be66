/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter_file - a filter of filter.d with its parameters, as one jail uses it.
 */
#pragma once
#include "ini/definition.h"
#include "config.h"

/* The options of a filter; those of a jail come after the filter's own. */
extern const char *const filter_option_names[];		/* NULL-terminated */

/* How a filter is named, and who asks. */
struct filter_request {
	const struct value *value;	/* "sshd[mode=aggressive]", or a path */
	struct place at;		/* where a missing filter is reported */
	bool journal;			/* logtype=journal, if it does not say itself */
	const struct ini_var *outer;	/* enabled, backend, filter of the jail */
	size_t n_outer;
};

/* Open the definition; 1, 0: none is named, or -errno, reported. */
int filter_open(struct loader *l, struct definition *d, const struct filter_request *r);

/*
 * Fill @out from the definition (NULL: no file) and from what the jail itself
 * sets, @own, which wins.  0 or -errno, reported.
 */
int filter_fill(struct loader *l, struct definition *d, const struct params *own,
		struct config_filter *out);
