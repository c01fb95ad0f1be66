// SPDX-License-Identifier: GPL-2.0-or-later
/* reload - have the daemon read its configuration again. */
#include <stdio.h>

#include "out.h"

static void say_problem(void *ctx, const json_t *row)
{
	(void)ctx;
	if (json_object_get(row, "problem"))
		fprintf(stderr, "%s\n", out_str(row, "problem"));
}

int cmd_reload(struct cli *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	return out_ask(c, json_pack("{s:s}", "verb", "reload"), say_problem, NULL);
}
