/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notice - what another program reports of somebody, one datagram each.
 * Three forms, told apart by their text (docs/events.md):
 *
 *	{"jail": "web", "ip": "192.0.2.1", "what": "failure", ...}
 *	{"jsonrpc": "2.0", "method": "E_PIKE_BLOCKED", "params": {"ip": ...}}
 *	E_PIKE_BLOCKED\nip::192.0.2.1\n\n
 *
 * the last two being those of OpenSIPS.  Whether the sender may be believed is not
 * for here to say.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

#define NOTICE_MAX	8192u	/* bytes of a datagram */
#define NOTICE_JAIL	64u	/* bytes of a jail's name, with NUL */
#define NOTICE_TEXT	512u	/* of the line for `why`, with NUL */

struct notice {
	struct ipaddr who;
	char jail[NOTICE_JAIL];
	bool timed;			/* when is set */
	wall_t when;
	bool success;			/* else a failure */
	bool proven;			/* the sender says so, or by its transport */
	char text[NOTICE_TEXT];		/* one line, printable */
};

/* 0, or -EINVAL with *@why, a constant. */
int notice_parse(const char *data, size_t len, struct notice *out, const char **why);
