// SPDX-License-Identifier: GPL-2.0-or-later
/* run - the daemon. */
#include "cli.h"
#include "daemon/daemon.h"
#include "requests/requests.h"

int cmd_run(struct cli *c, int argc, char **argv)
{
	struct daemon_options o = {
		.config = c->opt[OPT_CONFIG], .socket = c->opt[OPT_SOCKET],
		.state = c->opt[OPT_STATE], .pin = c->opt[OPT_PIN],
		.foreground = c->opt[OPT_FOREGROUND], .requests = daemon_requests,
	};

	(void)argc, (void)argv;
	return daemon_run(&o) ? EXIT_FAILED : EXIT_DONE;
}
