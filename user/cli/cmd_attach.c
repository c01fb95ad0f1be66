// SPDX-License-Identifier: GPL-2.0-or-later
/* attach - the packet program onto an interface; no daemon is needed. */
#include <stdio.h>

#include "offline/check.h"
#include "out.h"
#include "xdp/xdp_attach.h"
#include "xdp/xdp_place.h"

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
	/* Where there is no systemd nobody has.  If we may not, attaching says why. */
	if (xdp_place_mount(c->opt[OPT_PIN]) > 0)
		fputs("xdpban: mounted a BPF file system at /sys/fs/bpf\n", stderr);
	if (xdp_attach(c->opt[OPT_PIN], argv[0], (enum xdp_mode)mode, &done))
		return EXIT_FAILED;
	if (c->json) {
		json_t *row = json_pack("{s:s, s:s, s:s, s:b}", "interface", argv[0],
					"mode", xdp_mode_name(done.mode), "result",
					how_text[done.how], "sip_sensor", done.sensor);

		out_json(row);
		json_decref(row);
		return EXIT_DONE;
	}
	printf("%s: %s, %s XDP%s\n", argv[0], how_text[done.how], xdp_mode_name(done.mode),
	       done.sensor ? ", with the SIP sensor" : "");
	if (*done.note)
		printf("  %s\n", done.note);
	if (!check_attaches(c->opt[OPT_CONFIG], argv[0]))
		printf("  until the next boot; for ever with 'interfaces = %s' below [xdpban] "
		       "in %s/xdpban.local\n", argv[0], c->opt[OPT_CONFIG]);
	return EXIT_DONE;
}
