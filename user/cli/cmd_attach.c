// SPDX-License-Identifier: GPL-2.0-or-later
/* attach, detach - the packet program on an interface; no daemon is needed. */
#include <errno.h>
#include <stdio.h>

#include "attach/ladder.h"
#include "xdp/xdp_attach.h"
#include "out.h"

static const char *const how_text[] = {
	[XDP_ATTACHED]		= "attached",
	[XDP_UPGRADED]		= "upgraded in place, without a gap",
	[XDP_UNCHANGED]		= "was attached already",
	[XDP_MODE_CHANGED]	= "attached again in another mode",
	[XDP_JOINED]		= "joined the programs that libxdp runs there",
};

int cmd_attach(struct cli *c, int argc, char **argv)
{
	const char *mode_text = c->opt[OPT_MODE] ? c->opt[OPT_MODE] : "auto";
	int mode = xdp_mode_parse(mode_text);
	struct xdp_attached done;

	(void)argc;
	if (mode < 0)
		return cli_usage("attach: --mode is auto, native or generic, not '%s'",
				 mode_text);
	if (xdp_attach(c->opt[OPT_PIN], argv[0], (enum xdp_mode)mode, &done))
		return EXIT_FAILED;
	if (c->json) {
		printf("{\"interface\": \"%s\", \"mode\": \"%s\", \"result\": \"%s\", "
		       "\"sip_sensor\": %s}\n", argv[0], xdp_mode_name(done.mode),
		       how_text[done.how], done.sensor ? "true" : "false");
		return EXIT_DONE;
	}
	printf("%s: %s, %s XDP%s\n", argv[0], how_text[done.how], xdp_mode_name(done.mode),
	       done.sensor ? ", with the SIP sensor" : "");
	if (*done.note)
		printf("  %s\n", done.note);
	return EXIT_DONE;
}

/* "nftables" and "iptables" stand for our rules there; no interface is named so. */
static int remove_rules(const char *name)
{
	int err = enforcer_remove(name);

	if (err == -ENOENT)
		return cli_fail("detach: there are no rules of xdpban in %s", name);
	if (err)
		return EXIT_FAILED;
	printf("%s: our rules are out, and the bans in them\n", name);
	return EXIT_DONE;
}

int cmd_detach(struct cli *c, int argc, char **argv)
{
	int err;

	(void)argc;
	if (streq(argv[0], "nftables") || streq(argv[0], "iptables"))
		return remove_rules(argv[0]);
	err = xdp_detach(c->opt[OPT_PIN], argv[0]);
	if (err == -ENOENT)
		return cli_fail("detach: xdpban is not attached to %s", argv[0]);
	if (err)
		return EXIT_FAILED;
	printf("%s: detached; bans stay in the maps\n", argv[0]);
	return EXIT_DONE;
}
