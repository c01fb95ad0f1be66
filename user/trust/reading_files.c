// SPDX-License-Identifier: GPL-2.0-or-later
/* reading, its files: loading within the caps, includes by pattern, directories. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "reading.h"

enum { GLOB_WORK = 1000 };	/* a look into a file system costs as many steps */

/* ---- directories to watch ---------------------------------------------------- */

/* Where @path is, cut in place; "/" stays. */
static void cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
	else
		strcpy(path, ".");
}

static void note_dir(struct trust_reading *r, const char *dir)
{
	char **v;

	for (size_t i = 0; i < r->n_dirs; i++)
		if (streq(r->dirs[i], dir))
			return;
	if (r->n_dirs >= TRUST_MAX_DIRS) {
		r->refused++;
		return;
	}
	v = realloc(r->dirs, (r->n_dirs + 1) * sizeof(*v));
	if (v)
		r->dirs = v;
	if (v && (v[r->n_dirs] = strdup(dir)))
		r->n_dirs++;
	else
		r->err = -ENOMEM;
}

void trust_watch_dir(struct trust_reading *r, const char *dir)
{
	char path[TRUST_PATH];

	if (!*dir || (size_t)snprintf(path, sizeof(path), "%s", dir) >= sizeof(path))
		return;
	/* One that is not there yet: the nearest one tells when it comes. */
	while (access(path, F_OK) && !streq(path, "/") && !streq(path, "."))
		cut_name(path);
	note_dir(r, path);
}

/*
 * FreePBX's files are links into its own tree, where they are written; one that
 * leads nowhere yet is followed as far as it goes.
 */
static void watch_file(struct trust_reading *r, const char *path)
{
	char at[TRUST_PATH], next[TRUST_PATH], dir[TRUST_PATH];
	ssize_t len;

	snprintf(at, sizeof(at), "%s", path);
	for (unsigned int i = 0; i < TRUST_MAX_DEPTH; i++) {
		trust_watch_dir(r, trust_dir(at, dir));
		len = readlink(at, next, sizeof(next) - 1);
		if (len <= 0)
			break;
		next[len] = '\0';
		trust_path(dir, next, at);
	}
}

const char *trust_dir(const char *path, char buf[static TRUST_PATH])
{
	if ((size_t)snprintf(buf, TRUST_PATH, "%s", path) >= TRUST_PATH)
		*buf = '\0';
	cut_name(buf);
	return buf;
}

const char *trust_path(const char *dir, const char *name, char buf[static TRUST_PATH])
{
	int len = *name == '/' ? snprintf(buf, TRUST_PATH, "%s", name) :
		  snprintf(buf, TRUST_PATH, "%s/%s", dir, name);

	if (len < 0 || (size_t)len >= TRUST_PATH)
		*buf = '\0';
	return buf;
}

/* ---- one file ----------------------------------------------------------------- */

static const char *note_file(struct trust_reading *r, const char *path)
{
	char **v = realloc(r->files, (r->n_files + 1) * sizeof(*v));

	if (v)
		r->files = v;
	if (!v || !(v[r->n_files] = strdup(path))) {
		r->err = -ENOMEM;
		return NULL;
	}
	return v[r->n_files++];
}

/* -EFBIG: too large by itself, -E2BIG: with all before it; then it is not read. */
static int read_within(const struct trust_reading *r, const char *path, struct str *out)
{
	size_t left = TRUST_MAX_BYTES - r->bytes;
	int err;

	if (r->n_files >= TRUST_MAX_FILES)
		return access(path, F_OK) ? -errno : -E2BIG;
	if (left >= TRUST_MAX_FILE)
		return file_read(path, TRUST_MAX_FILE, out, NULL);
	err = file_read(path, left, out, NULL);
	return err == -EFBIG ? -E2BIG : err;
}

static int load(struct trust_reading *r, const char *path, struct trust_text *out)
{
	struct str text = { 0 };
	int err = read_within(r, path, &text);

	r->refused += err == -E2BIG;
	if (err) {
		str_fini(&text);
		return err;
	}
	r->bytes += text.len;
	for (size_t i = 0; i < text.len; i++)
		if (!text.s[i])
			text.s[i] = ' ';
	out->buf = str_take(&text);
	return out->buf ? 0 : -ENOMEM;
}

static void report(struct trust_reading *r, const char *path, const struct text *from,
		   const char *why)
{
	r->failed = true;
	if (r->problems.n >= TRUST_MAX_PROBLEMS)
		r->refused++;
	else if (from && from->file)
		diag_add(&r->problems, DIAG_ERROR, from->file, from->line,
			 "cannot read \"%s\": %s", path, why);
	else
		diag_add(&r->problems, DIAG_ERROR, path, 0, "cannot read it: %s", why);
}

int trust_load(struct trust_reading *r, const char *path, const struct text *from,
	       struct trust_text *out)
{
	int err;

	*out = (struct trust_text){ 0 };
	watch_file(r, path);
	err = load(r, path, out);
	if (!err) {
		out->at = out->buf;
		out->file = note_file(r, path);
		err = r->err;
	}
	if (err) {
		trust_text_fini(out);
		if (err != -ENOENT && err != -ENOTDIR)
			report(r, path, from, err == -EINVAL || err == -EISDIR ?
			       "not a regular file" :
			       strerror(-err));
	}
	return err == -ENOTDIR ? -ENOENT : err;
}

void trust_missing(struct trust_reading *r, const char *path, const struct text *from)
{
	report(r, path, from, strerror(ENOENT));
}

void trust_text_fini(struct trust_text *t)
{
	free(t->buf);
	*t = (struct trust_text){ 0 };
}

char *trust_line(struct trust_text *t)
{
	char *line = t->at, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	t->at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	t->line++;
	return line;
}

/* ---- includes by pattern -------------------------------------------------------- */

/*
 * Wildcards may stand in the last name and the directory before it: deeper ones
 * are nobody's configuration, and walk the whole disk.
 */
static bool is_modest(const char *pattern)
{
	unsigned int wild = 0;

	for (const char *s = pattern; *s; s += strcspn(s, "/")) {
		size_t len;

		s += strspn(s, "/");
		len = strcspn(s, "/");
		wild += strcspn(s, "*?[") < len;
	}
	return wild <= 2;
}

/* The directory that holds, or would hold, what @pattern matches. */
static void watch_pattern(struct trust_reading *r, const char *pattern)
{
	char path[TRUST_PATH];
	size_t len = strcspn(pattern, "*?[");

	if (len >= sizeof(path))
		return;
	memcpy(path, pattern, len);
	path[len] = '\0';
	cut_name(path);
	trust_watch_dir(r, path);
}

/* What is not there does not match; what cannot be looked into might. */
static int on_glob_error(const char *path, int err)
{
	(void)path;
	return err != ENOENT && err != ENOTDIR;
}

/* "autoload_configs/../sip_profiles/a.xml" is nothing to show to anybody. */
static void hand_out(const char *path, trust_file_fn *fn, void *ctx)
{
	char *real = strstr(path, "/../") ? realpath(path, NULL) : NULL;

	fn(ctx, real ? real : path);
	free(real);
}

size_t trust_glob(struct trust_reading *r, const char *dir, const char *pattern,
		  const struct text *from, trust_file_fn *fn, void *ctx)
{
	char path[TRUST_PATH], quoted[TRUST_QUOTE];
	glob_t g = { 0 };
	size_t n = 0;

	trust_path(dir, pattern, path);
	if (!trust_may(r, GLOB_WORK))
		return 0;
	if (!*path || !is_modest(path)) {
		trust_warn(r, from->file, from->line, "cannot include \"%s\"",
			   trust_quote(pattern, quoted));
		return 0;
	}
	watch_pattern(r, path);
	switch (glob(path, 0, on_glob_error, &g)) {
	case 0:
		for (; n < g.gl_pathc && trust_may(r, GLOB_WORK); n++)
			hand_out(g.gl_pathv[n], fn, ctx);
		break;
	case GLOB_ABORTED:
		report(r, trust_quote(path, quoted), from, "a directory is unreadable");
		break;
	case GLOB_NOSPACE:
		r->err = -ENOMEM;
		break;
	}
	globfree(&g);
	return n;
}
