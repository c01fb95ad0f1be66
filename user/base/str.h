/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * str - a string that grows.
 * Always NUL-terminated once something was added.  When memory runs out, or
 * STR_MAX is passed, the string keeps what it has and remembers that it failed:
 * check once, at the end.
 */
#pragma once
#include "util.h"

#define STR_MAX	(16u << 20)	/* a cap: nothing we build is larger */

struct str {
	char *s;	/* owns; NULL while empty */
	size_t len, size;
	bool failed;
};

void str_fini(struct str *s);
/* Forget the text, keep the memory. */
void str_reset(struct str *s);
void str_add(struct str *s, const char *text, size_t len);
/* Room for @more bytes: adding them moves nothing. */
void str_reserve(struct str *s, size_t more);
/* The place of @len more bytes, which the caller fills; NULL: it failed. */
char *str_room(struct str *s, size_t len);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);
void str_int(struct str *s, int64_t v);		/* "%lld", many times faster */
void str_printf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * The text as heap memory that the caller frees (never NULL for an empty
 * string), or NULL when something failed; @s is empty afterwards.
 */
char *str_take(struct str *s);
