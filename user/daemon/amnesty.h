/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * amnesty - lifts the bans of those whom everybody's allowlist has meanwhile: a
 * trunk that was named after it was banned is free at once, and forgiven.
 */
#pragma once
#include <stddef.h>

struct daemon;
struct ipaddr;

/* Lift the bans of whoever is allowed now.  Gives how many bans. */
size_t amnesty(struct daemon *d);
/* Forget what the jails (or @jail) counted of him. */
void amnesty_pardon(struct daemon *d, const struct ipaddr *who, const char *jail);
