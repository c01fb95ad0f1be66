// SPDX-License-Identifier: GPL-2.0-or-later
#include "jail_file.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>

#include "base/guess.h"
#include "ini/definition.h"
#include "action_file.h"
#include "filter_file.h"

struct reader {
	struct loader *l;
	const struct ini *ini;
	const struct ini_section *section;
	struct config_jail *jail;
	struct definition filter;	/* if has_filter */
	bool has_filter;
	size_t n_first;			/* of @own: what the filter may see */
	struct ini_env env;
	struct params own;		/* all options that are set, as text */
	int err;			/* -ENOMEM: stop */
};

/* ---- reading options ---------------------------------------------------------------- */

/* %(known/x)s in a jail is what the filter has. */
static int known_in_filter(void *ctx, const char *name, struct value *out)
{
	struct reader *r = ctx;

	return definition_get(&r->filter, name, out);
}

/* 1 and @out; 0: not set, or wrong (reported, the jail is broken). */
static int get(struct reader *r, const char *name, struct value *out)
{
	int got = ini_get(r->l, r->ini, r->section->name, name, &r->env, out);

	if (got < 0) {
		r->jail->broken = true;
		if (got == -ENOMEM)
			r->err = got;
	}
	return got > 0;
}

static void note_error(struct reader *r, int err)
{
	if (!err)
		return;
	r->jail->broken = true;
	if (err == -ENOMEM)
		r->err = err;
}

/* Where the jail says @name; its header, when it says nothing about it. */
static struct place place_of(const struct reader *r, const char *name)
{
	const struct ini_option *o = ini_option(r->ini, r->section, name);

	return o ? o->top->value.at[0] : r->section->where;
}

/* Keep an option as text: actions may refer to it. */
static void keep(struct reader *r, const char *name, const struct value *v)
{
	note_error(r, params_set(r->l, &r->own, name, v));
}

/* ---- the filter ----------------------------------------------------------------------- */

static bool has_backend(const struct reader *r, const char *name)
{
	const struct value *backend = params_get(&r->own, "backend");

	return backend && starts_with(backend->s, name);
}

/* What a filter may see of the jail; the first options in @own. */
static void read_first(struct reader *r)
{
	static const char *const first[] = { "enabled", "backend", "filter" };
	struct value v;

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		if (get(r, first[i], &v))
			keep(r, first[i], &v);
	r->n_first = r->own.n;
}

static void open_filter(struct reader *r, bool journal)
{
	struct filter_request q = {
		.value = params_get(&r->own, "filter"), .at = place_of(r, "filter"),
		.journal = journal, .outer = r->own.vars, .n_outer = r->n_first,
	};
	int got = q.value ? filter_open(r->l, &r->filter, &q) : 0;

	r->has_filter = got > 0;
	note_error(r, got < 0 ? got : 0);
	if (!r->has_filter)
		return;
	r->jail->broken |= r->filter.broken;
	r->env.known = known_in_filter;
	r->env.ctx = r;
}

/* The options of a filter that the jail sets itself. */
static void fill_filter(struct reader *r)
{
	struct params own = { .name = r->jail->name };
	struct value v;

	for (const char *const *name = filter_option_names; *name; name++) {
		if (!get(r, *name, &v))
			continue;
		keep(r, *name, &v);
		note_error(r, params_set(r->l, &own, *name, &v));
	}
	note_error(r, filter_fill(r->l, r->has_filter ? &r->filter : NULL, &own,
				  &r->jail->filter));
	if (!r->jail->broken && !r->jail->filter.failregex.n)
		loader_warn(r->l, place_of(r, "filter"), "jail \"%s\" has no failregex: it "
			    "will never find anything", r->jail->name);
}

/* ---- a jail without a log file ------------------------------------------------------------ */

static bool wants_journal(const struct config_jail *j)
{
	return j->enabled && !j->broken && j->backend == LOG_AUTO &&
	       j->systemd_if_nologs && j->filter.journalmatch.n;
}

bool config_has_log(const struct config_jail *j)
{
	bool found = false;

	for (size_t i = 0; i < j->n_logpaths && !found; i++) {
		glob_t g = { 0 };

		found = !glob(j->logpaths[i].path.s, GLOB_NOSORT, NULL, &g) && g.gl_pathc;
		globfree(&g);
	}
	return found;
}

/*
 * Debian 12 has no auth.log: its jails read the journal instead.  Lines look
 * different there, so the filter is asked again, as one for the journal.
 */
static void turn_to_journal(struct reader *r)
{
	const struct text *at = r->jail->n_logpaths ? &r->jail->logpaths[0].path :
						      &r->jail->where;

	open_filter(r, true);
	fill_filter(r);
	r->jail->backend = LOG_SYSTEMD;
	r->jail->journal_instead = true;
	diag_add(r->l->diag, DIAG_NOTE, at->file, at->line, "jail \"%s\": there is no log "
		 "file, it reads the journal", r->jail->name);
}

/* ---- what the jail itself says ---------------------------------------------------------- */

static void fill_options(struct reader *r)
{
	struct value v;

	for (size_t i = 0; i < n_jail_rows; i++) {
		if (!get(r, jail_rows[i].name, &v))
			continue;
		keep(r, jail_rows[i].name, &v);
		note_error(r, option_set(r->l, &jail_rows[i], r->jail, &v));
	}
}

static int native_everywhere(struct reader *r)
{
	struct config_action *a = pool_alloc(r->l->pool, sizeof(*a));

	if (!a)
		return loader_nomem(r->l);
	*a = (struct config_action){ .name = "xdpban", .file = "xdpban", .native = true,
				     .where = r->jail->where };
	r->jail->actions = a;
	r->jail->n_actions = 1;
	return 0;
}

static void fill_actions(struct reader *r)
{
	const struct value *v = params_get(&r->own, "action");
	struct config_jail *j = r->jail;

	if (v)
		note_error(r, actions_load(r->l, j->name, v, r->own.vars, r->own.n,
					   &j->actions, &j->n_actions));
	if (!j->n_actions && !j->broken)
		note_error(r, native_everywhere(r));
}

/* ---- options nobody knows ----------------------------------------------------------------- */

/* Variables of the stock files; others are found by being referred to. */
static const char *const variables[] = {
	"mode", "port", "protocol", "chain", "banaction", "banaction_allports", "action_",
	"action_mw", "action_mwl", "action_xarf", "action_cf_mwl", "action_blocklist_de",
	"action_abuseipdb", "destemail", "sender", "sendername", "mta", "fail2ban_agent",
	NULL,
};

static bool in_list(const char *const *list, const char *name)
{
	while (*list && !streq(*list, name))
		list++;
	return *list;
}

static bool is_referred(const struct ini_section *s, const char *reference)
{
	for (const struct ini_option *o = s->first; o; o = o->next)
		if (strcasestr(o->top->value.s, reference))
			return true;
	return false;
}

/*
 * Any name may be set, as a variable for others to use.  One that nobody uses
 * and that looks like an option is worth a word: "maxrety = 3" does nothing.
 */
static void check_unknown(struct reader *r, const struct ini_option *o)
{
	struct guess g = guess_init(o->name);
	const char *ref = pool_printf(r->l->pool, "%%(%s)s", o->name);

	if (in_list(variables, o->name) || in_list(filter_option_names, o->name))
		return;
	for (size_t i = 0; i < n_jail_rows; i++) {
		if (streq(jail_rows[i].name, o->name))
			return;
		guess_try(&g, jail_rows[i].name);
	}
	for (const char *const *name = filter_option_names; *name; name++)
		guess_try(&g, *name);
	if (!g.best || !ref || is_referred(r->section, ref) ||
	    is_referred(&r->ini->defaults, ref))
		return;
	loader_warn(r->l, o->top->value.at[0], "\"%s\" is not an option of a jail "
		    "(did you mean \"%s\"?)", o->name, g.best);
}

static void check_options(struct reader *r)
{
	for (const struct ini_option *o = r->section->first; o; o = o->next)
		check_unknown(r, o);
	for (const struct ini_option *o = r->ini->defaults.first; o; o = o->next)
		check_unknown(r, o);
}

/* ---- the whole jail ------------------------------------------------------------------------ */

static void check_name(struct reader *r)
{
	const char *name = r->jail->name;

	if (streq(name, "--all") || *name == '-') {
		loader_error(r->l, r->section->where, "\"%s\": the name of a jail must not "
			     "begin with \"-\"", name);
		r->jail->broken = true;
	}
}

/* The jails of the servers that speak SIP, as Fail2ban and we name them. */
static bool is_sip(const char *name)
{
	static const char *const servers[] = {
		"asterisk", "freepbx", "freeswitch", "kamailio", "opensips",
	};

	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (starts_with(name, servers[i]))
			return true;
	return false;
}

int jail_load(struct loader *l, const struct ini *ini, const struct ini_section *s,
	      bool load, struct config_jail *out)
{
	struct reader r = { .l = l, .ini = ini, .section = s, .jail = out,
			    .own = { .name = s->name } };
	struct value v;
	int err;

	*out = (struct config_jail){ .name = s->name };
	out->where = (struct text){ s->name, s->where.file, s->where.line };
	out->broken = s->broken || ini->broken;
	out->enabled = get(&r, "enabled", &v) && value_is_true(l, "enabled", &v);
	if (!load || r.err)
		return r.err;
	out->loaded = true;
	err = jail_defaults(l, out);
	if (err)
		return err;
	check_name(&r);
	read_first(&r);
	out->sip = is_sip(out->name) || has_backend(&r, "sensor");
	/* A jail that counts bans, events, or what the sensor sees, reads no lines. */
	if (!has_backend(&r, "bans") && !has_backend(&r, "sensor") &&
	    !has_backend(&r, "events"))
		open_filter(&r, has_backend(&r, "systemd"));
	fill_options(&r);
	if (backend_reads_log(out->backend))
		fill_filter(&r);
	/* The shipped jails have a log; to say "events" besides is no mistake. */
	else if (out->n_logpaths && out->backend != LOG_EVENTS)
		loader_warn(l, place_of(&r, "logpath"), "jail \"%s\" has backend = %s: it "
			    "reads no log", out->name,
			    out->backend == LOG_BANS ? "bans" : "sensor");
	if (l->look_for_logs && wants_journal(out) && !config_has_log(out))
		turn_to_journal(&r);
	fill_actions(&r);
	check_options(&r);
	return r.err;
}

int jail_from_filter(struct loader *l, const struct value *filter, bool journal,
		     struct config_jail *out)
{
	struct filter_request q = { .value = filter, .journal = journal,
				    .at = value_place(filter, 0) };
	const struct params none = { .name = "test" };
	struct definition d;
	int err;

	*out = (struct config_jail){ .name = "test", .enabled = true, .loaded = true };
	err = jail_defaults(l, out);
	if (err)
		return err;
	err = filter_open(l, &d, &q);
	if (err > 0) {
		out->broken = d.broken;
		err = filter_fill(l, &d, &none, &out->filter);
	}
	out->broken |= err < 0;
	return err == -ENOMEM ? err : 0;
}
