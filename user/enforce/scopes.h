/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scopes - the numbers of sets of ports and protocols, for backends whose
 * kernel side has no such table of its own.
 */
#pragma once
#include "enforcer.h"

#define SCOPES_MAX	512

struct scopes {
	bool used[SCOPES_MAX];
	struct enforce_scope at[SCOPES_MAX];	/* not of ENFORCE_SCOPE_ALL */
};

/* The number that means @s, which may be new; -ENOSPC. */
int scopes_find(struct scopes *t, const struct enforce_scope *s);
/* Give number @id the meaning that @text says; -EINVAL. */
int scopes_set(struct scopes *t, unsigned int id, const char *text);
/* -ENOENT: @id means nothing. */
int scopes_get(const struct scopes *t, unsigned int id, struct enforce_scope *out);
bool scope_has_protocol(const struct enforce_scope *s, unsigned int protocol);
