// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kamailio.cfg and opensips.cfg: not the routing, which is a program, but which
 * lists their modules are told to read: dispatcher's destinations, the addresses
 * of permissions, gateways of drouting, registrations of uac, in files or in
 * tables of db_text.  What is in another database is warned of.  The preprocessor's
 * #!define and #!ifdef are obeyed, as the stock configuration lives by them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "readers.h"

enum { MAX_DEFINES = 1000, MAX_NESTED = 32, MAX_STATEMENT = 4096 };

struct define { char *name, *value; };

/* The modules we know, and what they were told. */
enum module { DISPATCHER, PERMISSIONS, DROUTING, LCR, UAC, REGISTRANT, N_MODULES };

static const char *const module_names[N_MODULES] = {
	[DISPATCHER] = "dispatcher", [PERMISSIONS] = "permissions",
	[DROUTING] = "drouting", [LCR] = "lcr", [UAC] = "uac", [REGISTRANT] = "uac_registrant",
};

struct told {
	bool loaded;
	char *file, *db;		/* own */
	const char *db_file;		/* where the database is named */
	int db_line;
};

struct script {
	struct trust_reading *r;
	struct define *defines;		/* owns */
	size_t n_defines;
	struct told told[N_MODULES];
	char *default_db;		/* owns */
	bool on[MAX_NESTED];		/* #!ifdef: which branches count */
	unsigned int nested, depth;
	bool in_comment;		/* one of C's kind */
	/* where we are */
	const char *file;
	int line;
};

static void read_script(struct script *s, const char *path, const struct text *from);

/* ---- the preprocessor ----------------------------------------------------------- */

static const struct define *find_define(const struct script *s, const char *name, size_t len)
{
	for (size_t i = s->n_defines; i && trust_may(s->r, 1); i--)
		if (strlen(s->defines[i - 1].name) == len &&
		    !memcmp(s->defines[i - 1].name, name, len))
			return &s->defines[i - 1];
	return NULL;
}

static size_t word_len(const char *s)
{
	return strcspn(s, " \t\r");
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r");
}

/* The text in quotes, or up to the next separator, to be freed. */
static char *take_value(const char *s)
{
	s = skip_blanks(s);
	if (*s == '"' || *s == '\'')
		return strndup(s + 1, strcspn(s + 1, *s == '"' ? "\"" : "'"));
	return strndup(s, strcspn(s, " \t\r,)"));
}

static void add_define(struct script *s, const char *text)
{
	size_t len = word_len(text);
	struct define *d;

	if (!len || find_define(s, text, len))
		return;
	if (s->n_defines >= MAX_DEFINES) {
		s->r->refused++;
		return;
	}
	d = realloc(s->defines, (s->n_defines + 1) * sizeof(*d));
	if (d)
		s->defines = d;
	if (d) {
		d += s->n_defines;
		d->name = strndup(text, len);
		d->value = take_value(text + len);
		if (d->name && d->value) {
			s->n_defines++;
			return;
		}
		free(d->name);
		free(d->value);
	}
	s->r->err = -ENOMEM;
}

static bool is_on(const struct script *s)
{
	return !s->nested || s->on[(s->nested < MAX_NESTED ? s->nested : MAX_NESTED) - 1];
}

static void open_branch(struct script *s, bool on)
{
	on = on && is_on(s);
	if (s->nested < MAX_NESTED)
		s->on[s->nested] = on;
	s->nested++;
}

static void turn_branch(struct script *s)
{
	if (!s->nested || s->nested > MAX_NESTED)
		return;
	s->nested--;
	s->on[s->nested] = !s->on[s->nested] && is_on(s);
	s->nested++;
}

/* Behind "#!" or "!!". */
static void take_directive(struct script *s, const char *text)
{
	size_t len = word_len(text);
	const char *rest = skip_blanks(text + len);
	bool known = find_define(s, rest, word_len(rest));

	if (starts_with(text, "ifdef"))
		open_branch(s, known);
	else if (starts_with(text, "ifndef"))
		open_branch(s, !known);
	else if (starts_with(text, "ifexp"))
		open_branch(s, true);	/* rather too many lists than too few */
	else if (starts_with(text, "else"))
		turn_branch(s);
	else if (starts_with(text, "endif"))
		s->nested -= s->nested > 0;
	else if (is_on(s) && (starts_with(text, "define") || starts_with(text, "trydef") ||
			      starts_with(text, "redef")))
		add_define(s, rest);
}

/* ---- statements ------------------------------------------------------------------- */

/* Is @module one of "dispatcher|permissions"? */
static bool is_among(const char *list, const char *module)
{
	size_t want = strlen(module), len;

	for (; *list; list += len + (list[len] == '|')) {
		len = strcspn(list, "|");
		if (len == want && !memcmp(list, module, len))
			return true;
	}
	return false;
}

static void keep(struct script *s, char **where, const char *value)
{
	char *c = strdup(value);

	if (!c) {
		s->r->err = -ENOMEM;
		return;
	}
	free(*where);
	*where = c;
}

static void tell(struct script *s, const char *modules, const char *param, const char *value)
{
	for (size_t i = 0; i < N_MODULES; i++) {
		struct told *t = &s->told[i];

		if (!is_among(modules, module_names[i]))
			continue;
		if (streq(param, "list_file") || streq(param, "address_file"))
			keep(s, &t->file, value);
		if (!streq(param, "db_url") && !streq(param, "reg_db_url"))
			continue;
		keep(s, &t->db, value);
		t->db_file = s->file;
		t->db_line = s->line;
	}
}

/* modparam("module|module", "param", value): @text is behind the bracket. */
static void take_modparam(struct script *s, const char *text)
{
	char *args[3] = { NULL };
	const struct define *d;
	size_t n = 0;

	while (n < 3) {
		text = skip_blanks(text);
		args[n] = take_value(text);
		if (!args[n])
			s->r->err = -ENOMEM;
		n++;
		if (*text == '"' || *text == '\'') {
			const char *end = strchr(text + 1, *text);

			text = end ? end + 1 : "";
		}
		text += strcspn(text, ",");
		if (!*text++)
			break;
	}
	if (n == 3 && args[0] && args[1] && args[2]) {
		d = find_define(s, args[2], strlen(args[2]));
		tell(s, args[0], args[1], d ? d->value : args[2]);
	}
	for (size_t i = 0; i < 3; i++)
		free(args[i]);
}

static void include_one(void *ctx, const char *path)
{
	struct script *s = ctx;
	const struct text from = { NULL, s->file, s->line };

	read_script(s, path, &from);
}

static void include(struct script *s, const char *text)
{
	const struct text from = { NULL, s->file, s->line };
	char dir[TRUST_PATH], *name = take_value(text);

	if (!name)
		s->r->err = -ENOMEM;
	else if (s->depth >= TRUST_MAX_DEPTH)
		s->r->refused++;
	else
		trust_glob(s->r, trust_dir(s->file, dir), name, &from, include_one, s);
	free(name);
}

static void load_module(struct script *s, const char *text)
{
	char *name = take_value(text), *base;

	if (!name) {
		s->r->err = -ENOMEM;
		return;
	}
	base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	base[strcspn(base, ".")] = '\0';
	for (size_t i = 0; i < N_MODULES; i++)
		s->told[i].loaded |= streq(base, module_names[i]);
	free(name);
}

static void take_statement(struct script *s, const char *text)
{
	if (starts_with(text, "modparam") && text[strcspn(text, "(")])
		take_modparam(s, text + strcspn(text, "(") + 1);
	else if (starts_with(text, "loadmodule"))
		load_module(s, text + strlen("loadmodule"));
	else if (starts_with(text, "include_file") || starts_with(text, "import_file"))
		include(s, text + word_len(text));
	else if (starts_with(text, "db_default_url") && strchr(text, '=')) {
		char *url = take_value(strchr(text, '=') + 1);

		if (url)
			keep(s, &s->default_db, url);
		free(url);
	}
}

/*
 * Take comments out, in place, but not out of strings such as "text:///etc".
 * One of C's kind may end lines later.
 */
static void uncomment(struct script *s, char *line)
{
	char quote = '\0', *out = line;

	for (const char *c = line; *c; c++) {
		if (s->in_comment) {
			s->in_comment = !starts_with(c, "*/");
			c += !s->in_comment;
			continue;
		}
		if (quote)
			quote = *c == quote ? '\0' : quote;
		else if (*c == '"' || *c == '\'')
			quote = *c;
		else if (*c == '#' || starts_with(c, "//"))
			break;
		else if (starts_with(c, "/*")) {
			s->in_comment = true;
			c++;
			continue;
		}
		*out++ = *c;
	}
	*out = '\0';
}

/* A modparam may go over several lines. */
static bool is_whole(const char *statement)
{
	return !starts_with(statement, "modparam") || strchr(statement, ')');
}

static void read_script(struct script *s, const char *path, const struct text *from)
{
	char statement[MAX_STATEMENT] = "", *line;
	const char *file = s->file;
	struct trust_text text;
	int at = s->line;

	if (trust_load(s->r, path, from, &text))
		return;
	s->depth++;
	while (!s->r->err && (line = trust_line(&text))) {
		const char *begin = skip_blanks(line);
		size_t len = strlen(statement);

		s->file = text.file;
		s->line = text.line;
		if (starts_with(begin, "#!") || starts_with(begin, "!!")) {
			take_directive(s, begin + 2);
			continue;
		}
		if (!is_on(s))
			continue;
		uncomment(s, line);
		snprintf(statement + len, sizeof(statement) - len, "%s", skip_blanks(line));
		if (!is_whole(statement) && strlen(statement) < sizeof(statement) - 1)
			continue;
		take_statement(s, statement);
		*statement = '\0';
	}
	trust_text_fini(&text);
	s->depth--;
	s->file = file;
	s->line = at;
}

/* ---- the lists --------------------------------------------------------------------- */

static void read_database(struct script *s, enum module m, const char *url, const char *dir)
{
	const struct told *t = &s->told[m];
	char path[TRUST_PATH];

	if (starts_with(url, "text://"))
		trust_read_tables(s->r, trust_path(dir, url + strlen("text://"), path),
				  module_names[m]);
	else if (starts_with(url, "dbtext://"))
		trust_read_tables(s->r, trust_path(dir, url + strlen("dbtext://"), path),
				  module_names[m]);
	else
		/* Not the whole URL: it has a password in it. */
		trust_warn(s->r, t->db_file ? t->db_file : s->file, t->db_line,
			   "whom module %s knows is in a database (%.*s), which is not "
			   "read: they are not covered", module_names[m],
			   (int)strcspn(url, ":"), url);
}

static void read_list(struct script *s, enum module m, const char *dir)
{
	const struct told *t = &s->told[m];
	char path[TRUST_PATH];
	const char *db = t->db ? t->db : s->default_db;

	trust_path(dir, t->file ? t->file : "dispatcher.list", path);
	if (m == PERMISSIONS && t->file)
		trust_read_address(s->r, path);
	else if (m == DISPATCHER && (t->file || (t->loaded && !db)))
		trust_read_dispatcher(s->r, path);
	else if (db && (t->loaded || t->db))
		read_database(s, m, db, dir);
}

static void script_fini(struct script *s)
{
	for (size_t i = 0; i < s->n_defines; i++) {
		free(s->defines[i].name);
		free(s->defines[i].value);
	}
	for (size_t i = 0; i < N_MODULES; i++) {
		free(s->told[i].file);
		free(s->told[i].db);
	}
	free(s->defines);
	free(s->default_db);
}

void trust_read_kamailio(struct trust_reading *r, const char *path)
{
	struct script s = { .r = r, .file = path };
	char dir[TRUST_PATH];

	trust_dir(path, dir);
	read_script(&s, path, NULL);
	for (enum module m = 0; m < N_MODULES && !r->err; m++)
		read_list(&s, m, dir);
	script_fini(&s);
}
