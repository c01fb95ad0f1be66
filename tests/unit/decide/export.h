/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that a window exports, at once. */
#pragma once
#include "decide/window.h"

static inline void export_all(struct window *w, window_export_fn *fn, void *ctx)
{
	window_freeze(w, fn, ctx);
	while (window_export_some(w, UINT32_MAX))
		;
}
