/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allowed - a backend's copy of the allowlist, from which it is written again when
 * somebody has touched it in the kernel.
 */
#pragma once
#include "base/ipaddr.h"

struct enforce_stats;

struct allowed {
	struct ipaddr *list;	/* owns; sorted; NULL: nobody has said what is allowed */
	size_t n;
};

/* @who (copied) instead of what was there.  0, or -ENOMEM and all is as it was. */
int allowed_keep(struct allowed *a, const struct ipaddr *who, size_t n);
/* Is exactly @who, an address or a network, in it? */
bool allowed_has(const struct allowed *a, const struct ipaddr *who);
/* Add how many of each family it has to those of @out. */
void allowed_count(const struct allowed *a, struct enforce_stats *out);
void allowed_fini(struct allowed *a);
