/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pattern - one expression of a filter: its tags expanded, compiled, and its
 * groups mapped to the filter's fields, <F-ALT_...> and <F-TUPLE_...> included.
 * Private to this room.
 */
#pragma once
#include "base/regex.h"
#include "base/str.h"
#include "fields.h"

struct pattern_target {
	int from, to;		/* fields */
};

struct pattern {
	char *origin;		/* owns: as configured */
	struct regex *re;
	int *fields;		/* owns; by group number, -1: not a field */
	struct pattern_target *alts, *tuples;	/* owns; by target and name */
	unsigned int n_alts, n_tuples;
	struct str made;	/* the text of tuples, for one match */
	uint64_t hits;
};

struct pattern_spec {
	const char *jail, *option;	/* for messages: "sshd", "failregex" */
	const struct text *text;
	unsigned int flags;		/* REGEX_* */
	bool names;			/* <HOST> takes names */
	struct regex_env *env;
};

/* 0, -EINVAL with the reason in @d, or -ENOMEM; pattern_fini() in any case. */
int pattern_init(struct pattern *p, const struct pattern_spec *spec,
		 struct fields *fields, struct diag *d);
void pattern_fini(struct pattern *p);

/* True if a group captures the field. */
bool pattern_has(const struct pattern *p, enum field field);
/* What the match @spans of @subject captured: valid until the next call. */
void pattern_captures(struct pattern *p, const char *subject,
		      const struct regex_span *spans,
		      const struct fields *fields, struct captures *out);
