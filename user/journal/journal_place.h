/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_place - where a journal is kept: the parameters of
 * `backend = systemd[...]`, and which files they mean now.
 * Knows names and inodes, not what is in the files.
 */
#pragma once
#include <glob.h>

#include "base/str.h"
#include "journal.h"

struct journal_place {
	char *path, *namespace;		/* owns; NULL: not given */
	char **patterns;		/* owns; of files; NULL: not given */
	size_t n_patterns;
	int flags;			/* of sd_journal_open(3); -1: not given */
};

/* 0; -EINVAL with the reason in @why; -ENOMEM. */
int journal_place_parse(struct journal_place *p, const struct journal_wish *wish,
			char *why, size_t why_size);
void journal_place_fini(struct journal_place *p);
/* The parameters as text: the same for the same, and for no other. */
void journal_place_print(const struct journal_place *p, struct str *out);

/*
 * The files that match the patterns, and what rotation made of them: what was
 * not read yet of a journal may have been rotated away meanwhile.  Nobody minds
 * that some are listed twice.  0, -ENOENT or -ENOMEM; globfree() them.
 */
int journal_place_files(const struct journal_place *p, glob_t *files);
/*
 * A number that changes when a file or the directory is not what it was: the
 * library notices files that come into a directory, but not that a file came
 * under a name it was given, nor another directory.
 */
uint64_t journal_place_layout(const struct journal_place *p);
