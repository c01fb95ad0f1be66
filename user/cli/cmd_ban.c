// SPDX-License-Identifier: GPL-2.0-or-later
/* ban, unban - by hand, through the daemon, which holds the truth. */
#include <stdio.h>

#include "base/ipaddr.h"
#include "ban_lists.h"

/* Not what was asked for, but no failure: it is tried again, and status tells. */
static bool is_unsaved(const json_t *row)
{
	const char *why = json_string_value(json_object_get(row, "unsaved"));

	if (why)
		fprintf(stderr, "xdpban: done, but not in the database yet: %s\n", why);
	return why;
}

static void say_ban(void *ctx, const json_t *row)
{
	char left[32];

	(void)ctx;
	if (is_unsaved(row))
		return;
	printf("%s is banned for %s%s (jail %s)\n", out_str(row, "address"),
	       json_is_null(json_object_get(row, "until")) ? "" : "the next ",
	       json_is_null(json_object_get(row, "until")) ? "ever" :
	       out_duration(out_num(row, "remaining"), left), out_str(row, "jail"));
	if (json_object_get(row, "covered_by"))
		printf("  already covered by %s\n", out_str(row, "covered_by"));
}

int cmd_ban(struct cli *c, int argc, char **argv)
{
	struct ipaddr who;

	if (!argc == !c->opt[OPT_FILE])
		return cli_usage("ban: name addresses or networks, or a list with --file");
	if (c->opt[OPT_FILE])
		return ban_list_file(c, "ban_many", c->opt[OPT_FILE]);
	if (argc > 1)
		return ban_list_words(c, "ban_many", argc, argv);
	if (ipaddr_parse_net(argv[0], strlen(argv[0]), &who))
		return cli_usage("ban: '%s' is not an address or network", argv[0]);
	return out_ask(c, json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "verb", "ban",
				    "address", argv[0], "for", c->opt[OPT_FOR],
				    "jail", c->opt[OPT_JAIL],
				    "reason", c->opt[OPT_REASON]),
		       c->json ? out_json_row : say_ban, NULL);
}

static void say_unban(void *ctx, const json_t *row)
{
	(void)ctx;
	is_unsaved(row);
	if (json_object_get(row, "address"))
		printf("%s is no longer banned (jail %s)\n", out_str(row, "address"),
		       out_str(row, "jail"));
	if (json_object_get(row, "still_covered_by"))
		printf("  but %s still covers it\n", out_str(row, "still_covered_by"));
	if (json_object_get(row, "unbanned"))
		printf("%.0f ban%s lifted\n", out_num(row, "unbanned"),
		       out_num(row, "unbanned") == 1 ? "" : "s");
}

int cmd_unban(struct cli *c, int argc, char **argv)
{
	struct ipaddr who;

	if (!!argc + !!c->opt[OPT_ALL] + !!c->opt[OPT_FILE] != 1)
		return cli_usage("unban: name addresses or networks, or a list with --file, "
				 "or say --all");
	if (c->opt[OPT_FILE])
		return ban_list_file(c, "unban_many", c->opt[OPT_FILE]);
	if (argc > 1)
		return ban_list_words(c, "unban_many", argc, argv);
	if (argc && ipaddr_parse_net(argv[0], strlen(argv[0]), &who))
		return cli_usage("unban: '%s' is not an address or network", argv[0]);
	return out_ask(c, json_pack("{s:s, s:s*, s:s*}", "verb", "unban",
				    "address", argc ? argv[0] : NULL,
				    "jail", c->opt[OPT_JAIL]),
		       c->json ? out_json_row : say_unban, NULL);
}
