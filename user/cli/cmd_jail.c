// SPDX-License-Identifier: GPL-2.0-or-later
/* get, set - settings of a jail that runs. */
#include <stdio.h>

#include "out.h"

static void print_one(const json_t *value)
{
	if (json_is_number(value))
		printf("%.15g", json_number_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", stdout);
	else
		out_text(json_string_value(value));
}

/* Each value of a list on a line of its own, behind @indent. */
static void print_value(const json_t *value, const char *indent)
{
	const json_t *it;
	size_t i;

	if (!json_is_array(value)) {
		print_one(value);
		putchar('\n');
	}
	json_array_foreach(value, i, it) {
		fputs(indent, stdout);
		print_one(it);
		putchar('\n');
	}
}

static void print_only(void *ctx, const json_t *row)
{
	(void)ctx;
	print_value(json_object_get(row, "value"), "");
}

static void print_named(void *ctx, const json_t *row)
{
	const json_t *value = json_object_get(row, "value");
	size_t n = json_array_size(value);

	(void)ctx;
	printf("%s =%s", out_str(row, "option"), n > 1 || (json_is_array(value) && !n) ?
	       "\n" : " ");
	print_value(n == 1 ? json_array_get(value, 0) : value, "\t");
}

static void print_set(void *ctx, const json_t *row)
{
	(void)ctx;
	printf("%s: %s ", out_str(row, "jail"), out_str(row, "option"));
	out_text(out_str(row, "set"));
	puts(", until the next reload");
}

int cmd_get(struct cli *c, int argc, char **argv)
{
	return out_ask(c, json_pack("{s:s, s:s, s:s*}", "verb", "get", "jail", argv[0],
				    "option", argc > 1 ? argv[1] : NULL),
		       c->json ? out_json_row : argc > 1 ? print_only : print_named, NULL);
}

int cmd_set(struct cli *c, int argc, char **argv)
{
	int status = EXIT_DONE;

	for (int i = 2; i < argc && !status; i++)
		status = out_ask(c, json_pack("{s:s, s:s, s:s, s:s}", "verb", "set",
					      "jail", argv[0], "option", argv[1],
					      "value", argv[i]),
				 c->json ? out_json_row : print_set, NULL);
	return status;
}
