// SPDX-License-Identifier: GPL-2.0-or-later
/* check - read and compile the whole configuration, and print what is wrong. */
#include <stdio.h>

#include "offline/check.h"
#include "out.h"

static void print_json(const struct diag *d, const struct check_result *r)
{
	static const char *const level[] = { "error", "warning", "note" };

	for (size_t i = 0; i < d->n; i++) {
		const struct diag_entry *e = &d->entries[i];
		json_t *row = json_pack("{s:s, s:s*, s:i, s:s*}", "level", level[e->level],
					"file", e->file, "line", e->line, "text", e->text);

		out_json(row);
		json_decref(row);
	}
	printf("{\"summary\": {\"jails\": %zu, \"enabled\": %zu, \"broken\": %zu, "
	       "\"regexes\": %zu, \"errors\": %zu, \"warnings\": %zu}}\n", r->jails,
	       r->enabled, r->broken, r->regexes, d->count[DIAG_ERROR],
	       d->count[DIAG_WARNING]);
}

static void print_names(const char *what, const struct str *names)
{
	if (names->len)
		printf("  %s: %s\n", what, names->s);
}

static int check(struct cli *c)
{
	struct check_result r;
	struct diag d = { 0 };
	int err = check_config(c->opt[OPT_CONFIG], &r, &d);
	size_t errors = d.count[DIAG_ERROR], warnings = d.count[DIAG_WARNING];

	if (c->json) {
		print_json(&d, &r);
		diag_fini(&d);
		err = err ? EXIT_FAILED : EXIT_DONE;
	} else {
		err = out_problems(&d, err);
		printf("%s: %zu of %zu jails enabled, %zu expressions, %zu error%s, "
		       "%zu warning%s\n", c->opt[OPT_CONFIG], r.enabled, r.jails, r.regexes,
		       errors, errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
		if (r.jails && !r.enabled)
			puts("  nothing would run: write 'enabled = true' below a jail's name "
			     "in jail.local");
		print_names("would run", &r.would_run);
		print_names("would not", &r.would_not);
	}
	check_result_fini(&r);
	return err;
}

int cmd_check(struct cli *c, int argc, char **argv)
{
	struct diag d = { 0 };
	int err;

	(void)argc, (void)argv;
	if (!c->opt[OPT_PRINT])
		return check(c);
	err = check_print(c->opt[OPT_CONFIG], &d);
	return out_problems(&d, err);
}
