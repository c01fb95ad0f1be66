// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files make up a configuration, and in which order: overrides (.local,
 * .d directories) and [INCLUDES].  Each file is read and parsed once.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "chars.h"
#include "ini.h"
#include "interp.h"

#define FILES_MAX	4096	/* different files in one configuration */
#define CHAIN_MAX	32	/* includes inside of includes */
#define SET_MAX		1024	/* files in one set, repeated ones counted */

struct loaded_ini {
	struct loaded_ini *next;
	const char *path;
	struct ini *ini;		/* NULL: there is no such file */
};

/* The files of one set in the order in which they count. */
struct file_list {
	struct loader *l;
	const struct ini *v[SET_MAX];
	size_t n;
	bool failed;			/* reported; damage for every section */
};

/* Files being read, each included by the one above. */
struct chain {
	const struct chain *up;
	const char *path;
	dev_t dev;			/* what file it really is */
	ino_t ino;
	unsigned int depth;
};

/* ---- one file --------------------------------------------------------------- */

static int line_of(const char *s, size_t at)
{
	int line = 1;

	for (size_t i = 0; i < at; i++)
		line += s[i] == '\n';
	return line;
}

/* Files from before UTF-8 are Latin-1: take them as that, and say so. */
static void to_utf8(struct loader *l, const char *path, struct str *raw)
{
	size_t at = utf8_valid(raw->s, raw->len);
	struct str out = { 0 };

	if (at == raw->len)
		return;
	loader_warn(l, (struct place){ path, line_of(raw->s, at) },
		    "this is not UTF-8, it is read as Latin-1");
	for (size_t i = 0; i < raw->len; i++) {
		unsigned char c = (unsigned char)raw->s[i];

		if (c & 0x80)
			str_putc(&out, (char)(0xc0 | c >> 6));
		str_putc(&out, (char)(c & 0x80 ? 0x80 | (c & 0x3f) : c));
	}
	str_fini(raw);
	*raw = out;
}

static int parse_bytes(struct loader *l, struct ini *ini, const char *path,
		       struct str *raw)
{
	const char *nul = memchr(raw->s, '\0', raw->len);
	size_t bom = starts_with(raw->s, "\xef\xbb\xbf") ? 3 : 0;

	if (nul) {
		loader_error(l, (struct place){ path, line_of(raw->s, (size_t)(nul - raw->s)) },
			     "a NUL byte: this is not a text file");
		ini->broken = true;
		return 0;
	}
	to_utf8(l, path, raw);
	return ini_parse(l, ini, path, raw->s + bom, raw->len - bom);
}

static int read_and_parse(struct loader *l, struct loaded_ini *f)
{
	struct str raw = { 0 };
	int err;

	str_add(&raw, "", 0);
	err = file_read(f->path, FILE_CONF_MAX, &raw, NULL);
	if (err == -ENOENT || err == -ENOTDIR || err == -EISDIR) {
		str_fini(&raw);
		return 0;
	}
	f->ini = ini_new(l);
	if (!f->ini) {
		err = -ENOMEM;
	} else if (err) {
		loader_error(l, (struct place){ f->path, 0 }, err == -EFBIG ?
			     "larger than a configuration file may be" :
			     "cannot be read: %s", strerror(-err));
		f->ini->broken = true;
		err = 0;
	} else {
		err = parse_bytes(l, f->ini, f->path, &raw);
	}
	str_fini(&raw);
	return err;
}

static struct loaded_ini *find_loaded(struct loaded_ini *list, const char *path)
{
	while (list && !streq(list->path, path))
		list = list->next;
	return list;
}

/* 0 and @out (NULL: no such file), or -errno, reported. */
static int load_one(struct loader *l, const char *path, const struct ini **out)
{
	struct loaded_ini *f = find_loaded(l->files, path);
	int err;

	if (!f) {
		if (l->n_files >= FILES_MAX) {
			loader_error(l, (struct place){ path, 0 },
				     "more than %d files", FILES_MAX);
			return -E2BIG;
		}
		f = pool_alloc(l->pool, sizeof(*f));
		if (!f || !(f->path = pool_strdup(l->pool, path)))
			return loader_nomem(l);
		err = read_and_parse(l, f);
		if (err)
			return err;
		f->next = l->files;
		l->files = f;
		l->n_files++;
	}
	*out = f->ini;
	return 0;
}

/* ---- includes ------------------------------------------------------------------ */

static void include(struct file_list *list, const char *path, const struct chain *up);

static void include_each(struct file_list *list, const struct ini *ini,
			 const char *option, const struct chain *here)
{
	const char *slash = strrchr(here->path, '/');
	struct loader *l = list->l;
	struct value v;

	if (ini_get(l, ini, "INCLUDES", option, NULL, &v) <= 0)
		return;
	for (const char *s = v.s, *end; *s; s = *end ? end + 1 : end) {
		const char *path;

		end = strchrnul(s, '\n');
		if (end == s)
			continue;
		if (*s == '/' || !slash)
			path = pool_strndup(l->pool, s, (size_t)(end - s));
		else
			path = pool_printf(l->pool, "%.*s/%.*s",
					   (int)(slash - here->path), here->path,
					   (int)(end - s), s);
		if (path)
			include(list, path, here);
		else
			list->failed = loader_nomem(l);
	}
}

/* A file that is being read already is skipped: includes may loop. */
static bool is_open(const struct chain *c, const struct stat *st)
{
	while (c && (c->dev != st->st_dev || c->ino != st->st_ino))
		c = c->up;
	return c;
}

/* @path with what it includes around it; a missing file is no fault. */
static void add_file(struct file_list *list, const char *path, const struct chain *up)
{
	struct chain here = { .up = up, .path = path, .depth = up ? up->depth + 1 : 1 };
	const struct ini *ini = NULL;
	struct stat st;

	if (stat(path, &st)) {
		if (errno != ENOENT && errno != ENOTDIR) {
			loader_error(list->l, (struct place){ path, 0 },
				     "cannot be read: %s", strerror(errno));
			list->failed = true;
		}
		return;
	}
	if (is_open(up, &st))
		return;
	here.dev = st.st_dev;
	here.ino = st.st_ino;
	if (here.depth > CHAIN_MAX) {
		loader_error(list->l, (struct place){ path, 0 },
			     "included through more than %d files", CHAIN_MAX);
		list->failed = true;
		return;
	}
	if (load_one(list->l, path, &ini))
		list->failed = true;
	if (!ini || list->failed)
		return;
	include_each(list, ini, "before", &here);
	if (list->n >= SET_MAX) {
		loader_error(list->l, (struct place){ path, 0 },
			     "more than %d files belong together", SET_MAX);
		list->failed = true;
		return;
	}
	list->v[list->n++] = ini;
	include_each(list, ini, "after", &here);
}

/* "DIR/name.conf" -> "DIR/name.local"; NULL: no memory, or it is one itself. */
static const char *local_of(struct loader *l, const char *path)
{
	const char *name = strrchr(path, '/');
	const char *dot = strrchr(name ? name + 1 : path, '.');
	size_t len = dot && dot > path && dot[-1] != '/' ? (size_t)(dot - path) : strlen(path);

	if (streq(path + len, ".local"))
		return NULL;
	return pool_printf(l->pool, "%.*s.local", (int)len, path);
}

static void include(struct file_list *list, const char *path, const struct chain *up)
{
	const char *local = local_of(list->l, path);

	add_file(list, path, up);
	if (local)
		add_file(list, local, up);
}

/* ---- overrides ------------------------------------------------------------------- */

static bool wanted_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && *name != '.' && streq(name + len - n, suffix);
}

/* alphasort() would follow the locale; Python's order is that of bytes. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What ends in @suffix, in the order of their names; a missing directory is no fault. */
static void add_directory(struct file_list *list, const char *dir, const char *suffix)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, by_bytes);

	if (n < 0)
		return;
	for (int i = 0; i < n; i++) {
		if (wanted_suffix(names[i]->d_name, suffix)) {
			const char *path = pool_printf(list->l->pool, "%s/%s", dir,
						       names[i]->d_name);

			if (path)
				add_file(list, path, NULL);
			else
				list->failed = loader_nomem(list->l);
		}
		free(names[i]);
	}
	free(names);
}

static int merge_list(struct file_list *list, struct ini *ini)
{
	int err = 0;

	for (size_t i = 0; i < list->n && !err; i++)
		err = ini_merge(list->l, ini, list->v[i]);
	ini->broken |= list->failed;
	return err;
}

static int keep_set(struct loader *l, const char *key, struct file_list *list,
		    const struct ini **out)
{
	struct loaded_ini *set = pool_alloc(l->pool, sizeof(*set));
	int err;

	if (!set || !(set->path = pool_strdup(l->pool, key)))
		return loader_nomem(l);
	if (list->n || list->failed) {
		set->ini = ini_new(l);
		if (!set->ini)
			return -ENOMEM;
		err = merge_list(list, set->ini);
		if (err)
			return err;
	}
	set->next = l->sets;
	l->sets = set;
	*out = set->ini;
	return set->ini ? 1 : 0;
}

static int load_set(struct loader *l, const char *key, const char *base,
		    const struct ini **out)
{
	struct loaded_ini *known = find_loaded(l->sets, key);
	struct file_list *list;
	const char *conf, *local, *dir;

	*out = known ? known->ini : NULL;
	if (known)
		return known->ini ? 1 : 0;
	list = pool_alloc(l->pool, sizeof(*list));
	conf = base ? pool_printf(l->pool, "%s.conf", base) : key;
	local = base ? pool_printf(l->pool, "%s.local", base) : local_of(l, key);
	dir = base ? pool_printf(l->pool, "%s.d", base) : NULL;
	if (!list || !conf || (base && (!local || !dir)))
		return loader_nomem(l);
	list->l = l;
	add_file(list, conf, NULL);
	if (dir)
		add_directory(list, dir, ".conf");
	if (local)
		add_file(list, local, NULL);
	if (dir)
		add_directory(list, dir, ".local");
	return keep_set(l, key, list, out);
}

int ini_load(struct loader *l, const char *base, const struct ini **out)
{
	const char *key = *base == '/' ? base :
			  pool_printf(l->pool, "%s/%s", l->dir, base);

	*out = NULL;
	return key ? load_set(l, key, key, out) : loader_nomem(l);
}

int ini_load_file(struct loader *l, const char *path, const struct ini **out)
{
	return load_set(l, path, NULL, out);
}

bool ini_has_read(const struct loaded_ini *files, const char *path)
{
	while (files && !streq(files->path, path))
		files = files->next;
	return files && files->ini;
}
