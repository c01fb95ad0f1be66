// SPDX-License-Identifier: GPL-2.0-or-later
/* get, set - settings of a jail that runs. */
#include <stdio.h>

#include "out.h"

static void print_value(const json_t *value)
{
	const json_t *it;
	size_t i;

	if (json_is_number(value))
		printf("%.15g\n", json_number_value(value));
	else
		json_array_foreach(value, i, it) {
			out_text(json_string_value(it));
			putchar('\n');
		}
}

static void print_only(void *ctx, const json_t *row)
{
	(void)ctx;
	print_value(json_object_get(row, "value"));
}

static void print_named(void *ctx, const json_t *row)
{
	const json_t *value = json_object_get(row, "value"), *it;
	size_t i;

	(void)ctx;
	printf("%s =", out_str(row, "option"));
	if (json_is_number(value))
		printf(" %.15g", json_number_value(value));
	json_array_foreach(value, i, it) {
		putchar(' ');
		out_text(json_string_value(it));
	}
	putchar('\n');
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
				 c->json ? out_json_row : NULL, NULL);
	return status;
}
