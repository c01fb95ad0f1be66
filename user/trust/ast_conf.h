/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ast_conf - Asterisk's configuration language: sections with options, templates
 * and their heirs, additions, comments of both kinds, included files.
 * Read as Asterisk reads it (main/config.c), so that what it obeys is what we
 * trust.  Nothing here knows what a section is for.
 */
#pragma once
#include "base/hmap.h"
#include "reading.h"

/* Caps beside those of the reading. */
#define AST_MAX_SECTIONS	100000u
#define AST_MAX_OPTIONS		500000u
#define AST_MAX_BYTES		(64u << 20)	/* of their values */

struct ast_option {
	const char *key;	/* one of the wanted keys */
	char *value;		/* owns */
	const char *file;	/* borrows: one of the reading's */
	int line;
};

struct ast_section {
	struct hmap_node node;
	struct ast_section *next;	/* in the order of the files */
	struct ast_section *twin;	/* the next one of the same name */
	struct ast_section *last_twin;	/* of the first one: itself, or the last */
	char *name;			/* owns */
	const char *file;		/* where it began */
	int line;
	bool is_template;
	struct ast_option *options;	/* owns; inherited ones first */
	size_t n, size;
};

struct ast_conf {
	struct ast_section *first, *last;	/* owns */
	struct hmap by_name;			/* the first of each name */
	size_t n_sections, n_options, bytes;
	struct trust_reading *r;		/* borrows */
	const char *dir;			/* borrows: of relative includes */
	const char *const *keys;		/* borrows: options kept; NULL ends */
};

/*
 * Read @path, whose includes are relative to @dir, keeping the options @keys.
 * 0, -ENOENT, or an error of trust_load(); what is odd is in @r.
 */
int ast_conf_read(struct ast_conf *c, struct trust_reading *r, const char *path,
		  const char *dir, const char *const *keys);
void ast_conf_fini(struct ast_conf *c);

/* The value of the last option @key of @s; NULL: it has none. */
const char *ast_get(const struct ast_section *s, const char *key);
bool ast_is(const struct ast_section *s, const char *key, const char *value);
/* The first section @name; its twins follow.  NULL: there is none. */
struct ast_section *ast_find(const struct ast_conf *c, const char *name);
