// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 8, DEPTH_MAX = 64 };

static int descend(const struct walker *w, const char *dir, const char *rest, int depth);

bool walk_is_pattern(const char *path)
{
	return strpbrk(path, "*?[") != NULL;
}

/* "/" and "a" are "/a", "." and "a" are "./a".  False: too long. */
static bool join(char out[static PATH_MAX], const char *dir, const char *name)
{
	const char *slash = streq(dir, "/") ? "" : "/";

	return snprintf(out, PATH_MAX, "%s%s%s", dir, slash, name) < PATH_MAX;
}

/* Split @path into the directory and what it is called there. */
static const char *split(char dir[static PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		strcpy(dir, ".");
		return path;
	}
	snprintf(dir, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return slash + 1;
}

/*
 * The places that a link and the links behind it name.  The file may be
 * replaced in any of them.
 */
static int chase(const struct walker *w, const char *link)
{
	char path[PATH_MAX], dir[PATH_MAX], target[PATH_MAX];

	snprintf(path, sizeof(path), "%s", link);
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		if (n < 0)
			return 0;
		target[n] = '\0';
		split(dir, path);
		if (target[0] == '/')
			strcpy(path, target);
		else if (!join(path, dir, target))
			return -ENAMETOOLONG;
		w->place(w->ctx, dir, split(dir, path));
	}
	return -ELOOP;
}

static int last_part(const struct walker *w, const char *path)
{
	struct stat st;
	int err = 0;

	if (lstat(path, &st))
		st.st_mode = 0;
	if (S_ISLNK(st.st_mode))
		err = chase(w, path);
	/* What cannot be looked at is handed out: whoever opens it says why. */
	if (stat(path, &st) ? errno != ENOENT && errno != ENOTDIR : S_ISREG(st.st_mode))
		w->file(w->ctx, path);
	return err;
}

static int one_part(const struct walker *w, const char *dir, const char *name,
		    const char *rest, int depth)
{
	char path[PATH_MAX];
	struct stat st;

	if (!join(path, dir, name))
		return -ENAMETOOLONG;
	w->place(w->ctx, dir, name);
	if (!*rest)
		return last_part(w, path);
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return 0;
	return descend(w, path, rest, depth + 1);
}

/* One name that leads nowhere must not hide those behind it: the first error counts. */
static int match_part(const struct walker *w, const char *dir, const char *pattern,
		      const char *rest, int depth)
{
	struct dirent **entries;
	int n, err = 0;

	w->place(w->ctx, dir, pattern);
	n = scandir(dir, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		char path[PATH_MAX];
		int ret = 0;

		if (!fnmatch(pattern, name, FNM_PERIOD) &&
		    !streq(name, ".") && !streq(name, "..")) {
			if (*rest)
				ret = one_part(w, dir, name, rest, depth);
			else if (join(path, dir, name))
				ret = last_part(w, path);
		}
		err = err ? err : ret;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	return err;
}

/* @rest is relative to @dir, which exists. */
static int descend(const struct walker *w, const char *dir, const char *rest, int depth)
{
	char part[NAME_MAX + 1];
	size_t len;

	rest += strspn(rest, "/");
	len = strcspn(rest, "/");
	if (!len)
		return 0;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (depth > DEPTH_MAX)
		return -ELOOP;
	memcpy(part, rest, len);
	part[len] = '\0';
	rest += len;
	rest += strspn(rest, "/");
	if (walk_is_pattern(part))
		return match_part(w, dir, part, rest, depth);
	return one_part(w, dir, part, rest, depth);
}

int walk(const struct walker *w, const char *pattern)
{
	return descend(w, *pattern == '/' ? "/" : ".", pattern, 0);
}
