/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chars - blanks as Python sees them, in UTF-8.
 * Fail2ban strips lines with str.strip(), which takes a no-break space too;
 * such a blank, copied from a web page, would otherwise end up in a regex.
 */
#pragma once
#include "base/util.h"

/* Length of the blank at @s (before @end), or 0. */
size_t blank_at(const char *s, const char *end);
/* Length of the blank that ends just before @s (not before @start), or 0. */
size_t blank_before(const char *start, const char *s);
/* Move both ends inwards over blanks. */
void strip(const char **start, const char **end);
/* How many of the @len bytes at @s are valid UTF-8, from the first on. */
size_t utf8_valid(const char *s, size_t len);
