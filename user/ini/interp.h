/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interp - fetch an option with its %(references)s replaced.
 */
#pragma once
#include "ini.h"

struct ini_var {
	const char *name;		/* compared without case */
	struct value value;
};

/*
 * Names from outside the file.  @vars come before the file's own options (the
 * parameters of a filter); @known answers %(known/NAME)s before the layers do
 * (a jail's filter), with text that is final: a "%" in it is only that.
 */
struct ini_env {
	const struct ini_var *vars;
	size_t n_vars;
	/* 1: found, 0: not, -errno: reported. */
	int (*known)(void *ctx, const char *name, struct value *out);
	void *ctx;
};

/*
 * Option @name as section @section sees it: @env's variables, the section,
 * [DEFAULT].  @env may be NULL.  1 and @out; 0 when it is set nowhere; -EINVAL
 * when a reference in it leads nowhere, -ENOMEM; both reported.
 */
int ini_get(struct loader *l, const struct ini *ini, const char *section,
	    const char *name, const struct ini_env *env, struct value *out);
/* The same for one layer of the option @o, as section @eyes sees it; 0 or -errno. */
int ini_expand(struct loader *l, const struct ini *ini, const struct ini_section *eyes,
	       const struct ini_option *o, const struct ini_layer *layer,
	       const struct ini_env *env, struct value *out);
