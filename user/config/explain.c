// SPDX-License-Identifier: GPL-2.0-or-later
/* What a setting means, from the row that reads it: for `xdpban help SETTING`. */
#include "base/guess.h"
#include "base/str.h"
#include "jail_file.h"
#include "settings.h"

static void add_form(const struct option_row *row, struct str *out)
{
	switch (row->type) {
	case OPTION_BOOL:
		str_puts(out, "yes or no");
		break;
	case OPTION_INT:
		str_printf(out, "a whole number from %.0f to %.0f", row->min, row->max);
		break;
	case OPTION_TIME:
		str_puts(out, "a time such as 90, 10m, 2h or 1d");
		break;
	case OPTION_WORD:
		for (size_t i = 0; row->words[i]; i++)
			str_printf(out, "%s%s", i ? row->words[i + 1] ? ", " : " or " : "",
				   row->words[i]);
		break;
	case OPTION_WORDS:
		str_puts(out, "several, with blanks between");
		break;
	case OPTION_LINES:
		str_puts(out, "several, one on each line");
		break;
	case OPTION_TEXT:
	case OPTION_OTHER:
		str_puts(out, "a text");
		break;
	}
}

static bool add_row(const struct option_row *rows, size_t n, const char *name,
		    const char *where, struct str *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!streq(rows[i].name, name))
			continue;
		str_printf(out, "%s (%s): %s\n  ", name, where, rows[i].doc);
		add_form(&rows[i], out);
		if (rows[i].fallback && !*rows[i].fallback)
			str_puts(out, "; not set by default");
		else if (rows[i].fallback && strchr(rows[i].fallback, '\n'))
			str_puts(out, "; xdpban.conf shows the default");
		else if (rows[i].fallback)
			str_printf(out, "; default %s", rows[i].fallback);
		str_putc(out, '\n');
		return true;
	}
	return false;
}

void config_guess(struct guess *near)
{
	for (size_t i = 0; i < n_settings_rows; i++)
		guess_try(near, settings_rows[i].name);
	for (size_t i = 0; i < n_jail_rows; i++)
		guess_try(near, jail_rows[i].name);
}

static void each(const struct option_row *rows, size_t n, setting_fn *fn, void *ctx)
{
	for (size_t i = 0; i < n; i++)
		fn(ctx, rows[i].name, rows[i].doc);
}

void config_each_setting(setting_fn *fn, void *ctx)
{
	fn(ctx, "Of a jail, in jail.local:", NULL);
	each(jail_rows, n_jail_rows, fn, ctx);
	fn(ctx, "Of the daemon, below [xdpban] in xdpban.local:", NULL);
	each(settings_rows, n_settings_rows, fn, ctx);
}

bool config_explain(const char *name, struct str *out)
{
	bool ours = add_row(settings_rows, n_settings_rows, name,
			    "[xdpban] in xdpban.local", out);

	return add_row(jail_rows, n_jail_rows, name, "a jail, in jail.local", out) || ours;
}
