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

bool walk_join(char out[static PATH_MAX], const char *dir, const char *name)
{
	const char *slash = streq(dir, "/") ? "" : "/";

	return snprintf(out, PATH_MAX, "%s%s%s", dir, slash, name) < PATH_MAX;
}

bool walk_matches(const struct walk_place *at, const char *name)
{
	return streq(at->name, name) ||
	       (!fnmatch(at->name, name, FNM_PERIOD) && !streq(name, ".") && !streq(name, ".."));
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
	const char *leaf;

	snprintf(path, sizeof(path), "%s", link);
	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(path, target, sizeof(target) - 1);

		if (n < 0)
			return 0;
		target[n] = '\0';
		split(dir, path);
		if (target[0] == '/')
			strcpy(path, target);
		else if (!walk_join(path, dir, target))
			return -ENAMETOOLONG;
		leaf = split(dir, path);
		w->place(w->ctx, &(struct walk_place){ .dir = dir, .name = leaf });
	}
	return -ELOOP;
}

int walk_file(const struct walker *w, const char *path)
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

int walk_into(const struct walker *w, const struct walk_place *at, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (!walk_join(path, at->dir, name))
		return -ENAMETOOLONG;
	if (!*at->rest)
		return walk_file(w, path);
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return 0;
	return descend(w, path, at->rest, at->depth + 1);
}

struct names { char **v; size_t n, size; };

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int keep_name(struct names *all, const char *name)
{
	if (all->n == all->size) {
		size_t size = all->size ? all->size * 2 : 64;
		char **v = realloc(all->v, size * sizeof(*v));

		if (!v)
			return -ENOMEM;
		all->v = v;
		all->size = size;
	}
	all->v[all->n] = strdup(name);
	if (!all->v[all->n])
		return -ENOMEM;
	all->n++;
	return 0;
}

/* Those that match alone: a directory may have any number of others. */
static int find_names(const struct walker *w, const struct walk_place *at, struct names *all)
{
	DIR *dir = opendir(at->dir);
	struct dirent *e;
	int err = 0;

	while (dir && !err && (e = readdir(dir))) {
		if (w->seen)
			++*w->seen;
		if (walk_matches(at, e->d_name))
			err = keep_name(all, e->d_name);
	}
	if (dir)
		closedir(dir);
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), compare);
	return err;
}

/* One name that leads nowhere must not hide those behind it: the first error counts. */
static int match_part(const struct walker *w, const struct walk_place *at)
{
	struct names all = { 0 };
	int err = find_names(w, at, &all);

	for (size_t i = 0; i < all.n; i++) {
		int ret = walk_into(w, at, all.v[i]);

		err = err ? err : ret;
		free(all.v[i]);
	}
	free(all.v);
	return err;
}

/* @rest is relative to @dir, which exists. */
static int descend(const struct walker *w, const char *dir, const char *rest, int depth)
{
	char part[NAME_MAX + 1];
	struct walk_place at = { .dir = dir, .name = part, .depth = depth };
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
	at.rest = rest + strspn(rest, "/");
	w->place(w->ctx, &at);
	return walk_is_pattern(part) ? match_part(w, &at) : walk_into(w, &at, part);
}

int walk(const struct walker *w, const char *pattern)
{
	return descend(w, *pattern == '/' ? "/" : ".", pattern, 0);
}
