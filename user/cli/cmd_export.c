// SPDX-License-Identifier: GPL-2.0-or-later
/* export - the bans in force, in a form to keep, to hand on, or to feed others. */
#include <stdio.h>

#include "base/ipaddr.h"
#include "out.h"

#define IPSET_MAX_S	2147483		/* of a timeout: more is not to be had there */

static double seconds_left(const json_t *row)
{
	double left = out_num(row, "remaining");

	return json_is_null(json_object_get(row, "until")) ? 0 : left < 1 ? 1 : left;
}

static int family_of(const json_t *row)
{
	return strchr(out_str(row, "address"), ':') ? 6 : 4;
}

static void print_plain(void *ctx, const json_t *row)
{
	(void)ctx;
	puts(out_str(row, "address"));
}

static void print_ipset(void *ctx, const json_t *row)
{
	double left = seconds_left(row);

	(void)ctx;
	printf("add xdpban%d %s timeout %.0f\n", family_of(row), out_str(row, "address"),
	       left < IPSET_MAX_S ? left : IPSET_MAX_S);
}

static void print_nft(void *ctx, const json_t *row)
{
	double left = seconds_left(row);

	(void)ctx;
	printf("add element inet xdpban banned%d { %s", family_of(row),
	       out_str(row, "address"));
	if (left)
		printf(" timeout %.0fs", left);
	puts(" }");
}

static const struct form {
	const char *name, *head;
	void (*row)(void *ctx, const json_t *row);
} forms[] = {
	{ "json", "", out_json_row },
	{ "plain", "", print_plain },
	{ "ipset", "create xdpban4 hash:net family inet maxelem 4194304 timeout 0\n"
		   "create xdpban6 hash:net family inet6 maxelem 4194304 timeout 0\n",
	  print_ipset },
	{ "nft", "add table inet xdpban\n"
		 "add set inet xdpban banned4 "
		 "{ type ipv4_addr; flags interval,timeout; auto-merge; }\n"
		 "add set inet xdpban banned6 "
		 "{ type ipv6_addr; flags interval,timeout; auto-merge; }\n",
	  print_nft },
};

int cmd_export(struct cli *c, int argc, char **argv)
{
	const char *name = c->opt[OPT_FORMAT] ? c->opt[OPT_FORMAT] : "json";
	const struct form *form = NULL;
	struct ipaddr within;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		if (streq(name, forms[i].name))
			form = &forms[i];
	if (!form)
		return cli_usage("export: --format is json, plain, ipset or nft, not '%s'",
				 name);
	if (argc && ipaddr_parse_net(argv[0], strlen(argv[0]), &within))
		return cli_usage("export: '%s' is not an address or network", argv[0]);
	fputs(form->head, stdout);
	return out_ask(c, json_pack("{s:s, s:b, s:s*, s:s*}", "verb", "list",
				    "lines", form->row == out_json_row,
				    "address", argc ? argv[0] : NULL,
				    "jail", c->opt[OPT_JAIL]), form->row, NULL);
}
