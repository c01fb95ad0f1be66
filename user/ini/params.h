/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * params - `name[option=value, other="a,b]"][third='x']`, the way a jail names
 * its filter and its actions.  Unquoted values end at "," or "]", quoted ones
 * may hold anything but their quote, newlines too.
 */
#pragma once
#include "interp.h"

#define PARAMS_MAX	256		/* options of one name */

struct params {
	const char *name;
	struct place at;
	struct ini_var *vars;		/* each name once: the last one wins */
	size_t n;
};

/*
 * The next item of a list that blanks and newlines separate; @offset into @v
 * starts at 0 and is moved behind it.  1 and @out, 0 at the end, -EINVAL
 * (reported, the item is skipped), -ENOMEM.
 */
int params_next(struct loader *l, const struct value *v, size_t *offset,
		struct params *out);
/* A value that is one such item and nothing else; 1, 0: empty, or -errno. */
int params_parse(struct loader *l, const struct value *v, struct params *out);

const struct value *params_get(const struct params *p, const char *name);
int params_set(struct loader *l, struct params *p, const char *name,
	       const struct value *v);
