/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ini - Fail2ban's file language: sections of `option = value`.
 * One struct for one parsed file and for a merged set of them.  In a set an
 * option keeps what it was before each file that overrode it, in layers, so
 * that %(known/x)s can mean "as it was before".  Syntax is that of Python's
 * configparser, as Fail2ban sets it up.  What options mean is not known here.
 */
#pragma once
#include "base/hmap.h"
#include "loader.h"

struct ini_layer {
	struct value value;
	const struct ini_layer *below;	/* as an earlier file had it, or NULL */
};

struct ini_option {
	struct hmap_node node;
	const char *name;		/* lower case */
	const struct ini_section *section;
	const struct ini_layer *top;	/* what counts */
	struct ini_option *next;	/* in the order of the file */
};

struct ini_section {
	struct hmap_node node;
	const char *name;		/* as written: case matters */
	struct place where;
	bool broken;			/* a line in it was rejected */
	struct ini_option *first, *last;
	size_t n_options;
	struct ini_section *next;
};

struct ini {
	struct hmap sections, options;	/* by name, and section */
	struct ini_section defaults;	/* [DEFAULT] */
	struct ini_section *first, *last;	/* the others, in order */
	size_t n_sections;
	bool broken;			/* damage that concerns every section */
};

#define INI_OPTIONS_MAX		4096		/* options in one section */
#define INI_SECTIONS_MAX	4096
#define INI_ERRORS_MAX		200		/* then the rest of a file is left */

/* An empty one, freed with the loader's pool; NULL: no memory, reported. */
struct ini *ini_new(struct loader *l);
/*
 * Parse @len bytes as the file @name (kept).  Faults are reported, mark what
 * they are in as broken, and parsing goes on.  0 or -ENOMEM.
 */
int ini_parse(struct loader *l, struct ini *ini, const char *name,
	      const char *bytes, size_t len);
/* Lay @from over @ini: its options win.  0 or -ENOMEM. */
int ini_merge(struct loader *l, struct ini *ini, const struct ini *from);

/* Without the fall-back to [DEFAULT]; NULL: no such section, option. */
struct ini_section *ini_section(const struct ini *ini, const char *name);
/* The section @name (kept), made when it is new; NULL with the fault reported. */
struct ini_section *ini_want_section(struct loader *l, struct ini *ini,
				     const char *name, struct place at);
const struct ini_option *ini_option(const struct ini *ini,
				    const struct ini_section *s, const char *name);
/* Set an option of our own making, as a layer on top. */
int ini_set(struct loader *l, struct ini *ini, struct ini_section *s,
	    const char *name, const struct value *v);

/* @name in ASCII lower case, in the pool. */
char *ini_lower(struct loader *l, const char *name, size_t len);

/* ---- ini_files.c: which files, in which order ------------------------------- */

/*
 * All files of @base ("jail", "filter.d/sshd", below the loader's directory, or
 * an absolute path without suffix): X.conf, X.d/ *.conf, X.local, X.d/ *.local,
 * each with what it includes.  Kept by the loader: asking twice reads once.
 * 1 and @out, 0: no such file, or -errno (reported).
 */
int ini_load(struct loader *l, const char *base, const struct ini **out);
/* Exactly the file @path with its includes and its .local. */
int ini_load_file(struct loader *l, const char *path, const struct ini **out);
/* True when one of @files (a loader's) is @path, and exists. */
bool ini_has_read(const struct loaded_ini *files, const char *path);
