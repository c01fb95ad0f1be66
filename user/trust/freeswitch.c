// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FreeSWITCH: gateways of all profiles, and the access lists by which a profile
 * takes calls without a password.  freeswitch.xml is followed through its
 * preprocessor's includes and variables, in the order in which FreeSWITCH does.
 * Lists for registrations are for phones, and lists that nobody applies or that
 * are open by default name nobody.
 */
#include <errno.h>
#include <stdlib.h>

#include "acl.h"
#include "base/str.h"
#include "readers.h"
#include "xml.h"

enum {
	MAX_VARS	= 2000,
	MAX_LISTS	= 500,
	MAX_APPLIED	= 500,
	MAX_VALUE	= 4096,
};

struct variable { char *name, *value; };
struct list { char *name; struct acl acl; const char *file; int line; };
struct applied { char *name; const char *file; int line; };

enum gateway_param { REALM, PROXY, REGISTER_PROXY, OUTBOUND_PROXY, N_PARAMS };

struct gateway {
	bool open;
	char *name;			/* owns, as all here */
	struct { char *value; bool given; const char *file; int line; } params[N_PARAMS];
	const char *file;
	int line;
};

struct walk {
	struct trust_reading *r;
	struct variable *vars;		/* own, all four */
	struct list *lists;
	struct applied *applied;
	size_t n_vars, n_lists, n_applied;
	struct gateway gateway;
	bool in_list;			/* of the last of @lists */
	bool in_profile;
	unsigned int depth;
	/* where we are */
	const char *file;
	int line;
};

static void walk_file(struct walk *w, const char *path, const struct text *from);

/* ---- variables -------------------------------------------------------------- */

static const char *get_var(const struct walk *w, const char *name, size_t len)
{
	for (size_t i = w->n_vars; i && trust_may(w->r, 1); i--)
		if (strlen(w->vars[i - 1].name) == len &&
		    !memcmp(w->vars[i - 1].name, name, len))
			return w->vars[i - 1].value;
	return NULL;
}

/* One more element for an array of @n; NULL, noted, when there can be none. */
static void *more(struct walk *w, void *v, size_t n, size_t max, size_t size)
{
	void *p = n < max ? realloc(v, (n + 1) * size) : NULL;

	if (n >= max)
		w->r->refused++;
	else if (!p)
		w->r->err = -ENOMEM;
	return p;
}

static char *copy(struct walk *w, const char *s)
{
	char *c = strdup(s);

	if (!c)
		w->r->err = -ENOMEM;
	return c;
}

static void set_var(struct walk *w, const char *data)
{
	struct variable *v = more(w, w->vars, w->n_vars, MAX_VARS, sizeof(*v));
	const char *equals = strchr(data, '=');

	if (!v)
		return;
	w->vars = v;
	if (!equals)
		return;
	v += w->n_vars;
	v->name = strndup(data, (size_t)(equals - data));
	v->value = copy(w, equals + 1);
	if (v->name && v->value) {
		w->n_vars++;
		return;
	}
	w->r->err = -ENOMEM;
	free(v->name);
	free(v->value);
}

/*
 * @text with "$${name}" replaced, to be freed; NULL when a variable is not known,
 * which only running FreeSWITCH tells.
 */
static char *expand(struct walk *w, const char *text)
{
	struct str out = { 0 };
	const char *dollars;

	str_puts(&out, "");
	while ((dollars = strstr(text, "$${"))) {
		size_t len = strcspn(dollars + 3, "}");
		const char *value = get_var(w, dollars + 3, len);

		if (!value || out.len > MAX_VALUE) {
			str_fini(&out);
			return NULL;
		}
		str_add(&out, text, (size_t)(dollars - text));
		str_puts(&out, value);
		text = dollars + 3 + len;
		text += *text == '}';
	}
	str_puts(&out, text);
	return str_take(&out);
}

/* ---- the preprocessor ---------------------------------------------------------- */

static void include_one(void *ctx, const char *path)
{
	struct walk *w = ctx;
	const struct text from = { NULL, w->file, w->line };

	walk_file(w, path, &from);
}

static void include(struct walk *w, const char *pattern)
{
	const struct text from = { NULL, w->file, w->line };
	char dir[TRUST_PATH];

	trust_glob(w->r, trust_dir(w->file, dir), pattern, &from, include_one, w);
}

static void take_directive(struct walk *w, const struct xml_tag *tag)
{
	const char *cmd = xml_attr(tag, "cmd");
	char *data = expand(w, xml_attr(tag, "data"));

	/* What is set from something unknown is as unknown. */
	if (data && streq(cmd, "include"))
		include(w, data);
	else if (data && streq(cmd, "set"))
		set_var(w, data);
	else if (streq(cmd, "exec"))
		trust_warn(w->r, w->file, w->line, "a program's output is included, which is "
			   "not run: whom it names is not trusted");
	free(data);
}

/* ---- gateways --------------------------------------------------------------------- */

static const struct { const char *name, *role; } params[N_PARAMS] = {
	[REALM]		 = { "realm", "gateway realm" },
	[PROXY]		 = { "proxy", "gateway proxy" },
	[REGISTER_PROXY] = { "register-proxy", "gateway register-proxy" },
	[OUTBOUND_PROXY] = { "outbound-proxy", "gateway outbound-proxy" },
};

static void gateway_fini(struct gateway *g)
{
	for (size_t i = 0; i < N_PARAMS; i++)
		free(g->params[i].value);
	free(g->name);
	*g = (struct gateway){ 0 };
}

/*
 * A gateway without proxy is at its realm, and without realm at its own name.  A
 * realm beside a proxy is only a word to log in with.
 */
static void close_gateway(struct walk *w)
{
	struct gateway *g = &w->gateway;
	bool proxy = g->params[PROXY].given, realm = g->params[REALM].given;
	struct trust_place at = { g->file, g->line, "gateway", g->name };

	if (g->open && !proxy && !realm)
		trust_add(w->r, &at, g->name);
	for (size_t i = 0; g->open && i < N_PARAMS; i++) {
		at.file = g->params[i].file;
		at.line = g->params[i].line;
		at.role = params[i].role;
		if (g->params[i].value && !(i == REALM && proxy))
			trust_add(w->r, &at, g->params[i].value);
	}
	gateway_fini(g);
}

static void open_gateway(struct walk *w, const struct xml_tag *tag)
{
	close_gateway(w);
	w->gateway = (struct gateway){
		.name = expand(w, xml_attr(tag, "name")), .file = w->file, .line = w->line,
	};
	w->gateway.open = w->gateway.name;
}

static void take_gateway_param(struct walk *w, const struct xml_tag *tag)
{
	const char *name = xml_attr(tag, "name"), *value = xml_attr(tag, "value");
	char quoted[TRUST_QUOTE], *expanded;

	for (size_t i = 0; i < N_PARAMS; i++) {
		if (!streq(name, params[i].name) || !*value)
			continue;
		expanded = expand(w, value);
		if (!expanded)
			trust_warn(w->r, w->file, w->line, "%s: a variable in \"%s\" is not "
				   "known: it is not covered", params[i].role,
				   trust_quote(value, quoted));
		free(w->gateway.params[i].value);
		w->gateway.params[i].value = expanded;
		w->gateway.params[i].given = true;
		w->gateway.params[i].file = w->file;
		w->gateway.params[i].line = w->line;
	}
}

/* ---- access lists -------------------------------------------------------------------- */

static void open_list(struct walk *w, const struct xml_tag *tag)
{
	struct list *l = more(w, w->lists, w->n_lists, MAX_LISTS, sizeof(*l));

	w->in_list = false;
	if (!l)
		return;
	w->lists = l;
	l += w->n_lists;
	*l = (struct list){
		.name = copy(w, xml_attr(tag, "name")), .file = w->file, .line = w->line,
		.acl = { .order = ACL_LONGEST,
			 .closed = streq(xml_attr(tag, "default"), "deny") },
	};
	if (!l->name)
		return;
	w->n_lists++;
	w->in_list = true;
}

/* Nodes are cidr=, or host= with mask=; domain= are the users of a domain. */
static void take_node(struct walk *w, const struct xml_tag *tag)
{
	const char *mask = xml_attr(tag, "mask");
	struct list *l = &w->lists[w->n_lists - 1];
	struct trust_place at = { w->file, w->line, "acl node", l->name };
	char *cidr = expand(w, xml_attr(tag, "cidr")), *host = expand(w, xml_attr(tag, "host"));
	struct str net = { 0 };

	if (cidr && *cidr)
		str_puts(&net, cidr);
	else if (host && *host)
		str_printf(&net, "%s%s%s", host, *mask ? "/" : "", mask);
	if (net.s && !net.failed)
		acl_add(&l->acl, w->r, &at, net.s, streq(xml_attr(tag, "type"), "allow"));
	str_fini(&net);
	free(cidr);
	free(host);
}

static void take_profile_param(struct walk *w, const struct xml_tag *tag)
{
	const char *name = xml_attr(tag, "name");
	struct applied *a;
	char *value;

	if (!streq(name, "apply-inbound-acl") && !streq(name, "apply-proxy-acl"))
		return;
	value = expand(w, xml_attr(tag, "value"));
	a = value ? more(w, w->applied, w->n_applied, MAX_APPLIED, sizeof(*a)) : NULL;
	if (!a) {
		free(value);
		return;
	}
	w->applied = a;
	a[w->n_applied++] = (struct applied){ value, w->file, w->line };
}

static void name_applied(struct walk *w)
{
	for (size_t i = 0; i < w->n_lists; i++) {
		const struct list *l = &w->lists[i];
		const struct trust_place at = { l->file, l->line, "acl node", l->name };
		bool used = false;

		for (size_t k = 0; k < w->n_applied && !used; k++)
			used = streq(w->applied[k].name, l->name);
		if (used)
			acl_name(&l->acl, w->r, &at);
	}
	/* A network may stand there instead of a list's name. */
	for (size_t i = 0; i < w->n_applied; i++) {
		const struct applied *a = &w->applied[i];
		const struct trust_place at = { a->file, a->line, "apply-inbound-acl", "" };
		struct ipaddr net;

		if (!ipaddr_parse_net(a->name, strlen(a->name), &net) && net.prefix)
			trust_add_reach(w->r, &at, &net);
	}
}

/* ---- tags ------------------------------------------------------------------------------ */

static void take_tag(struct walk *w, const struct xml_tag *tag)
{
	if (streq(tag->name, "X-PRE-PROCESS")) {
		take_directive(w, tag);
	} else if (streq(tag->name, "gateway")) {
		if (tag->opens)
			open_gateway(w, tag);
		if (tag->closes)
			close_gateway(w);
	} else if (streq(tag->name, "list")) {
		w->in_list = false;
		if (tag->opens && !tag->closes)
			open_list(w, tag);
	} else if (streq(tag->name, "profile")) {
		w->in_profile = tag->opens && !tag->closes;
	} else if (streq(tag->name, "node") && w->in_list && tag->opens) {
		take_node(w, tag);
	} else if (streq(tag->name, "param") && tag->opens) {
		if (w->gateway.open)
			take_gateway_param(w, tag);
		else if (w->in_profile)
			take_profile_param(w, tag);
	}
}

static void walk_file(struct walk *w, const char *path, const struct text *from)
{
	const char *file = w->file;
	struct trust_text text;
	struct xml_tag tag;
	int line = w->line;
	struct xml x;

	if (w->depth > TRUST_MAX_DEPTH) {
		w->r->refused++;
		return;
	}
	if (trust_load(w->r, path, from, &text))
		return;
	w->depth++;
	w->file = text.file;
	xml_init(&x, text.buf);
	while (!w->r->err && xml_next(&x, &tag)) {
		w->line = tag.line;
		take_tag(w, &tag);
	}
	trust_text_fini(&text);
	w->depth--;
	w->file = file;
	w->line = line;
}

static void walk_fini(struct walk *w)
{
	for (size_t i = 0; i < w->n_vars; i++) {
		free(w->vars[i].name);
		free(w->vars[i].value);
	}
	for (size_t i = 0; i < w->n_lists; i++) {
		free(w->lists[i].name);
		acl_fini(&w->lists[i].acl);
	}
	for (size_t i = 0; i < w->n_applied; i++)
		free(w->applied[i].name);
	free(w->vars);
	free(w->lists);
	free(w->applied);
	gateway_fini(&w->gateway);
}

void trust_read_freeswitch(struct trust_reading *r, const char *dir)
{
	struct walk w = { .r = r };
	char path[TRUST_PATH];

	walk_file(&w, trust_path(dir, "freeswitch.xml", path), NULL);
	close_gateway(&w);
	if (!r->err)
		name_applied(&w);
	walk_fini(&w);
}
