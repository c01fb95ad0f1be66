// SPDX-License-Identifier: GPL-2.0-or-later
/* siege - only trusted and known sources speak SIP: on, off, by load, or how it stands. */
#include <stdio.h>

#include "out.h"

static void print_siege(void *ctx, const json_t *row)
{
	char since[32], until[32];

	(void)ctx;
	if (json_is_true(json_object_get(row, "active")))
		printf("siege since %s: only trusted and known sources speak SIP\n",
		       out_time(out_num(row, "since"), since));
	else
		puts("no siege");
	printf("mode %s", out_str(row, "mode"));
	if (out_num(row, "until"))
		printf(" until %s", out_time(out_num(row, "until"), until));
	printf("; %.0f messages of strangers a second are kept out\n",
	       out_num(row, "kept_out_per_s"));
}

int cmd_siege(struct cli *c, int argc, char **argv)
{
	if (!argc && c->opt[OPT_FOR])
		return cli_usage("siege: --for is for on, off or auto");
	return out_ask(c, json_pack("{s:s, s:s*, s:s*}", "verb", "siege",
				    "mode", argc ? argv[0] : NULL, "for", c->opt[OPT_FOR]),
		       c->json ? out_json_row : print_siege, NULL);
}
