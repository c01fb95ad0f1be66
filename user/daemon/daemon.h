/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon - the lifetime of everything: `xdpban run`.
 * Makes the parts in order, gives up privileges, runs the loop, swaps the
 * configuration on reload, and takes the parts down again.  Bans outlive it.
 */
#pragma once
#include <stdbool.h>

struct ctl_handler;

struct daemon_options {
	const char *config, *socket, *state, *pin;	/* borrowed */
	const struct ctl_handler *requests;	/* borrowed: what the socket can ask;
						 * each gets the struct daemon */
	bool foreground;	/* log to standard error, whatever is configured */
};

/* Run until SIGTERM or SIGINT.  0, or -errno after logging why. */
int daemon_run(const struct daemon_options *o);
