// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The effective configuration as a jail.conf: nothing in it refers to anything
 * else, and reading it gives the same configuration again (the commands of
 * actions still come from action.d).
 */
#include <errno.h>

#include "ini/chars.h"
#include "config.h"
#include "jail_file.h"
#include "scope.h"
#include "settings.h"

/*
 * What the file language cannot write where it stands: a comment sign, a blank
 * at either end of a line.  Such bytes are printed as references to these.
 */
static const char helpers[] =
	"[DEFAULT]\nxdpban_semicolon=;\nxdpban_hash=#\nxdpban_empty=\n\n";

static void add_line(struct str *out, const char *s, const char *end)
{
	if (s < end && blank_at(s, end))
		str_puts(out, "%(xdpban_empty)s");
	for (const char *c = s; c < end; c++) {
		if (*c == ';' && (c == s || blank_before(s, c)))
			str_puts(out, "%(xdpban_semicolon)s");
		else if (*c == '#' && c == s)
			str_puts(out, "%(xdpban_hash)s");
		else
			str_add(out, *c == '%' ? "%%" : c, *c == '%' ? 2 : 1);
	}
	if (s < end && blank_before(s, end))
		str_puts(out, "%(xdpban_empty)s");
}

/* Lines after the first are indented; an empty one would end up stripped. */
static void add_value(struct str *out, const char *s)
{
	for (const char *end;; s = end + 1) {
		end = strchrnul(s, '\n');
		add_line(out, s, end);
		if (!*end)
			return;
		str_puts(out, "\n\t");
	}
}

static void add_option(struct str *out, const char *name, const char *s)
{
	str_printf(out, strchr(s, '\n') ? "%s =\n\t" : "%s = ", name);
	add_value(out, s);
	str_putc(out, '\n');
}

static void add_text(struct str *out, const char *name, const struct text *t)
{
	if (t->s)
		add_option(out, name, t->s);
}

static void begin_item(struct str *out, size_t n)
{
	str_puts(out, n > 1 ? "\n\t" : " ");
}

static void add_list(struct str *out, const char *name, const struct texts *list)
{
	if (!list->n)
		return;
	str_printf(out, "%s =", name);
	for (size_t i = 0; i < list->n; i++) {
		begin_item(out, list->n);
		add_value(out, list->v[i].s);
	}
	str_putc(out, '\n');
}

/* The quote that @s does not hold; a value with both was written without. */
static const char *quote_for(const char *s)
{
	return !strchr(s, '"') ? "\"" : !strchr(s, '\'') ? "'" : "";
}

/* name[a="b", c='d'] */
static void add_params(struct str *out, const struct config_params *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *s = p->v[i].value.s, *mark = quote_for(s);

		str_printf(out, "%s%s=%s", i ? ", " : "[", p->v[i].name, mark);
		add_value(out, s);
		str_puts(out, mark);
	}
	if (p->n)
		str_putc(out, ']');
}

/* ---- options that are more than one field --------------------------------------------- */

static void add_backend(struct str *out, const struct config_jail *j)
{
	static const char *const names[] = {
		"auto", "polling", "pyinotify", "systemd", "ami", "bans", "sensor", "events",
	};

	str_printf(out, "backend = %s", names[j->backend]);
	add_params(out, &j->backend_options);
	str_putc(out, '\n');
}

static void add_logpaths(struct str *out, const struct config_jail *j)
{
	if (!j->n_logpaths)
		return;
	str_puts(out, "logpath =");
	for (size_t i = 0; i < j->n_logpaths; i++) {
		begin_item(out, j->n_logpaths);
		add_value(out, j->logpaths[i].path.s);
		str_puts(out, j->logpaths[i].tail ? " tail" : " head");
	}
	str_putc(out, '\n');
}

static void add_increment(struct str *out, const struct config_increment *inc)
{
	str_printf(out, "bantime.factor = %.15g\n", inc->factor);
	add_text(out, "bantime.formula", &inc->formula_text);
	if (!inc->n_multipliers)
		return;
	str_puts(out, "bantime.multipliers =");
	for (size_t i = 0; i < inc->n_multipliers; i++)
		str_printf(out, " %d", inc->multipliers[i]);
	str_putc(out, '\n');
}

static void add_ignorecache(struct str *out, const struct config_ignorecache *c)
{
	const char *mark = c->key.s ? quote_for(c->key.s) : NULL;

	if (!mark)
		return;
	str_printf(out, "ignorecache = key=%s", mark);
	add_value(out, c->key.s);
	str_printf(out, "%s, max-count=%d, max-time=%.15g\n", mark, c->max_count,
		   c->max_time);
}

static void add_native(struct str *out, const struct config_action *a)
{
	str_printf(out, "xdpban[actname=\"%s\"", a->name);
	if (a->scope.n_ports) {
		str_puts(out, ", port=\"");
		scope_format_ports(&a->scope, out);
		str_putc(out, '"');
	}
	if (a->scope.n_protocols) {
		str_puts(out, ", protocol=\"");
		scope_format_protocols(&a->scope, out);
		str_putc(out, '"');
	}
	str_putc(out, ']');
}

static void add_actions(struct str *out, const struct config_jail *j)
{
	str_puts(out, "action =");
	for (size_t i = 0; i < j->n_actions; i++) {
		const struct config_action *a = &j->actions[i];

		begin_item(out, j->n_actions);
		if (a->native) {
			add_native(out, a);
		} else {
			str_puts(out, a->file);
			add_params(out, &a->parameters);
		}
	}
	str_putc(out, '\n');
}

static void add_filter(struct str *out, const struct config_filter *f)
{
	static const char *const usedns[] = { "warn", "yes", "no", "raw" };

	str_printf(out, "filter =\nusedns = %s\nmaxlines = %d\n", usedns[f->usedns],
		   f->maxlines);
	add_text(out, "prefregex", &f->prefregex);
	add_list(out, "failregex", &f->failregex);
	add_list(out, "ignoreregex", &f->ignoreregex);
	add_list(out, "datepattern", &f->datepattern);
	add_list(out, "journalmatch", &f->journalmatch);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static int add_rows(struct str *out, const struct option_row *rows, size_t n,
		    const void *base)
{
	struct str value = { 0 };
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (rows[i].type == OPTION_OTHER)
			continue;
		str_reset(&value);
		err = option_format(&rows[i], base, &value);
		/* Nothing is something, where the default is not nothing. */
		if (!err && (value.len || *rows[i].fallback))
			add_option(out, rows[i].name, value.s);
	}
	str_fini(&value);
	return err;
}

static int add_settings(struct str *out, const struct config_settings *s)
{
	static const char *const levels[] = { "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG" };

	str_printf(out, "[%s]\nloglevel = %s\n", SETTINGS_SECTION, levels[s->loglevel]);
	return add_rows(out, settings_rows, n_settings_rows, s);
}

static int add_jail(struct str *out, const struct config_jail *j)
{
	int err;

	str_printf(out, "\n[%s]\n", j->name);
	if (!j->loaded) {
		str_printf(out, "enabled = %s\n", j->enabled ? "true" : "false");
		return 0;
	}
	err = add_rows(out, jail_rows, n_jail_rows, j);
	add_backend(out, j);
	add_logpaths(out, j);
	add_increment(out, &j->increment);
	add_ignorecache(out, &j->ignorecache);
	add_filter(out, &j->filter);
	add_actions(out, j);
	return err;
}

static int write_out(struct str *out, FILE *f)
{
	if (out->failed)
		return -ENOMEM;
	if (strstr(out->s, "%(xdpban_") && fputs(helpers, f) == EOF)
		return -EIO;
	return fputs(out->s, f) == EOF ? -EIO : 0;
}

int config_print(const struct config *c, FILE *f)
{
	struct str out = { 0 };
	int err = add_settings(&out, &c->settings);

	for (size_t i = 0; i < c->n_jails && !err; i++)
		err = add_jail(&out, &c->jails[i]);
	if (!err)
		err = write_out(&out, f);
	str_fini(&out);
	return err;
}
