/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allow_word - what a word of ignoreip that is no address may be.
 * Private to the allowlist.
 */
#pragma once
#include "base/util.h"

/* Could it be a host name? */
bool allow_word_is_name(const char *word, size_t len);
/*
 * The path of "file:PATH", inside of @word, or NULL; "file:///etc/x" and
 * "file:/etc/x" are the same file.
 */
const char *allow_word_path(const char *word);
