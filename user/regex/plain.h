/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain - is a text ASCII throughout?  Asked for each line that may matter, so
 * sixteen bytes are looked at together.
 */
#pragma once
#include "base/util.h"

/* True when no byte is above 127. */
bool plain_is_ascii(const char *text, size_t len);
/*
 * Copy @len bytes, as memcpy().  True when they are ASCII and no newline is among
 * them: then the text is one line, and its bytes are its characters.
 */
bool plain_copy(char *to, const char *text, size_t len);
/* What plain_copy() says, without the copy. */
bool plain_is_line(const char *text, size_t len);
