// SPDX-License-Identifier: GPL-2.0-or-later
/* reload - have the daemon read its configuration again. */
#include <stdio.h>

#include "out.h"

static void say(void *ctx, const json_t *row)
{
	double jails = out_num(row, "jails");

	(void)ctx;
	if (json_object_get(row, "problem"))
		fprintf(stderr, "%s\n", out_str(row, "problem"));
	if (json_object_get(row, "jails"))
		printf("%.0f jail%s running\n", jails, jails == 1 ? " is" : "s are");
}

int cmd_reload(struct cli *c, int argc, char **argv)
{
	(void)argc, (void)argv;
	return out_ask(c, json_pack("{s:s}", "verb", "reload"), c->json ? out_json_row : say, NULL);
}
