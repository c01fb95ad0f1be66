/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * directive - the `%` directives of date patterns.
 */
#pragma once
#include "base/str.h"

/*
 * The directive that @text, just behind a `%`, begins with.  Adds its
 * expression to @regex and its readable form to @name and returns its length;
 * 0: there is none.
 */
size_t directive_add(const char *text, int last_year, struct str *regex,
		     struct str *name);

/* True for a directive whose text is a word, which is matched in any case. */
bool directive_is_alpha(char c);
