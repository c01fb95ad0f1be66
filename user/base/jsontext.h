/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsontext - text of any bytes as a JSON string: what is not UTF-8 becomes
 * U+FFFD, since a log line may hold anything and JSON may not.  The same goes for
 * names of files, answers of servers and what a database says: json_pack() makes
 * nothing at all of an object with one such string in it.
 */
#pragma once
#include <jansson.h>

#include "base/util.h"

json_t *json_text(const char *s, size_t len);	/* NULL: no memory */
json_t *json_word(const char *s);		/* NULL for NULL, too: for "o*" */
/* A text as the last of @list. */
void json_add_text(json_t *list, const char *fmt, ...) PRINTF_LIKE(2, 3);
