// SPDX-License-Identifier: GPL-2.0-or-later
/* run - the daemon. */
#include <unistd.h>

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
	if (!daemon_run(&o))
		return EXIT_DONE;
	return geteuid() ? cli_fail("run: this is not root, whose rights the daemon needs to "
				    "begin with; it gives up what it can") : EXIT_FAILED;
}
