/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree - a configuration directory made of strings, and what is said about it.
 */
#pragma once
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"

#include "../t.h"

struct tree_file {
	const char *name;	/* "filter.d/x.conf" */
	const char *text;
};

/* Makes the directory; its path, for tree_remove(). */
static inline char *tree_make(const struct tree_file *files, size_t n)
{
	char *dir = malloc(T_DIR), path[512];

	if (!dir || !t_dir(dir)) {
		perror("a directory");
		exit(1);
	}
	for (size_t i = 0; i < n && files[i].name; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
			*slash = '\0';
			mkdir(path, 0700);
			*slash = '/';
		}
		f = fopen(path, "w");
		if (!f) {
			perror(path);
			exit(1);
		}
		fputs(files[i].text, f);
		fclose(f);
	}
	return dir;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int flag,
				  struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void tree_remove(char *dir)
{
	nftw(dir, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

/* Entry @i as "jail.conf:3: text", the directory left out; "" beyond the last. */
static inline const char *tree_problem(const struct diag *d, const char *dir, size_t i)
{
	static char out[4096];
	char buf[2048];
	size_t len = strlen(dir), n = 0;

	out[0] = '\0';
	if (i >= d->n)
		return out;
	diag_format(&d->entries[i], buf, sizeof(buf));
	for (const char *s = buf; *s && n < sizeof(out) - 1;) {
		if (!strncmp(s, dir, len)) {
			s += len + (s[len] == '/');
			continue;
		}
		out[n++] = *s++;
	}
	out[n] = '\0';
	return out;
}

/* Each problem must be the one expected, in order, and none beyond. */
static inline void tree_problems_are(const char *what, const struct diag *d,
				     const char *dir, const char *const *want)
{
	size_t i = 0;

	for (; want[i]; i++)
		t_str(what, tree_problem(d, dir, i), want[i]);
	t_str(what, tree_problem(d, dir, i), "");
}
