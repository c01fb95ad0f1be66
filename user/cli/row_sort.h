/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * row_sort - bans in another order than they come: keeps them as text until all
 * are there, or only as many as are wanted.
 */
#pragma once
#include "out.h"

struct row_sort;

/* @key: address, jail, since, end, packets or bytes; NULL: no such key. */
struct row_sort *row_sort_new(const char *key, size_t limit);
void row_sort_add(struct row_sort *s, const json_t *row);
/* Give at most the limit's rows in order, and free everything. */
void row_sort_finish(struct row_sort *s, void (*row)(void *ctx, const json_t *row), void *ctx);
