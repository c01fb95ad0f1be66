// SPDX-License-Identifier: GPL-2.0-or-later
#include "tagged.h"

#include "tags.h"

#include <errno.h>
#include <stdlib.h>

/* ---- compiling ---- */

/* Where in the configured text, and what stands there. */
static void report(const struct tagged_spec *spec, const struct regex_error *err,
		   size_t at, struct diag *d)
{
	const char *rest = spec->text->s + at;

	if (*rest)
		diag_error(d, spec->text, "jail %s: %s: %s, at character %zu: \"%.40s%s\"",
			   spec->jail, spec->option, err->text, at + 1, rest,
			   strlen(rest) > 40 ? "..." : "");
	else
		diag_error(d, spec->text, "jail %s: %s: %s, at the end of \"%s\"",
			   spec->jail, spec->option, err->text, spec->text->s);
}

static int compile(struct tagged *p, const struct tagged_spec *spec, struct diag *d)
{
	struct regex_error why;
	struct tags tags;
	int err;

	err = tags_expand(&tags, spec->text->s, spec->names);
	if (!err)
		err = regex_new(&p->re, spec->env, tags.text.s ? tags.text.s : "",
				spec->flags, &why);
	if (err == -EINVAL)
		report(spec, &why, tags_place(&tags, why.at), d);
	tags_fini(&tags);
	return err;
}

/* ---- groups and fields ---- */

/* "alt_user_2" is for "user", "tuple_id" for "fid", where @prefix is "alt_" ... */
static int target_of(struct fields *fields, const char *name, const char *prefix)
{
	size_t len, digits = 0;

	name += strlen(prefix);
	len = strlen(name);
	while (digits < len && name[len - 1 - digits] >= '0' && name[len - 1 - digits] <= '9')
		digits++;
	if (digits && digits < len && name[len - 1 - digits] == '_')
		len -= digits + 1;
	if (len == 2 && starts_with(name, "id"))
		return fields_number(fields, "fid", 3);
	if (len == 4 && starts_with(name, "port"))
		return fields_number(fields, "fport", 5);
	return fields_number(fields, name, len);
}

/* For one target in the order of the names, as Fail2ban takes them. */
static bool goes_before(struct pattern_target a, struct pattern_target b,
			const struct fields *fields)
{
	if (a.to != b.to)
		return a.to < b.to;
	return strcmp(fields->names[a.from], fields->names[b.from]) < 0;
}

static void insert_target(struct pattern_target *v, unsigned int n,
			  struct pattern_target t, const struct fields *fields)
{
	for (; n && goes_before(t, v[n - 1], fields); n--)
		v[n] = v[n - 1];
	v[n] = t;
}

static int add_target(struct pattern_target **v, unsigned int *n, int from,
		      const char *prefix, struct fields *fields)
{
	struct pattern_target t = { .from = from };
	struct pattern_target *p;

	if (!starts_with(fields->names[from], prefix) ||
	    streq(fields->names[from], prefix))
		return 0;
	t.to = target_of(fields, fields->names[from], prefix);
	if (t.to < 0)
		return t.to;
	p = realloc(*v, (*n + 1) * sizeof(*p));
	if (!p)
		return -ENOMEM;
	*v = p;
	insert_target(p, (*n)++, t, fields);
	return 0;
}

static int map_group(struct tagged *p, unsigned int group, struct fields *fields)
{
	const char *name = regex_group_name(p->re, group);
	int field, err;

	if (!name)
		return 0;
	field = fields_number(fields, name, strlen(name));
	if (field < 0)
		return field;
	p->named[p->n_named++] = (struct pattern_group){ group, field };
	err = add_target(&p->alts, &p->n_alts, field, "alt_", fields);
	if (!err)
		err = add_target(&p->tuples, &p->n_tuples, field, "tuple_", fields);
	return err;
}

static int map_groups(struct tagged *p, const struct tagged_spec *spec,
		      struct fields *fields, struct diag *d)
{
	unsigned int n = regex_groups(p->re) + 1;
	int err = 0;

	p->n_groups = n;
	p->named = calloc(n, sizeof(*p->named));
	if (!p->named)
		return -ENOMEM;
	for (unsigned int i = 0; i < n && !err; i++)
		err = map_group(p, i, fields);
	if (err == -ENOSPC) {
		diag_error(d, spec->text, "jail %s: more than %d different names of groups",
			   spec->jail, FIELDS_MAX - FIELDS_KNOWN);
		err = -EINVAL;
	}
	return err;
}

int tagged_init(struct tagged *p, const struct tagged_spec *spec,
		 struct fields *fields, struct diag *d)
{
	const char *text = spec->text->s;
	int err;

	*p = (struct tagged){ 0 };
	if (!text[strspn(text, " \t\n\r\v\f")]) {
		diag_error(d, spec->text, "jail %s: %s is empty", spec->jail, spec->option);
		return -EINVAL;
	}
	p->origin = strdup(text);
	if (!p->origin)
		return -ENOMEM;
	err = compile(p, spec, d);
	return err ? err : map_groups(p, spec, fields, d);
}

void tagged_fini(struct tagged *p)
{
	free(p->origin);
	regex_free(p->re);
	free(p->named);
	free(p->alts);
	free(p->tuples);
	str_fini(&p->made);
	*p = (struct tagged){ 0 };
}

bool tagged_has(const struct tagged *p, enum field field)
{
	for (unsigned int i = 0; i < p->n_named; i++)
		if (p->named[i].field == (int)field)
			return true;
	return false;
}

/* ---- captures ---- */

/* Quoted the way Python shows a string: that is what users of tuples know. */
static void put_quoted(struct str *out, struct hit_text t)
{
	bool both = t.s && memchr(t.s, '\'', t.len) && memchr(t.s, '"', t.len);
	char quote = t.s && memchr(t.s, '\'', t.len) && !both ? '"' : '\'';

	if (!t.s) {
		str_puts(out, "None");
		return;
	}
	str_putc(out, quote);
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.s[i];

		if (c == '\\' || c == quote)
			str_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			str_printf(out, "\\x%02x", c);
		else
			str_putc(out, (char)c);
	}
	str_putc(out, quote);
}

/* All tuples with one target in a row make one text; returns their number. */
static unsigned int make_tuple(struct tagged *p, unsigned int first,
			       const struct captures *c)
{
	int to = p->tuples[first].to;
	unsigned int i;

	str_putc(&p->made, '(');
	put_quoted(&p->made, c->v[to]);
	for (i = first; i < p->n_tuples && p->tuples[i].to == to; i++) {
		str_puts(&p->made, ", ");
		put_quoted(&p->made, c->v[p->tuples[i].from]);
	}
	str_putc(&p->made, ')');
	return i - first;
}

static void fill_tuples(struct tagged *p, struct captures *c)
{
	size_t ends[FIELDS_MAX];
	size_t from = 0;
	unsigned int n;

	str_reset(&p->made);
	for (unsigned int i = 0; i < p->n_tuples; i += n) {
		n = make_tuple(p, i, c);
		ends[i] = p->made.len;
	}
	/* Only now does the text no longer move. */
	for (unsigned int i = 0; i < p->n_tuples && !p->made.failed; i += n) {
		for (n = 1; i + n < p->n_tuples && p->tuples[i + n].to == p->tuples[i].to;)
			n++;
		captures_set(c, p->tuples[i].to,
			     (struct hit_text){ p->made.s + from, ends[i] - from });
		from = ends[i];
	}
}

static void fill_alts(const struct tagged *p, struct captures *c)
{
	for (unsigned int i = 0; i < p->n_alts; i++) {
		struct hit_text from = c->v[p->alts[i].from];

		if (!c->v[p->alts[i].to].len && from.len)
			captures_set(c, p->alts[i].to, from);
	}
}

static void take_spans(const struct tagged *p, const char *subject,
		       const struct regex_span *spans, struct captures *out)
{
	for (unsigned int i = 0; i < p->n_named; i++) {
		const struct regex_span *span = &spans[p->named[i].group];

		if (span->start != REGEX_UNSET)
			captures_set(out, p->named[i].field, (struct hit_text){
				subject + span->start, span->end - span->start });
	}
}

/* Alternatives and tuples look at what this expression captured, at nothing before. */
static void take_more(struct tagged *p, const char *subject,
		      const struct regex_span *spans, struct captures *out)
{
	struct captures own = { 0 };

	take_spans(p, subject, spans, &own);
	fill_alts(p, &own);
	if (p->n_tuples)
		fill_tuples(p, &own);
	captures_merge(out, &own);
}

void tagged_captures(struct tagged *p, const char *subject,
		     const struct regex_span *spans, struct captures *out)
{
	if (p->n_alts || p->n_tuples)
		take_more(p, subject, spans, out);
	else
		take_spans(p, subject, spans, out);
}
