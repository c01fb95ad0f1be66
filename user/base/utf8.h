/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * utf8 - text that others wrote: what of it is UTF-8, and how to show it.
 * A terminal takes some bytes for commands: ESC, and the C1 controls, which are
 * single bytes to old ones and two in UTF-8.  None of them gets through here.
 */
#pragma once
#include <stdio.h>

#include "util.h"

/* Bytes of the valid sequence (RFC 3629) at @s, where @len > 0 are; 0: it is none. */
size_t utf8_sequence(const char *s, size_t len);
/* In place: controls (but not tabs), and bytes that are no UTF-8, become "?". */
void utf8_tame(char *s, size_t len);
/* Write it so. */
void utf8_print(FILE *f, const char *s, size_t len);
/* Characters in it, which is what a terminal makes columns of, mostly. */
size_t utf8_columns(const char *s, size_t len);
/* Bytes of it that are at most @columns characters. */
size_t utf8_cut(const char *s, size_t len, size_t columns);
