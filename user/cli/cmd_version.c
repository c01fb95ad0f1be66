// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "cli.h"

int cmd_version(struct cli *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	puts("xdpban " XDPBAN_VERSION);
	return EXIT_DONE;
}
