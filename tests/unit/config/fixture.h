/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration read from files that a test gives. */
#pragma once
#include "config/config.h"
#include "../ini/tree.h"

#define R	"failregex = x <HOST>\n"	/* what a jail needs */

struct fixture {
	char *dir;
	struct diag d;
	struct config *c;
};

static inline void load(struct fixture *f, const struct tree_file *files, size_t n)
{
	struct config_options o = { .disabled_too = true };

	*f = (struct fixture){ .dir = tree_make(files, n) };
	o.dir = f->dir;
	f->c = config_load(&o, &f->d);
	t_ok("there is a configuration", f->c != NULL);
}

static inline void load_jail(struct fixture *f, const char *text)
{
	const struct tree_file files[] = { { "jail.conf", text } };

	load(f, files, 1);
}

static inline void drop(struct fixture *f)
{
	config_free(f->c);
	diag_fini(&f->d);
	tree_remove(f->dir);
}

static inline const struct config_jail *jail(struct fixture *f, const char *name)
{
	static const struct config_jail none;
	const struct config_jail *j = config_find_jail(f->c, name);

	t_ok(name, j != NULL);
	return j ? j : &none;
}
