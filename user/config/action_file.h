/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * action_file - what a jail does to whom it bans.
 * Actions that are firewalls become our own enforcement with their ports and
 * protocols; all others are kept as the commands they are.
 */
#pragma once
#include "ini/params.h"
#include "config.h"

/*
 * All actions of a jail.  @v is the value of `action`; @outer are the jail's
 * options, which commands may refer to.  0 or -errno (reported; what could be
 * read is in @out even then).
 */
int actions_load(struct loader *l, const char *jail, const struct value *v,
		 const struct ini_var *outer, size_t n_outer,
		 const struct config_action **out, size_t *n_out);
