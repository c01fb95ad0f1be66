/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xdp_open - the XDP backend, for whoever chooses one (attach/ladder.h).
 * What an open one can do is enforcer.h's; 0 or -errno, after logging why.
 */
#pragma once
#include "enforce/enforcer.h"

int enforcer_open_xdp(struct enforcer **out, const struct enforcer_params *p);
/*
 * What is pinned under @pin, for looking at only: _each, _hits, _stats and
 * _scope_get work.  -ENOENT: nothing is; logs only other errors.
 */
int enforcer_open_pinned(struct enforcer **out, const char *pin);
