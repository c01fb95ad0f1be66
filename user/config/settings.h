/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings - what the daemon itself can be told: fail2ban.conf, as far as it
 * makes sense here, and section [xdpban] of xdpban.conf.
 */
#pragma once
#include "config.h"
#include "options.h"

struct ini;

extern const struct option_row settings_rows[];
extern const size_t n_settings_rows;

#define SETTINGS_SECTION	"xdpban"	/* not a jail */

/* @jails: the merged jail files, whose [xdpban] counts last; may be NULL. */
int settings_load(struct loader *l, const struct ini *jails, struct config_settings *out);
