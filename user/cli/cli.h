/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cli - what every verb gets: the options as they were given, and where to
 * find the daemon.  One file for each verb; main.c holds the tables.
 * Exit status of a verb: 0 done, 1 refused or failed (the reason is on
 * standard error), 2 usage.
 */
#pragma once
#include "base/util.h"

enum cli_opt {
	OPT_HELP, OPT_JSON, OPT_CONFIG, OPT_SOCKET, OPT_STATE, OPT_PIN,
	OPT_FOREGROUND, OPT_MODE, OPT_FOR, OPT_JAIL, OPT_ALL, OPT_NOW,
	OPT_JOURNAL, OPT_PRINT, OPT_EXPLAIN, OPT_REASON, OPT_FILE,
	OPT_ENDING, OPT_SORT, OPT_LIMIT, OPT_FORMAT, OPT_LIMITED,
	OPT_N
};

struct cli {
	/* The value of each option; "" for a given one without a value, NULL
	 * for one not given.  CONFIG, SOCKET, STATE and PIN always have one. */
	const char *opt[OPT_N];
	bool json;
};

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* A verb gets what follows its name; the table has checked how many. */
typedef int verb_fn(struct cli *c, int argc, char **argv);

verb_fn cmd_version, cmd_ban, cmd_unban, cmd_export, cmd_why, cmd_get, cmd_set, cmd_list,
	cmd_status, cmd_reload, cmd_test, cmd_replay, cmd_event, cmd_run, cmd_check,
	cmd_import, cmd_trust, cmd_attach, cmd_detach, cmd_siege;

/*
 * Say on standard error why @what was refused, and return EXIT_FAILED or
 * EXIT_USAGE, so that a verb can `return cli_fail(...)`.
 */
int cli_fail(const char *fmt, ...) PRINTF_LIKE(1, 2);
int cli_usage(const char *fmt, ...) PRINTF_LIKE(1, 2);

#define DEFAULT_CONFIG	"/etc/xdpban"
#define DEFAULT_SOCKET	"/run/xdpban/xdpban.sock"
#define DEFAULT_STATE	"/var/lib/xdpban"
#define DEFAULT_PIN	"/sys/fs/bpf/xdpban"
