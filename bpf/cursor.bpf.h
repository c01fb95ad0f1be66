/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cursor - the only way to touch packet bytes: whatever was read went through
 * cur_take(), which has checked that it is there.
 */
#pragma once

struct cursor {
	void *pos, *end;
};

/* The next @len bytes, or NULL when the frame has fewer. */
static __always_inline void *cur_take(struct cursor *c, __u64 len)
{
	void *hdr = c->pos;

	if (hdr + len > c->end)
		return NULL;
	c->pos = hdr + len;
	__builtin_assume(hdr != NULL);	/* the caller asks, and it would at run time */
	return hdr;
}
