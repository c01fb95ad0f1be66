// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include "ini/ini.h"
#include "ini/loader.h"
#include "jail_file.h"
#include "settings.h"

#define CONFIG_MAX	((size_t)512 << 20)	/* bytes of memory for all of it */

static struct config *config_new(struct loader *l, const char *dir, struct diag *d)
{
	struct pool *pool = pool_new(CONFIG_MAX);
	struct config *c = pool ? pool_alloc(pool, sizeof(*c)) : NULL;

	if (!c || loader_init(l, pool, dir, d)) {
		diag_add(d, DIAG_ERROR, NULL, 0, "no memory for a configuration");
		pool_free(pool);
		return NULL;
	}
	c->pool = pool;
	c->dir = l->dir;
	return c;
}

void config_free(struct config *c)
{
	if (c)
		pool_free(c->pool);
}

const struct config_jail *config_find_jail(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_jails; i++)
		if (streq(c->jails[i].name, name))
			return &c->jails[i];
	return NULL;
}

bool config_has_read(const struct config *c, const char *path)
{
	return ini_has_read(c->files, path);
}

static bool is_jail(const struct ini_section *s)
{
	return !streq(s->name, "INCLUDES") && !streq(s->name, SETTINGS_SECTION);
}

/*
 * Enabled jails first: what is wrong in a filter they share with a disabled
 * one is then an error, not a warning.
 */
static int load_jails(struct loader *l, const struct ini *ini,
		      const struct config_options *o, struct config_jail *jails)
{
	size_t i = 0;
	int err = 0;

	for (const struct ini_section *s = ini->first; s && !err; s = s->next) {
		if (!is_jail(s))
			continue;
		err = jail_load(l, ini, s, false, &jails[i]);
		if (!err && (jails[i].enabled || (o->jail && streq(o->jail, s->name))))
			err = jail_load(l, ini, s, true, &jails[i]);
		i++;
	}
	if (!o->disabled_too || err)
		return err;
	l->error_level = DIAG_WARNING;
	i = 0;
	for (const struct ini_section *s = ini->first; s && !err; s = s->next) {
		if (!is_jail(s))
			continue;
		if (!jails[i].loaded)
			err = jail_load(l, ini, s, true, &jails[i]);
		i++;
	}
	l->error_level = DIAG_ERROR;
	return err;
}

static int load_all(struct loader *l, const struct config_options *o, struct config *c)
{
	const struct ini *ini = NULL;
	struct config_jail *jails;
	int got = ini_load(l, "jail", &ini), err;

	if (got < 0)
		return got;
	err = settings_load(l, ini, &c->settings);
	if (err || !got) {
		if (!err)
			loader_error(l, (struct place){ 0 }, "\"%s\": there is no jail.conf "
				     "or jail.local in it", l->dir);
		return err;
	}
	jails = pool_array(l->pool, ini->n_sections + 1, sizeof(*jails));
	if (!jails)
		return loader_nomem(l);
	for (const struct ini_section *s = ini->first; s; s = s->next)
		c->n_jails += is_jail(s);
	c->jails = jails;
	return load_jails(l, ini, o, jails);
}

struct config *config_load(const struct config_options *o, struct diag *d)
{
	struct config *c;
	struct loader l;
	struct stat st;

	if (stat(o->dir, &st)) {
		diag_add(d, DIAG_ERROR, NULL, 0, "\"%s\": %s", o->dir, strerror(errno));
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		diag_add(d, DIAG_ERROR, NULL, 0, "\"%s\" is not a directory", o->dir);
		return NULL;
	}
	c = config_new(&l, o->dir, d);
	if (!c)
		return NULL;
	l.look_for_logs = o->look_for_logs;
	if (load_all(&l, o, c)) {
		config_free(c);
		return NULL;
	}
	c->files = l.files;
	return c;
}

/* ---- a filter by itself ------------------------------------------------------------ */

static bool is_file(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool is_filter(struct loader *l, const char *name)
{
	return *name && !strchr(name, '/') &&
	       (is_file(pool_printf(l->pool, "%s/filter.d/%s.conf", l->dir, name)) ||
		is_file(pool_printf(l->pool, "%s/filter.d/%s.local", l->dir, name)));
}

/* @what as a jail would write it, or NULL: it is neither a filter nor a file. */
static const char *filter_value(struct loader *l, const char *what)
{
	char *name = pool_strndup(l->pool, what, strcspn(what, "["));

	if (!name)
		return NULL;
	if (is_filter(l, name))
		return what;
	if (!is_file(name))
		return NULL;
	return *name == '/' || *name == '.' ? what : pool_printf(l->pool, "./%s", what);
}

static int load_literal(struct loader *l, const char *regex, struct config_jail *jail)
{
	char buf[QUOTE_SIZE];
	struct value v;
	int err;

	/* An expression must capture somebody, so it has a tag or a named group. */
	if (!strchr(regex, '<')) {
		loader_error(l, (struct place){ 0 }, "\"%s\": no filter, no file and no "
			     "jail of that name in %s", quote(regex, buf), l->dir);
		return -ENOENT;
	}
	*jail = (struct config_jail){ .name = "test", .enabled = true, .loaded = true };
	if (value_make(l->pool, &v, regex, (struct place){ 0 }))
		return loader_nomem(l);
	err = jail_defaults(l, jail);
	return err ? err : texts_of_lines(l, &v, &jail->filter.failregex);
}

static int load_jail_named(struct loader *l, const char *name, struct config_jail *jail)
{
	const struct ini *ini = NULL;
	const struct ini_section *s;
	int got = ini_load(l, "jail", &ini);

	if (got <= 0)
		return got;
	s = ini_section(ini, name);
	if (!s || !is_jail(s))
		return 0;
	got = jail_load(l, ini, s, true, jail);
	return got ? got : 1;
}

static int load_filter(struct loader *l, const char *what, bool journal,
		       struct config_jail *jail)
{
	const char *filter = filter_value(l, what);
	struct value v;
	int got;

	if (!filter) {
		got = load_jail_named(l, what, jail);
		return got ? (got < 0 ? got : 0) : load_literal(l, what, jail);
	}
	if (value_make(l->pool, &v, filter, (struct place){ 0 }))
		return loader_nomem(l);
	return jail_from_filter(l, &v, journal, jail);
}

struct config *config_load_filter(const char *dir, const char *what, bool journal,
				  struct diag *d)
{
	struct config_jail *jail;
	struct loader l;
	struct config *c = config_new(&l, dir, d);

	if (!c)
		return NULL;
	jail = pool_alloc(c->pool, sizeof(*jail));
	if (!jail || load_filter(&l, what, journal, jail)) {
		if (!jail)
			loader_nomem(&l);
		config_free(c);
		return NULL;
	}
	c->jails = jail;
	c->n_jails = 1;
	c->files = l.files;
	return c;
}
