/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsontext - text of any bytes as a JSON string: what is not UTF-8 becomes
 * U+FFFD, since a log line may hold anything and JSON may not.
 */
#pragma once
#include <jansson.h>

json_t *json_text(const char *s, size_t len);	/* NULL: no memory */
