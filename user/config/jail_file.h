/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail_file - jail.conf and what overrides it: every section is a jail.
 */
#pragma once
#include "config.h"
#include "options.h"

struct ini;
struct ini_section;

/* The rows of a jail's options, in the order in which they are printed. */
extern const struct option_row jail_rows[];
extern const size_t n_jail_rows;

/*
 * Read name and `enabled` of the jail in section @s; with @load everything
 * else too.  Faults are reported and mark the jail as broken; only -ENOMEM is
 * returned.
 */
int jail_load(struct loader *l, const struct ini *ini, const struct ini_section *s,
	      bool load, struct config_jail *out);

/* A jail that is only a filter, for `xdpban test`: @filter as in a jail's. */
int jail_from_filter(struct loader *l, const struct value *filter, bool journal,
		     struct config_jail *out);
/* Every option at its default. */
int jail_defaults(struct loader *l, struct config_jail *out);
