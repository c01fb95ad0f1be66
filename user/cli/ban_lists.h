/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_lists - ban or unban whatever a list names, through the daemon, in requests
 * of a size that it takes.
 */
#pragma once
#include "out.h"

/*
 * @verb is "ban_many" or "unban_many", @path a file or "-".  What is wrong with a
 * line or an address is said, and the rest goes on.  The exit status of the verb.
 */
int ban_list_file(struct cli *c, const char *verb, const char *path);
/* The same for words of the command line; EXIT_USAGE if one is no address. */
int ban_list_words(struct cli *c, const char *verb, int argc, char **argv);
