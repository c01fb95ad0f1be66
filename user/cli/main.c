// SPDX-License-Identifier: GPL-2.0-or-later
/* main - the table of verbs: dispatch, arity and usage come from its rows. */
#include <stdio.h>

#include "base/util.h"

int main(int argc, char **argv)
{
	if (argc == 2 && streq(argv[1], "--version")) {
		puts("xdpban " XDPBAN_VERSION);
		return 0;
	}
	fputs("usage: xdpban --version\n", stderr);
	return 2;
}
