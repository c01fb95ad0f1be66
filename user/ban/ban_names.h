/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_names - jail names as small numbers, for tables with a million rows.
 * There are as many as an operator made: none is ever forgotten.
 */
#pragma once
#include "base/util.h"

struct ban_names {
	char **v;		/* owns */
	size_t n;
};

void ban_names_fini(struct ban_names *names);
/* The number of @name, or -ENOENT. */
int ban_names_find(const struct ban_names *names, const char *name);
/* The same, new if need be: -ENOSPC (65,535 of them), -ENOMEM. */
int ban_names_get(struct ban_names *names, const char *name);
