/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading - what one run through a PBX's configuration found: who is named, by
 * which line of which file, what was odd, and where to look for changes.
 * Readers of all languages get their files here, so that the limits are the
 * same for all.  The files are written by people and by programs that are
 * fooled: everything has a cap, only regular files are read, nothing is run.
 */
#pragma once
#include "base/diag.h"
#include "peer.h"

/* Caps of one reading; what they refuse is counted in .refused. */
#define TRUST_MAX_FILES		1000u
#define TRUST_MAX_FILE		(STR_MAX - 1)	/* bytes of one file */
#define TRUST_MAX_BYTES		(64u << 20)	/* of all */
#define TRUST_MAX_ENTRIES	20000u
#define TRUST_MAX_DIRS		256u
#define TRUST_MAX_PROBLEMS	1000u
#define TRUST_MAX_DEPTH		10u		/* of includes; Asterisk has the same */
#define TRUST_MAX_WORK		20000000u	/* steps of loops within loops */
#define TRUST_MAX_LINE		8192u		/* Asterisk's buffer */

/* Networks shorter than this are never trusted, whoever names them. */
struct trust_limits {
	unsigned int prefix4, prefix6;
};

struct trust_entry {
	struct trust_peer peer;
	const char *role;	/* "identify match"; a literal */
	char *name;		/* owns: of the section, gateway or group; may be "" */
	const char *file;	/* borrows: one of the reading's */
	int line;
	bool kept;		/* of an earlier reading: its file is unreadable now */
};

struct trust_reading {
	struct trust_limits limits;
	struct trust_entry *entries;	/* owns */
	size_t n, size;
	char **files, **dirs;		/* own; the files read, the directories to watch */
	size_t n_files, n_dirs;
	struct diag problems;
	bool deliberate;		/* the operator's own list: private networks too */
	bool failed;			/* a file that should be there was not read */
	uint64_t refused;		/* by the caps above */
	uint64_t local;			/* ACL entries that only name private networks */
	size_t bytes;
	uint64_t work;
	int err;			/* -ENOMEM: all of it is worthless */
};

void trust_reading_fini(struct trust_reading *r);
/*
 * May a reader do @steps more?  Asked where a file could be written such that it
 * takes for ever.  Once it is false it stays so; that is counted as refused.
 */
bool trust_may(struct trust_reading *r, uint64_t steps);

/* A file in memory; lines are taken off its front. */
struct trust_text {
	char *buf;		/* owns; NUL-terminated, and no other NUL */
	char *at;		/* the next line */
	const char *file;	/* borrows: one of the reading's */
	int line;		/* number of the line taken last, from 1 */
};

/*
 * Read @path.  0; -ENOENT (not reported); another error, which is reported with
 * its place (@from, may be NULL) and makes the reading failed.
 */
int trust_load(struct trust_reading *r, const char *path, const struct text *from,
	       struct trust_text *out);
void trust_text_fini(struct trust_text *t);
/* The next line, cut off in place, without its end; NULL after the last. */
char *trust_line(struct trust_text *t);
/* A file that should be there is not; reported, and the reading has failed. */
void trust_missing(struct trust_reading *r, const char *path, const struct text *from);

/*
 * Call @fn for each file that @pattern, in the glob language and relative to
 * @dir, matches, in order; and watch for more.  Gives how many.
 */
typedef void trust_file_fn(void *ctx, const char *path);
size_t trust_glob(struct trust_reading *r, const char *dir, const char *pattern,
		  const struct text *from, trust_file_fn *fn, void *ctx);
/* Watch @dir for changes: what is in it matters, or may come. */
void trust_watch_dir(struct trust_reading *r, const char *dir);

/* The directory of a file ("." for none), and a path in it: "" when too long. */
#define TRUST_PATH	4096u
const char *trust_dir(const char *path, char buf[static TRUST_PATH]);
const char *trust_path(const char *dir, const char *name, char buf[static TRUST_PATH]);

/* Where an entry stands, and what it is. */
struct trust_place {
	const char *file;	/* borrows: one of the reading's */
	int line;
	const char *role;	/* a literal */
	const char *name;
};

/*
 * @text names a peer.  Refused with a warning: no peer, nobody's, too wide, a
 * private network, in which phones are.
 */
void trust_add(struct trust_reading *r, const struct trust_place *at, const char *text);
/* The same with a length in a column of its own, which counts for addresses. */
void trust_add_masked(struct trust_reading *r, const struct trust_place *at,
		      const char *text, const char *length);
/* The same for a list, separated by @separators. */
void trust_add_list(struct trust_reading *r, const struct trust_place *at,
		    const char *text, const char *separators);
/* A network that may reach us: private ones are everybody's phones, not trust. */
void trust_add_reach(struct trust_reading *r, const struct trust_place *at,
		     const struct ipaddr *net);
/* Keep the entries of @old that are not here: their files cannot be read now. */
void trust_keep(struct trust_reading *r, const struct trust_reading *old);

void trust_warn(struct trust_reading *r, const char *file, int line, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* @text for a message: short, and without control characters.  Returns @buf. */
#define TRUST_QUOTE	96
const char *trust_quote(const char *text, char buf[static TRUST_QUOTE]);
