// SPDX-License-Identifier: GPL-2.0-or-later
#include "ast_conf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

/* One file being read; an include has another one inside. */
struct pass {
	struct ast_conf *c;
	struct trust_text text;
	struct ast_section **section;	/* the open one: goes on behind an include */
	unsigned int depth;
	unsigned int comments;		/* ";--" that are open */
};

static void read_file(struct ast_conf *c, const char *path, const struct text *from,
		      struct ast_section **section, unsigned int depth, int *err);

static void warn(const struct pass *p, const char *what, const char *text)
{
	char quoted[TRUST_QUOTE];

	trust_warn(p->c->r, p->text.file, p->text.line, what, trust_quote(text, quoted));
}

/* ---- options ------------------------------------------------------------------- */

static const char *wanted(const struct ast_conf *c, const char *key)
{
	/* Most options of most files are none that we want. */
	for (const char *const *k = c->keys; *k; k++)
		if (**k == tolower((unsigned char)*key) && !strcasecmp(*k, key))
			return *k;
	return NULL;
}

static void add_option(struct ast_conf *c, struct ast_section *s, const struct ast_option *o)
{
	size_t size = s->size ? s->size * 2 : 8;
	struct ast_option *v = s->options;
	char *value;

	/* Templates of templates grow exponentially if somebody wants that. */
	if (c->n_options >= AST_MAX_OPTIONS ||
	    c->bytes + strlen(o->value) > AST_MAX_BYTES) {
		c->r->refused++;
		return;
	}
	if (s->n == s->size) {
		v = realloc(v, size * sizeof(*v));
		if (!v) {
			c->r->err = -ENOMEM;
			return;
		}
		s->options = v;
		s->size = size;
	}
	value = strdup(o->value);
	if (!value) {
		c->r->err = -ENOMEM;
		return;
	}
	s->options[s->n] = *o;
	s->options[s->n++].value = value;
	c->n_options++;
	c->bytes += strlen(value);
}

/* "key += more" makes the last value of @key longer. */
static bool lengthen(struct ast_conf *c, struct ast_section *s, const char *key,
		     const char *more)
{
	size_t i = s->n, len;
	char *value;

	while (i && !streq(s->options[i - 1].key, key))
		i--;
	if (!i)
		return false;
	len = strlen(s->options[i - 1].value);
	if (len + strlen(more) > TRUST_MAX_LINE) {
		c->r->refused++;
		return true;
	}
	value = realloc(s->options[i - 1].value, len + strlen(more) + 1);
	if (!value) {
		c->r->err = -ENOMEM;
		return true;
	}
	strcpy(value + len, more);
	s->options[i - 1].value = value;
	c->bytes += strlen(more);
	return true;
}

static char *strip(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	for (len = strlen(s); len && isspace((unsigned char)s[len - 1]); len--)
		;
	s[len] = '\0';
	return s;
}

static void take_option(struct pass *p, char *line)
{
	char *equals = strchr(line, '=');
	bool append = equals && equals > line && equals[-1] == '+';
	struct ast_option o = { .file = p->text.file, .line = p->text.line };
	char *key;

	if (!equals || !*p->section) {
		warn(p, equals ? "\"%s\" stands in no section" : "\"%s\" is no option", line);
		return;
	}
	equals[append ? -1 : 0] = '\0';
	key = strip(line);
	o.key = wanted(p->c, key);
	o.value = equals + 1;
	if (*o.value == '>')
		o.value++;
	if (!o.key || (append && lengthen(p->c, *p->section, o.key, o.value)))
		return;
	o.value = strip(o.value);
	add_option(p->c, *p->section, &o);
}

/* ---- sections -------------------------------------------------------------------- */

struct ast_section *ast_find(const struct ast_conf *c, const char *name)
{
	struct hmap_node *node = hmap_first(&c->by_name,
					    hmap_hash(&c->by_name, name, strlen(name)));

	for (; node; node = hmap_next(node)) {
		struct ast_section *s = container_of(node, struct ast_section, node);

		if (streq(s->name, name))
			return s;
	}
	return NULL;
}

static void note_name(struct ast_conf *c, struct ast_section *s)
{
	struct ast_section *first = ast_find(c, s->name);

	s->last_twin = s;
	if (first) {
		first->last_twin->twin = s;
		first->last_twin = s;
		return;
	}
	hmap_insert(&c->by_name, &s->node,
		    hmap_hash(&c->by_name, s->name, strlen(s->name)));
}

static struct ast_section *new_section(struct pass *p, const char *name)
{
	struct ast_conf *c = p->c;
	struct ast_section *s;

	if (c->n_sections >= AST_MAX_SECTIONS) {
		c->r->refused++;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s || !(s->name = strdup(name))) {
		free(s);
		c->r->err = -ENOMEM;
		return NULL;
	}
	s->file = p->text.file;
	s->line = p->text.line;
	note_name(c, s);
	if (c->last)
		c->last->next = s;
	else
		c->first = s;
	c->last = s;
	c->n_sections++;
	return s;
}

static void inherit(struct pass *p, struct ast_section *s, const char *name)
{
	const struct ast_section *from = ast_find(p->c, name);

	if (from == s || !from) {
		warn(p, "there is no section \"%s\" to inherit from", name);
		return;
	}
	for (size_t i = 0; i < from->n && !p->c->r->err; i++)
		add_option(p->c, s, &from->options[i]);
}

/* "(!)", "(+)", "(template,other)" behind a section's name. */
static void take_heritage(struct pass *p, struct ast_section *s, char *list)
{
	char *save = NULL, *end = strchr(list, ')');

	if (end)
		*end = '\0';
	for (char *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		word = strip(word);
		if (streq(word, "!"))
			s->is_template = true;
		else if (*word && *word != '+' && !strchr(word, '='))
			inherit(p, s, word);
	}
}

static bool adds_to_older(const char *list)
{
	const char *plus = list ? strchr(list, '+') : NULL;

	return plus && (plus == list || plus[-1] == ',' || isspace((unsigned char)plus[-1]));
}

static void take_section(struct pass *p, char *line)
{
	char *end = strchr(line, ']'), *list;
	struct ast_section *s = NULL;

	if (!end) {
		warn(p, "\"%s\" has no closing bracket", line);
		return;
	}
	*end = '\0';
	list = strip(end + 1);
	list = *list == '(' ? list + 1 : NULL;
	if (adds_to_older(list))
		s = ast_find(p->c, line + 1);
	else
		s = new_section(p, line + 1);
	*p->section = s;
	if (s && list)
		take_heritage(p, s, list);
}

/* ---- directives ------------------------------------------------------------------- */

struct inclusion {
	struct pass *p;
	struct text from;
	bool must;
};

static void include_one(void *ctx, const char *path)
{
	struct inclusion *i = ctx;
	int err = 0;

	read_file(i->p->c, path, &i->from, i->p->section, i->p->depth + 1, &err);
	/* A link that leads nowhere. */
	if (err == -ENOENT && i->must)
		trust_missing(i->p->c->r, path, &i->from);
}

static void include(struct pass *p, char *name, bool must)
{
	struct inclusion i = { p, { NULL, p->text.file, p->text.line }, must };
	char quoted[TRUST_QUOTE];

	if (*name == '"' || *name == '<') {
		name[strcspn(name + 1, "\">") + 1] = '\0';
		name++;
	}
	if (p->depth >= TRUST_MAX_DEPTH) {
		warn(p, "\"%s\" is included too deep inside of others", name);
		p->c->r->refused++;
	} else if (!trust_glob(p->c->r, p->c->dir, name, &i.from, include_one, &i) && must &&
		   !strpbrk(name, "*?[")) {
		trust_missing(p->c->r, trust_quote(name, quoted), &i.from);
	}
}

static void take_directive(struct pass *p, char *line)
{
	char *name = line + strcspn(line, " \t");

	if (*name)
		*name++ = '\0';
	name = strip(name);
	if (!strcasecmp(line, "#include"))
		include(p, name, true);
	else if (!strcasecmp(line, "#tryinclude"))
		include(p, name, false);
	else if (!strcasecmp(line, "#exec"))
		warn(p, "\"#exec %s\" is not run: whom it names is not trusted", name);
	else
		warn(p, "\"%s\" is no directive", line);
}

/* ---- lines -------------------------------------------------------------------------- */

/*
 * Take comments out of @line, in place.  "\;" is a plain semicolon, ";--" opens a
 * comment that "--;" closes, perhaps lines later, and ";" is one to the end.
 */
static void uncomment(struct pass *p, char *line)
{
	char *out = line;

	if (!p->comments && !strchr(line, ';'))
		return;
	for (const char *s = line; *s; s++) {
		if (*s == '\\' && s[1] == ';' && !p->comments) {
			*out++ = *++s;
		} else if (starts_with(s, ";--") && s[3] != '-') {
			p->comments++;
			s += 2;
		} else if (p->comments && starts_with(s, "--;")) {
			p->comments--;
			s += 2;
		} else if (*s == ';' && !p->comments) {
			break;
		} else if (!p->comments) {
			*out++ = *s;
		}
	}
	*out = '\0';
}

static void take_line(struct pass *p, char *line)
{
	/* A BOM, which editors of other systems leave. */
	if (p->text.line == 1 && starts_with(line, "\xef\xbb\xbf"))
		line += 3;
	if (strlen(line) >= TRUST_MAX_LINE) {
		warn(p, "a line that is too long, \"%s\", is left out", line);
		p->c->r->refused++;
		return;
	}
	uncomment(p, line);
	line = strip(line);
	if (*line == '[')
		take_section(p, line);
	else if (*line == '#')
		take_directive(p, line);
	else if (*line)
		take_option(p, line);
}

static void read_file(struct ast_conf *c, const char *path, const struct text *from,
		      struct ast_section **section, unsigned int depth, int *err)
{
	struct pass p = { .c = c, .section = section, .depth = depth };
	char *line;

	*err = trust_load(c->r, path, from, &p.text);
	while (!c->r->err && (line = trust_line(&p.text)))
		take_line(&p, line);
	trust_text_fini(&p.text);
}

int ast_conf_read(struct ast_conf *c, struct trust_reading *r, const char *path,
		  const char *dir, const char *const *keys)
{
	struct ast_section *section = NULL;
	int err;

	*c = (struct ast_conf){ .r = r, .dir = dir, .keys = keys };
	err = hmap_init(&c->by_name);
	if (!err)
		read_file(c, path, NULL, &section, 0, &err);
	return err ? err : r->err;
}

void ast_conf_fini(struct ast_conf *c)
{
	struct ast_section *s, *next;

	for (s = c->first; s; s = next) {
		next = s->next;
		for (size_t i = 0; i < s->n; i++)
			free(s->options[i].value);
		free(s->options);
		free(s->name);
		free(s);
	}
	hmap_fini(&c->by_name);
	c->first = c->last = NULL;
}

/* ---- looking things up ----------------------------------------------------------------- */

const char *ast_get(const struct ast_section *s, const char *key)
{
	for (size_t i = s->n; i; i--)
		if (streq(s->options[i - 1].key, key))
			return s->options[i - 1].value;
	return NULL;
}

bool ast_is(const struct ast_section *s, const char *key, const char *value)
{
	const char *v = ast_get(s, key);

	return v && !strcasecmp(v, value);
}
