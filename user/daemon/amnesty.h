/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * amnesty - lifts the bans of those whom everybody's allowlist has meanwhile: a
 * trunk that was named after it was banned is free at once, and forgiven.
 */
#pragma once
#include <stddef.h>

struct daemon;

/* Lift the bans of whoever is allowed now.  Gives how many bans. */
size_t amnesty(struct daemon *d);
