/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * util - the macros and small helpers that every room uses.
 * Nothing here has state, does I/O or knows what the program is about.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* True when @text is exactly @word; both are NUL-terminated. */
static inline bool streq(const char *text, const char *word)
{
	return strcmp(text, word) == 0;
}

/* True when @text begins with @prefix. */
static inline bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
