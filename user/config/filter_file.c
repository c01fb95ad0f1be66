// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_file.h"

#include <errno.h>

#include "options.h"

static const char *const usedns_words[] = { "warn", "yes", "no", "raw", NULL };

#define AT(field) offsetof(struct config_filter, field)
static const struct option_row rows[] = {
	{ .name = "usedns", .type = OPTION_WORD, .offset = AT(usedns),
	  .fallback = "no", .words = usedns_words, .lenient = true },
	{ .name = "prefregex", .type = OPTION_TEXT, .offset = AT(prefregex) },
	{ .name = "ignoreregex", .type = OPTION_LINES, .offset = AT(ignoreregex) },
	{ .name = "failregex", .type = OPTION_LINES, .offset = AT(failregex) },
	{ .name = "maxlines", .type = OPTION_INT, .offset = AT(maxlines),
	  .fallback = "1", .min = 1, .max = 10000, .lenient = true },
	{ .name = "datepattern", .type = OPTION_LINES, .offset = AT(datepattern) },
	{ .name = "journalmatch", .type = OPTION_LINES, .offset = AT(journalmatch) },
};
#undef AT

const char *const filter_option_names[] = {
	"usedns", "prefregex", "ignoreregex", "failregex", "maxlines", "datepattern",
	"journalmatch", NULL,
};

static int set_logtype(struct loader *l, struct params *p, bool journal)
{
	const struct value *v = params_get(p, "logtype");
	struct value type;

	if (v && v->len)
		return 0;
	if (value_make(l->pool, &type, journal ? "journal" : "file", p->at))
		return loader_nomem(l);
	return params_set(l, p, "logtype", &type);
}

static bool is_path(const char *name)
{
	return *name == '/' || starts_with(name, "./") || starts_with(name, "../");
}

static int open_with(struct loader *l, struct definition *d,
		     const struct filter_request *r, struct params *p)
{
	struct definition_spec spec = {
		.params = p, .outer = r->outer, .n_outer = r->n_outer, .init_counts = true,
	};

	if (is_path(p->name))
		spec.path = p->name;
	else if (!(spec.base = pool_printf(l->pool, "filter.d/%s", p->name)))
		return loader_nomem(l);
	return definition_open(l, d, &spec);
}

int filter_open(struct loader *l, struct definition *d, const struct filter_request *r)
{
	struct params p;
	int got = params_parse(l, r->value, &p);
	bool own;

	if (got <= 0)
		return got;
	got = open_with(l, d, r, &p);
	if (!got) {
		definition_missing(l, r->at, "filter", p.name);
		return -ENOENT;
	}
	if (got < 0)
		return got;
	/* The parameter that says where lines come from, unless the file does. */
	own = definition_has(d, "logtype");
	if (own)
		return 1;
	got = set_logtype(l, &p, r->journal);
	return got ? got : open_with(l, d, r, &p);
}

/* Lines of the jail's own list follow those of a parameter, as in Fail2ban. */
static int append(struct loader *l, struct texts *list, const struct texts *more)
{
	struct text *v = pool_array(l->pool, list->n + more->n + 1, sizeof(*v));

	if (!v)
		return loader_nomem(l);
	if (list->n)
		memcpy(v, list->v, list->n * sizeof(*v));
	if (more->n)
		memcpy(v + list->n, more->v, more->n * sizeof(*v));
	list->v = v;
	list->n += more->n;
	return 0;
}

static bool is_regex_list(const struct option_row *row)
{
	return row->offset == offsetof(struct config_filter, failregex) ||
	       row->offset == offsetof(struct config_filter, ignoreregex);
}

static bool is_parameter(const struct definition *d, const char *name)
{
	return d && (params_get(&d->params, name) || params_get(&d->init, name));
}

/* One option: the jail's @own value replaces what the file says. */
static int fill_one(struct loader *l, struct definition *d, const struct params *own,
		    const struct option_row *row, struct config_filter *out)
{
	const struct value *mine = params_get(own, row->name);
	bool list = is_regex_list(row);
	struct texts *field = (struct texts *)((char *)out + row->offset), first;
	struct value v;
	int got = 0, err = 0;

	if (d && (!mine || (list && is_parameter(d, row->name))))
		got = definition_get(d, row->name, &v);
	if (got > 0)
		err = option_set(l, row, out, &v);
	if (got < 0 || err || !mine)
		return got < 0 ? got : err;
	if (!list)
		return option_set(l, row, out, mine);
	first = *field;
	err = option_set(l, row, out, mine);
	if (!err && first.n) {
		err = append(l, &first, field);
		*field = first;
	}
	return err;
}

int filter_fill(struct loader *l, struct definition *d, const struct params *own,
		struct config_filter *out)
{
	int err = 0, one;

	*out = (struct config_filter){ .maxlines = 1, .usedns = USEDNS_WARN };
	if (d)
		out->name = d->params.name;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		one = fill_one(l, d, own, &rows[i], out);
		err = one ? one : err;
	}
	return err;
}
