/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options - tables of options: a row says what an option is called, what may
 * stand there, and where it goes.  Jails and the daemon's settings are read,
 * checked and printed from such rows.
 */
#pragma once
#include "ini/loader.h"
#include "config.h"

enum option_type {
	OPTION_BOOL,		/* bool */
	OPTION_INT,		/* int, min..max */
	OPTION_TIME,		/* double, seconds, min..max */
	OPTION_TEXT,		/* struct text; "" is the same as not set */
	OPTION_WORDS,		/* struct texts: blank- or comma-separated */
	OPTION_LINES,		/* struct texts: one for each line, none empty */
	OPTION_WORD,		/* int (an enum): index into words */
	OPTION_OTHER,		/* read by .set, from the whole value */
};

struct option_row {
	const char *name;
	enum option_type type;
	size_t offset;			/* of the field in its struct */
	const char *fallback;		/* the default, as it would be written */
	double min, max;
	const char *const *words;	/* NULL-terminated */
	/* 0 or -errno (reported); @base is the struct. */
	int (*set)(struct loader *l, void *base, const struct value *v);
	bool lenient;	/* Fail2ban falls back to the default, with a warning */
	const char *doc;
};

/* Set the field from @v; 0, or -EINVAL/-ENOMEM, reported. */
int option_set(struct loader *l, const struct option_row *row, void *base,
	       const struct value *v);
/* Set the field to its default; 0 or -ENOMEM. */
int option_default(struct loader *l, const struct option_row *row, void *base);
/* The field as text, lists as lines; "" when not set.  0, -EINVAL for OTHER. */
int option_format(const struct option_row *row, const void *base, struct str *out);

/* ---- values into what config.h gives out ------------------------------------- */

/* The whole value, first and last blank lines dropped; "" gives .s NULL. */
struct text text_of(const struct value *v);
int texts_of_lines(struct loader *l, const struct value *v, struct texts *out);
int texts_of_words(struct loader *l, const struct value *v, struct texts *out);
struct params;
/* Names and values as config.h gives them out; 0 or -ENOMEM. */
int params_keep(struct loader *l, const struct params *p, struct config_params *out);
/* 1, on, true, yes in any case; everything else is false, and worth a warning. */
bool value_is_true(struct loader *l, const char *name, const struct value *v);
/* An int as Python's int() takes it, blanks around it; 0 or -EINVAL. */
int parse_int(const char *s, int *out);
