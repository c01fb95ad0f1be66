/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * addr_list - addresses in the forms in which people keep them: one a line, with
 * comments, networks and ranges; what `ipset save` and `nft list set` print; and
 * what `xdpban export` does.  The form is seen line by line, so files may be
 * joined.  Knows nothing of bans: a row is what a line says.
 */
#pragma once
#include <jansson.h>
#include <stdio.h>

#include "base/str.h"

struct addr_list {
	/*
	 * One address or network (a range gives several): "address", and where
	 * the line tells, "for" (seconds left, negative for ever) and "reason"; a
	 * line of `xdpban export` as it is.  Takes the reference.
	 */
	void (*row)(void *ctx, json_t *row);
	/* The same when the line tells only the address: most lines of long lists. */
	void (*plain)(void *ctx, const char *address);
	/* A line that means nothing; @what is the part of it that was refused. */
	void (*bad)(void *ctx, size_t line, const char *what);
	void *ctx;

	/* Its own. */
	size_t line;
	bool in_elements;	/* of a set of nft, which goes on in the next line */
};

/* One line, without its end; starts with the fields above set, the rest zero. */
void addr_list_line(struct addr_list *l, const char *text);
/* All lines of @f.  0 or -errno of reading. */
int addr_list_read(struct addr_list *l, FILE *f);
