// SPDX-License-Identifier: GPL-2.0-or-later
#include "import.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "ini/ini.h"
#include "ini/interp.h"

#define DEPTH_MAX	4		/* directories in directories */

struct import {
	const struct import_options *o;
	int err;			/* the first one */
};

/* Leftovers of editors and package managers. */
static const char *const junk[] = {
	"*~", "*.bak", "*.orig", "*.swp", "*.dpkg-*", "*.ucf-*", "*.rpmnew", "*.rpmsave",
	".*", ("*" IMPORT_BACKUP),
};

static bool is_junk(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++)
		if (!fnmatch(junk[i], name, 0))
			return true;
	return false;
}

static void say(struct import *im, enum import_event event, const char *path,
		const char *text)
{
	im->o->say(im->o->ctx, event, path, text);
}

static void fail(struct import *im, const char *path, int err)
{
	if (!im->err)
		im->err = err;
	say(im, IMPORT_FAILED, path, strerror(-err));
}

/* ---- one file ------------------------------------------------------------------------ */

/* Put what is there aside; never over an older one that was put aside. */
static int put_aside(const char *path)
{
	char *aside;
	int err = 0;

	if (asprintf(&aside, "%s" IMPORT_BACKUP, path) < 0)
		return -ENOMEM;
	if (link(path, aside))
		err = -errno;
	free(aside);
	return err;
}

/*
 * Filters and actions of ours were written for xdpban and stay.  A part that
 * filters include (common.conf) does not: what theirs defines, their other
 * filters need.
 */
static bool is_ours(const char *path, const struct str *have)
{
	size_t len = strlen(path);

	if (len <= 5 || !streq(path + len - 5, ".conf"))
		return false;
	return starts_with(path, "action.d/") ||
	       (starts_with(path, "filter.d/") && have->s && strstr(have->s, "\nfailregex"));
}

/* Whether the site has changed the filter or action @path in files beside it. */
static bool is_changed_locally(const struct import *im, const char *path)
{
	int stem = (int)(strlen(path) - strlen(".conf"));
	char local[4096];
	int len = snprintf(local, sizeof(local), "%s/%.*s.local", im->o->from, stem, path);
	bool found = len > 0 && (size_t)len < sizeof(local) && !access(local, F_OK);

	len = snprintf(local, sizeof(local), "%s/%.*s.d", im->o->from, stem, path);
	return found || (len > 0 && (size_t)len < sizeof(local) && !access(local, F_OK));
}

/* @have is there already. */
static int replace(struct import *im, const char *path, const char *target,
		   const struct str *have, const struct str *theirs, mode_t mode)
{
	int err;

	if (have->len == theirs->len && (!have->len || !memcmp(have->s, theirs->s, have->len)))
		return 0;
	if (is_ours(path, have)) {
		say(im, IMPORT_KEPT, path, is_changed_locally(im, path) ?
		    "the one here stays; your .local now changes that one" :
		    "the one here stays, xdpban's own or yours");
		return 0;
	}
	err = put_aside(target);
	if (!err)
		err = file_write(target, theirs, mode);
	if (!err)
		say(im, IMPORT_REPLACED, path, "the old one is beside it, as *" IMPORT_BACKUP);
	return err;
}

static int copy_file(struct import *im, const char *path, const char *source,
		     const char *target)
{
	struct str theirs = { 0 }, have = { 0 };
	mode_t mode = 0644, old;
	int err = file_read(source, FILE_CONF_MAX, &theirs, &mode), there;

	if (err)
		goto out;
	there = file_read(target, FILE_CONF_MAX, &have, &old);
	if (there == -ENOENT) {
		err = file_write(target, &theirs, mode);
		if (!err)
			say(im, IMPORT_COPIED, path, NULL);
	} else {
		err = there ? there : replace(im, path, target, &have, &theirs, mode);
	}
out:
	str_fini(&theirs);
	str_fini(&have);
	return err;
}

/* ---- the tree --------------------------------------------------------------------------- */

static void copy_tree(struct import *im, const char *path, unsigned int depth);

/* "a/b" below the top; "" is the top itself. */
static void copy_entry(struct import *im, const char *dir, const char *name,
		       unsigned int depth)
{
	char *path = NULL, *source = NULL, *target = NULL;
	struct stat st;
	int err = 0;

	if (asprintf(&path, "%s%s%s", dir, *dir ? "/" : "", name) < 0 ||
	    asprintf(&source, "%s/%s", im->o->from, path) < 0 ||
	    asprintf(&target, "%s/%s", im->o->to, path) < 0)
		err = -ENOMEM;
	else if (stat(source, &st))
		err = -errno;
	else if (S_ISDIR(st.st_mode))
		copy_tree(im, path, depth + 1);
	else if (S_ISREG(st.st_mode))
		err = copy_file(im, path, source, target);
	if (err)
		fail(im, path ? path : name, err);
	free(path);
	free(source);
	free(target);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void copy_tree(struct import *im, const char *path, unsigned int depth)
{
	struct dirent **names = NULL;
	char *source = NULL, *target = NULL;
	int n = -1, err = 0;

	if (depth > DEPTH_MAX)
		err = -ELOOP;
	else if (asprintf(&source, "%s/%s", im->o->from, path) < 0 ||
		 asprintf(&target, "%s/%s", im->o->to, path) < 0)
		err = -ENOMEM;
	else if (mkdir(target, 0755) && errno != EEXIST)
		err = -errno;
	else if ((n = scandir(source, &names, NULL, by_bytes)) < 0)
		err = -errno;
	if (err)
		fail(im, *path ? path : im->o->from, err);
	for (int i = 0; i < n; i++) {
		if (!is_junk(names[i]->d_name))
			copy_entry(im, path, names[i]->d_name, depth);
		free(names[i]);
	}
	free(names);
	free(source);
	free(target);
}

int import_files(const struct import_options *o)
{
	struct import im = { .o = o };
	struct stat st;

	if (stat(o->from, &st) || !S_ISDIR(st.st_mode)) {
		fail(&im, o->from, -ENOTDIR);
		return im.err;
	}
	copy_tree(&im, "", 0);
	return im.err;
}

/* ---- Fail2ban's database ------------------------------------------------------------------- */

char *import_dbfile(const char *from)
{
	struct pool *pool = pool_new((size_t)64 << 20);
	const struct ini *ini = NULL;
	struct loader l;
	struct value v;
	const char *path = "/var/lib/fail2ban/fail2ban.sqlite3";
	char *copy = NULL;

	if (!pool || loader_init(&l, pool, from, NULL))
		goto out;
	if (ini_load(&l, "fail2ban", &ini) > 0 &&
	    ini_get(&l, ini, "Definition", "dbfile", NULL, &v) > 0)
		path = v.s;
	if (*path && strcasecmp(path, "None") && !streq(path, ":memory:"))
		copy = strdup(path);
out:
	pool_free(pool);
	return copy;
}
