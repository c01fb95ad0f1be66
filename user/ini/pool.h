/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool - memory for a configuration: given out piece by piece, freed at once.
 * A configuration is thousands of small strings that live and die together, so
 * nothing here or in config/ frees anything else.  A pool has a cap: no file makes
 * us eat the machine.
 */
#pragma once
#include "base/util.h"

struct pool;

struct pool *pool_new(size_t max);	/* bytes; NULL: no memory */
void pool_free(struct pool *p);		/* NULL is fine */

/* Zeroed, aligned for anything; NULL when memory or the cap is used up. */
void *pool_alloc(struct pool *p, size_t size);
/* An array: NULL also when @n * @size overflows. */
void *pool_array(struct pool *p, size_t n, size_t size);
/* A copy of @len bytes, with a NUL behind them. */
char *pool_strndup(struct pool *p, const char *s, size_t len);
char *pool_strdup(struct pool *p, const char *s);	/* NULL for NULL */
char *pool_printf(struct pool *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Have @fn(@ctx) called when the pool is freed, last in first out. */
int pool_defer(struct pool *p, void (*fn)(void *ctx), void *ctx);
