// SPDX-License-Identifier: GPL-2.0-or-later
/* The options of a jail: one row for each. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

#include "base/formula.h"
#include "base/guess.h"
#include "ini/params.h"
#include "jail_file.h"
#include "timespan.h"

#define MULTIPLIERS_MAX	256

static const char *const backend_words[] = {
	"auto", "polling", "pyinotify", "systemd", "ami", "bans", "sensor", "events", NULL,
};
static const char *const evidence_words[] = { "auto", "any", "proven", NULL };

static int report(struct loader *l, const struct value *v, const char *name,
		  const char *why)
{
	char buf[QUOTE_SIZE];

	loader_error(l, value_place(v, 0), "\"%s = %s\": %s", name, quote(v->s, buf), why);
	return -EINVAL;
}

/* ---- options with a form of their own --------------------------------------------- */

static int find_backend(struct loader *l, const struct value *v, const char *name,
			enum config_backend *out)
{
	struct guess g = guess_init(name);
	const char *why;

	*out = LOG_INOTIFY;
	if (!strcasecmp(name, "gamin"))
		return 0;	/* of Fail2ban 1.0; it watched files, too */
	for (int i = 0; backend_words[i]; i++) {
		*out = (enum config_backend)i;
		if (!strcasecmp(name, backend_words[i]))
			return 0;
		guess_try(&g, backend_words[i]);
	}
	*out = LOG_AUTO;
	why = pool_printf(l->pool, "not one of auto, polling, pyinotify, systemd, ami, "
			  "bans, sensor, events%s%s%s",
			  g.best ? " (did you mean \"" : "", g.best ? g.best : "",
			  g.best ? "\"?)" : "");
	return report(l, v, "backend", why ? why : "not a backend");
}

/* "systemd[journalpath=/x]" */
static int set_backend(struct loader *l, void *base, const struct value *v)
{
	struct config_jail *j = base;
	struct params p;
	int got = params_parse(l, v, &p);

	if (got <= 0)
		return got;
	got = params_keep(l, &p, &j->backend_options);
	return got ? got : find_backend(l, v, p.name, &j->backend);
}

/* One path or glob for each line; only the words head and tail are not path. */
static int set_logpath(struct loader *l, void *base, const struct value *v)
{
	struct config_jail *j = base;
	struct config_logpath *list;
	struct texts lines;
	int err = texts_of_lines(l, v, &lines);

	if (err)
		return err;
	list = pool_array(l->pool, lines.n + 1, sizeof(*list));
	if (!list)
		return loader_nomem(l);
	for (size_t i = 0; i < lines.n; i++) {
		const char *s = lines.v[i].s, *blank = strrchr(s, ' ');
		size_t len = strlen(s);

		list[i].tail = blank && streq(blank + 1, "tail");
		if (list[i].tail || (blank && streq(blank + 1, "head")))
			for (len = (size_t)(blank - s); len && s[len - 1] == ' ';)
				len--;
		list[i].path = lines.v[i];
		list[i].path.s = pool_strndup(l->pool, s, len);
		if (!list[i].path.s)
			return loader_nomem(l);
	}
	j->logpaths = list;
	j->n_logpaths = lines.n;
	return 0;
}

static void drop_formula(void *ctx)
{
	formula_free(ctx);
}

/* NULL: reported. */
static struct formula *compile(struct loader *l, const char *name, const struct value *v)
{
	struct formula_error e;
	struct formula *f;
	int err = formula_new(&f, v->s, &e);
	const char *why;
	char buf[QUOTE_SIZE];

	if (err == -EINVAL) {
		why = pool_printf(l->pool, "%s, at column %zu: \"%s\"", e.text, e.at + 1,
				  quote(v->s + e.at, buf));
		report(l, v, name, why ? why : e.text);
		return NULL;
	}
	if (!err && pool_defer(l->pool, drop_formula, f)) {
		formula_free(f);
		err = -ENOMEM;
	}
	if (err)
		loader_nomem(l);
	return err ? NULL : f;
}

static int set_formula(struct loader *l, void *base, const struct value *v)
{
	struct config_jail *j = base;

	j->increment.formula = compile(l, "bantime.formula", v);
	j->increment.formula_text = text_of(v);
	return j->increment.formula ? 0 : -EINVAL;
}

static int set_factor(struct loader *l, void *base, const struct value *v)
{
	struct config_jail *j = base;
	struct formula *f = compile(l, "bantime.factor", v);
	double factor;

	if (!f)
		return -EINVAL;
	factor = formula_eval(f, 0, 0, 0);
	if (!formula_is_constant(f) || !(factor > 0) || factor > 1e9)
		return report(l, v, "bantime.factor", "not a positive number");
	j->increment.factor = factor;
	return 0;
}

static int set_multipliers(struct loader *l, void *base, const struct value *v)
{
	struct config_jail *j = base;
	struct texts words;
	int err = texts_of_words(l, v, &words), *list;

	if (err)
		return err;
	if (words.n > MULTIPLIERS_MAX)
		return report(l, v, "bantime.multipliers", "too many numbers");
	list = pool_array(l->pool, words.n + 1, sizeof(*list));
	if (!list)
		return loader_nomem(l);
	for (size_t i = 0; i < words.n; i++)
		if (parse_int(words.v[i].s, &list[i]) || list[i] < 0)
			return report(l, v, "bantime.multipliers", "not a list of whole numbers");
	j->increment.multipliers = list;
	j->increment.n_multipliers = words.n;
	return 0;
}

/* key="<ip>", max-count=100, max-time=5m */
static int set_ignorecache(struct loader *l, void *base, const struct value *v)
{
	struct config_ignorecache *c = &((struct config_jail *)base)->ignorecache;
	const struct value *count, *time, *key;
	const char *text = pool_printf(l->pool, "cache[%s]", v->s);
	struct params p;
	struct value all;
	int got;

	if (!v->len)
		return 0;
	if (!text || value_make(l->pool, &all, text, value_place(v, 0)))
		return loader_nomem(l);
	got = params_parse(l, &all, &p);
	if (got < 0)
		return got;
	key = params_get(&p, "key");
	count = params_get(&p, "max-count");
	time = params_get(&p, "max-time");
	*c = (struct config_ignorecache){ .max_count = 100, .max_time = 300 };
	if (!key || !key->len)
		return report(l, v, "ignorecache", "key=\"...\" is missing");
	if (count && (parse_int(count->s, &c->max_count) || c->max_count < 1))
		return report(l, v, "ignorecache", "max-count is not a positive number");
	if (time && (timespan_parse(time->s, &c->max_time, NULL) || c->max_time < 0))
		return report(l, v, "ignorecache", "max-time is not a time");
	c->key = text_of(key);
	return 0;
}

static int set_nothing(struct loader *l, void *base, const struct value *v)
{
	(void)l, (void)base, (void)v;
	return 0;
}

/* ---- the rows -------------------------------------------------------------------------- */

#define AT(field) offsetof(struct config_jail, field)
#define YEARS	(1000 * 365.25 * 86400)

const struct option_row jail_rows[] = {
	{ .name = "enabled", .type = OPTION_BOOL, .offset = AT(enabled), .fallback = "false",
	  .doc = "whether the jail runs" },
	{ .name = "backend", .type = OPTION_OTHER, .set = set_backend, .fallback = "auto",
	  .doc = "where failures come from: auto, polling, pyinotify (log files), systemd, "
		 "ami (Asterisk's security events), bans (each ban by another jail is one), "
		 "sensor (what the SIP sensor sees), events (what programs report)" },
	{ .name = "filter", .type = OPTION_OTHER, .set = set_nothing, .fallback = "",
	  .doc = "the filter, with parameters" },
	{ .name = "logpath", .type = OPTION_OTHER, .set = set_logpath, .fallback = "",
	  .doc = "log files or globs, one for each line, each with head or tail" },
	{ .name = "logencoding", .type = OPTION_TEXT, .offset = AT(logencoding),
	  .fallback = "auto", .doc = "how bytes of the log become text" },
	{ .name = "logtimezone", .type = OPTION_TEXT, .offset = AT(logtimezone),
	  .fallback = "", .doc = "zone of times that do not name one" },
	{ .name = "skip_if_nologs", .type = OPTION_BOOL, .offset = AT(skip_if_nologs),
	  .fallback = "false", .doc = "no log file: no jail, and no complaint" },
	{ .name = "systemd_if_nologs", .type = OPTION_BOOL, .offset = AT(systemd_if_nologs),
	  .fallback = "true", .doc = "no log file: read the journal" },
	{ .name = "maxretry", .type = OPTION_INT, .offset = AT(maxretry), .fallback = "5",
	  .min = 1, .max = 1e6, .lenient = true, .doc = "failures that lead to a ban" },
	{ .name = "evidence", .type = OPTION_WORD, .offset = AT(evidence),
	  .words = evidence_words, .fallback = "auto",
	  .doc = "failures that may lead to a ban: any, or proven: only those that their "
		 "sender cannot have forged; auto: proven for SIP while the sensor runs" },
	{ .name = "findtime", .type = OPTION_TIME, .offset = AT(findtime), .fallback = "10m",
	  .min = 1, .max = YEARS, .doc = "they must fall within this time" },
	{ .name = "bantime", .type = OPTION_TIME, .offset = AT(bantime), .fallback = "10m",
	  .min = -YEARS, .max = YEARS, .doc = "length of a ban; -1: for ever" },
	{ .name = "maxmatches", .type = OPTION_INT, .offset = AT(maxmatches),
	  .fallback = "5", .min = 0, .max = 1e6, .lenient = true,
	  .doc = "matched lines kept for each address" },
	{ .name = "bantime.increment", .type = OPTION_BOOL, .offset = AT(increment.on),
	  .fallback = "false", .doc = "longer bans for those who come back" },
	{ .name = "bantime.factor", .type = OPTION_OTHER, .set = set_factor, .fallback = "1",
	  .doc = "a number for the formula" },
	{ .name = "bantime.formula", .type = OPTION_OTHER, .set = set_formula,
	  .fallback = "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor",
	  .doc = "length of the next ban" },
	{ .name = "bantime.multipliers", .type = OPTION_OTHER, .set = set_multipliers,
	  .fallback = "", .doc = "numbers used in place of the formula" },
	{ .name = "bantime.maxtime", .type = OPTION_TIME, .offset = AT(increment.maxtime),
	  .fallback = "0", .min = 0, .max = YEARS, .doc = "no ban is longer; 0: no limit" },
	{ .name = "bantime.rndtime", .type = OPTION_TIME, .offset = AT(increment.rndtime),
	  .fallback = "0", .min = 0, .max = YEARS, .doc = "up to this much is added at random" },
	{ .name = "bantime.overalljails", .type = OPTION_BOOL,
	  .offset = AT(increment.overalljails), .fallback = "false",
	  .doc = "earlier bans of all jails count" },
	{ .name = "ignoreself", .type = OPTION_BOOL, .offset = AT(ignoreself),
	  .fallback = "true", .doc = "never ban an address of this machine" },
	{ .name = "ignoreip", .type = OPTION_WORDS, .offset = AT(ignoreip), .fallback = "",
	  .doc = "addresses, networks, names, file:PATH that are never banned" },
	{ .name = "ignorecommand", .type = OPTION_TEXT, .offset = AT(ignorecommand),
	  .fallback = "", .doc = "a command that says so with exit status 0" },
	{ .name = "ignorecache", .type = OPTION_OTHER, .set = set_ignorecache, .fallback = "",
	  .doc = "remember those answers: key=\"<ip>\", max-count=N, max-time=T" },
	{ .name = "action", .type = OPTION_OTHER, .set = set_nothing, .fallback = "",
	  .doc = "what to do to whom is banned; nothing set: shut every port" },
};
const size_t n_jail_rows = ARRAY_SIZE(jail_rows);

int jail_defaults(struct loader *l, struct config_jail *out)
{
	int err = 0;

	for (size_t i = 0; i < n_jail_rows && !err; i++)
		if (*jail_rows[i].fallback || jail_rows[i].type != OPTION_OTHER)
			err = option_default(l, &jail_rows[i], out);
	out->filter.maxlines = 1;
	return err;
}
