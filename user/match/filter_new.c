// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_parts.h"
#include "prefilter.h"

#include <errno.h>
#include <stdlib.h>

struct maker {
	struct filter *f;
	const struct filter_spec *spec;
	struct regex_env *env;
	struct diag *d;
};

/* Compile all, whatever is wrong with some: the operator wants to see it all. */
static int add_patterns(const struct maker *m, struct patterns *out,
			const char *option, const struct text *texts, size_t n,
			unsigned int flags)
{
	int err = 0;

	out->v = calloc(n ? n : 1, sizeof(*out->v));
	if (!out->v)
		return -ENOMEM;
	for (size_t i = 0; i < n && err != -ENOMEM; i++) {
		struct tagged_spec ps = {
			.jail = m->spec->name, .option = option, .text = &texts[i],
			.flags = flags, .env = m->env,
			.names = m->spec->names != FILTER_NAMES_NONE,
		};
		int ret = tagged_init(&out->v[out->n++], &ps, &m->f->fields, m->d);

		if (ret)
			err = ret;
	}
	return err;
}

static bool has_id(const struct patterns *p, size_t i)
{
	static const enum field ids[] = {
		FIELD_FID, FIELD_IP4, FIELD_IP6, FIELD_DNS, FIELD_MLFID,
	};

	for (size_t k = 0; k < ARRAY_SIZE(ids); k++)
		if (i < p->n && tagged_has(&p->v[i], ids[k]))
			return true;
	return false;
}

/* Nothing but "<name>", as a filter's modes are chosen: none of that name was found. */
static bool is_reference(const char *s)
{
	return *s == '<' && s[strcspn(s, ">")] && !s[strcspn(s, ">") + 1];
}

static int check_ids(const struct maker *m)
{
	const struct filter *f = m->f;
	int err = 0;

	if (has_id(&f->pref, 0))
		return 0;
	for (size_t i = 0; i < f->fail.n; i++) {
		if (has_id(&f->fail, i))
			continue;
		diag_error(m->d, &m->spec->failregex[i],
			   "jail %s: failregex names nobody: it needs <HOST>, <ADDR>, "
			   "<F-ID> or <F-MLFID>: \"%.60s\"%s",
			   m->spec->name, m->spec->failregex[i].s,
			   is_reference(m->spec->failregex[i].s) ?
			   ", which is set nowhere (a parameter mistyped?)" : "");
		err = -EINVAL;
	}
	return err;
}

static int add_memory(struct filter *f, unsigned int maxlines)
{
	int err = 0;

	if (maxlines > 1) {
		err = linebuf_init(&f->buf, maxlines);
		f->raw_lines = calloc(maxlines, sizeof(*f->raw_lines));
	}
	return err || (maxlines > 1 && !f->raw_lines) ? -ENOMEM : 0;
}

static int compile_all(const struct maker *m, unsigned int maxlines)
{
	const struct filter_spec *spec = m->spec;
	struct filter *f = m->f;
	unsigned int flags = maxlines > 1 ? 0 : REGEX_LINE;
	int errs[3];

	errs[0] = add_patterns(m, &f->pref, "prefregex", &spec->prefregex,
			       spec->prefregex.s ? 1 : 0, flags);
	errs[1] = add_patterns(m, &f->fail, "failregex", spec->failregex,
			       spec->n_failregex, maxlines > 1 ? REGEX_MULTILINE : flags);
	errs[2] = add_patterns(m, &f->ignore, "ignoreregex", spec->ignoreregex,
			       spec->n_ignoreregex, flags);
	for (int i = 0; i < 3; i++)
		if (errs[i])
			return errs[i];
	return check_ids(m);
}

int filter_new(struct filter **out, const struct filter_spec *spec,
	       struct regex_env *env, struct diag *d)
{
	unsigned int maxlines = spec->maxlines;
	struct filter *f = calloc(1, sizeof(*f));
	struct maker m = { f, spec, env, d };
	int err;

	if (!f)
		return -ENOMEM;
	if (maxlines > FILTER_MAX_LINES) {
		diag_add(d, DIAG_WARNING, spec->prefregex.file, 0,
			 "jail %s: maxlines %u is more than the %u there can be",
			 spec->name, maxlines, FILTER_MAX_LINES);
		maxlines = FILTER_MAX_LINES;
	}
	f->names = spec->names;
	f->env = env;
	err = fields_init(&f->fields);
	if (!err)
		err = sessions_init(&f->sessions, &f->fields);
	if (!err)
		err = compile_all(&m, maxlines);
	if (!err)
		err = add_memory(f, maxlines);
	if (!err)
		err = prefilter_init(&f->prefilter, f);
	if (err) {
		filter_free(f);
		return err;
	}
	*out = f;
	return 0;
}

static void free_patterns(struct patterns *p)
{
	for (size_t i = 0; i < p->n; i++)
		tagged_fini(&p->v[i]);
	free(p->v);
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	free_patterns(&f->pref);
	free_patterns(&f->fail);
	free_patterns(&f->ignore);
	prefilter_fini(&f->prefilter);
	linebuf_fini(&f->buf);
	sessions_fini(&f->sessions);
	fields_fini(&f->fields);
	str_fini(&f->subject.text);
	str_fini(&f->content.text);
	str_fini(&f->taken.text);
	free(f->raw_lines);
	free(f);
}
