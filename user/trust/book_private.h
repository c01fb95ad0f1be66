/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What book.c and book_names.c share: the book itself. */
#pragma once
#include "base/hmap.h"
#include "book.h"

struct place {
	struct trust_source source;	/* its path is ours */
	char *path;			/* owns */
	struct trust_reading reading;
};

struct named {
	struct trust_name pub;
	struct hmap_node node;
};

struct trust_book {
	struct place *places;		/* owns */
	size_t n;
	struct trust_limits limits;
	struct trust_name *names;	/* owns; linked by .next */
	struct hmap by_name;
	size_t n_names;
	uint64_t refused;
};

static inline struct named *named_of(struct trust_name *n)
{
	return container_of(n, struct named, pub);
}

/* Have exactly the names that entries have; those that are new are due. */
void book_want_names(struct trust_book *b);
