/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tagged - one expression of a filter: its tags expanded, compiled, and its
 * groups mapped to the filter's fields, <F-ALT_...> and <F-TUPLE_...> included.
 * Private to this room.
 */
#pragma once
#include "base/str.h"
#include "regex/regex.h"
#include "fields.h"

struct pattern_target {
	int from, to;		/* fields */
};

/* A group whose name is a field. */
struct pattern_group {
	unsigned int group;
	int field;
};

struct tagged {
	char *origin;		/* owns: as configured */
	struct regex *re;
	struct pattern_group *named;	/* owns; by group number */
	unsigned int n_named;
	unsigned int n_groups;	/* with the whole match, which is 0 */
	struct pattern_target *alts, *tuples;	/* owns; by target and name */
	unsigned int n_alts, n_tuples;
	struct str made;	/* the text of tuples, for one match */
	uint64_t hits;
};

struct tagged_spec {
	const char *jail, *option;	/* for messages: "sshd", "failregex" */
	const struct text *text;
	unsigned int flags;		/* REGEX_* */
	bool names;			/* <HOST> takes names */
	struct regex_env *env;
};

/* 0, -EINVAL with the reason in @d, or -ENOMEM; tagged_fini() in any case. */
int tagged_init(struct tagged *p, const struct tagged_spec *spec,
		 struct fields *fields, struct diag *d);
void tagged_fini(struct tagged *p);

/* True if a group captures the field. */
bool tagged_has(const struct tagged *p, enum field field);
/*
 * What the match @spans of @subject captured goes over what @out has: valid until
 * the next call.
 */
void tagged_captures(struct tagged *p, const char *subject,
		     const struct regex_span *spans, struct captures *out);
