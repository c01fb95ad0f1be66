/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields - the names that one filter's expressions capture, each a number.
 * A line's captures are then an array of slices and merging two of them is a
 * loop.  Private to this room.
 */
#pragma once
#include "filter.h"

#define FIELDS_MAX	64	/* different names in one filter */

/* Those that mean something to us come first, in this order. */
enum field {
	FIELD_FID, FIELD_IP4, FIELD_IP6, FIELD_DNS, FIELD_CIDR, FIELD_USER,
	FIELD_MLFID, FIELD_NOFAIL, FIELD_GAINED, FIELD_FORGET, FIELD_CONTENT,
	FIELD_IP,		/* the address beside an id */
	FIELD_TRANSPORT, FIELD_CHALLENGE, FIELD_SENT, FIELD_SUCCESS, FIELD_DOUBT, /* struct hit */
	FIELDS_KNOWN
};

struct fields {
	char *names[FIELDS_MAX];	/* owns */
	unsigned int n;
};

/*
 * A line's captures by field; .s NULL: not captured, "" is something else.  Few are
 * at a time, so that clearing and copying keep to those that may be.
 */
struct captures {
	struct hit_text v[FIELDS_MAX];
	uint64_t used;		/* a bit for each of @v that may be captured */
};

int fields_init(struct fields *f);		/* 0 or -ENOMEM */
void fields_fini(struct fields *f);
/* The number of @name, a new one if need be; -ENOSPC or -ENOMEM. */
int fields_number(struct fields *f, const char *name, size_t len);

static inline void captures_set(struct captures *c, int field, struct hit_text t)
{
	_Static_assert(FIELDS_MAX <= 64, "a bit for each");
	c->v[field] = t;
	c->used |= 1ull << field;
}

/* All zeros to begin with, or cleared before. */
void captures_clear(struct captures *c);
/* What @over captured replaces what @c has. */
void captures_merge(struct captures *c, const struct captures *over);
/* Those of @v, one for each of the fields, that have a bit in @used. */
void captures_fill(struct captures *c, const struct hit_text *v, uint64_t used);

static inline bool text_is_set(struct hit_text t)
{
	return t.s && t.len;
}

static inline bool text_equal(struct hit_text a, struct hit_text b)
{
	return a.len == b.len && !memcmp(a.s, b.s, a.len);
}
