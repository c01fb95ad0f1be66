// SPDX-License-Identifier: GPL-2.0-or-later
/* trust - whom the PBX's configuration names, where, and what is wrong with that. */
#include <stdio.h>
#include <string.h>

#include "out.h"

struct tally { size_t rows, errors, warnings; };

/* ---- list ------------------------------------------------------------------------ */

static void print_row(const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	const char *state = out_str(row, "state");
	char age[32];

	printf("%-20s ", json_object_get(row, "address") ? out_str(row, "address") : "-");
	if (json_object_get(row, "host")) {
		out_text(out_str(row, "host"));
		if (json_object_get(row, "age"))
			printf(" (%s ago)", out_duration(out_num(row, "age"), age));
		printf(", ");
	}
	if (!streq(state, "ok"))
		printf("%s, ", state);
	printf("%s ", out_str(row, "role"));
	if (name && *name) {
		putchar('"');
		out_text(name);
		fputs("\" ", stdout);
	}
	printf("at ");
	out_text(out_str(row, "file"));
	printf(":%.0f\n", out_num(row, "line"));
}

static void take_row(void *ctx, const json_t *row)
{
	struct tally *t = ctx;

	t->rows++;
	print_row(row);
}

static int list(struct cli *c)
{
	struct tally t = { 0 };
	int status = out_ask(c, json_pack("{s:s, s:s}", "verb", "trust", "what", "list"),
			     c->json ? out_json_row : take_row, &t);

	if (!status && !t.rows && !c->json)
		puts("nobody is trusted: no PBX's configuration names a trunk");
	return status;
}

/* ---- check ----------------------------------------------------------------------- */

static void count(struct tally *t, const json_t *row)
{
	t->errors += streq(out_str(row, "level"), "error");
	t->warnings += streq(out_str(row, "level"), "warning");
}

static void print_problem(void *ctx, const json_t *row)
{
	count(ctx, row);
	if (json_object_get(row, "file")) {
		out_text(out_str(row, "file"));
		if (out_num(row, "line"))
			printf(":%.0f", out_num(row, "line"));
		printf(": ");
	}
	printf("%s: ", out_str(row, "level"));
	out_text(out_str(row, "text"));
	putchar('\n');
}

static void print_raw(void *ctx, const json_t *row)
{
	count(ctx, row);
	out_json(row);
}

/* The exit status is 1 when a trunk is not covered, or may not be. */
static int check(struct cli *c)
{
	struct tally t = { 0 };
	int status = out_ask(c, json_pack("{s:s, s:s}", "verb", "trust", "what", "check"),
			     c->json ? print_raw : print_problem, &t);

	if (!status && !c->json)
		printf("%zu error%s, %zu warning%s\n", t.errors, t.errors == 1 ? "" : "s",
		       t.warnings, t.warnings == 1 ? "" : "s");
	return status ? status : t.errors + t.warnings ? EXIT_FAILED : EXIT_DONE;
}

/* ---- add, del -------------------------------------------------------------------- */

static int change(struct cli *c, const char *what, const char *peer)
{
	int status = out_ask(c, json_pack("{s:s, s:s, s:s, s:s*}", "verb", "trust", "what",
					  what, "peer", peer, "reason", c->opt[OPT_REASON]),
			     NULL, NULL);

	if (!status && !c->json)
		printf("%s is %s the list of whom to trust\n", peer,
		       streq(what, "add") ? "on" : "no longer on");
	return status;
}

int cmd_trust(struct cli *c, int argc, char **argv)
{
	const char *what = argc ? argv[0] : "list";
	bool changes = streq(what, "add") || streq(what, "del");

	if (streq(what, "list") && argc < 2)
		return list(c);
	if (streq(what, "check") && argc < 2)
		return check(c);
	if (changes && argc == 2)
		return change(c, what, argv[1]);
	if (changes)
		return cli_usage("trust: %s whom? an address, a network or a host name", what);
	return cli_usage("trust: '%s' is not list, check, add or del", what);
}
