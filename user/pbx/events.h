/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events - what is no line of a log: Asterisk's security events, and notices that
 * other programs drop into our mailboxes (docs/events.md).
 * The first become lines for the jails with backend = ami; a notice names its jail
 * itself, whatever else that jail reads.  Nobody keeps events for us: those that
 * come while we are not there are lost, unlike lines.
 */
#pragma once
#include <jansson.h>

#include "base/resolve.h"
#include "lanes/pipeline.h"

struct events;

struct events_params {
	struct loop *loop;		/* borrows, as everything here */
	struct resolver *resolver;
	struct pipeline *const *pipeline;	/* looked at for each event */
	const char *socket;		/* the control socket; events.sock is beside it */
	/* Something was counted: what is saved is out of date. */
	void (*progress)(void *ctx);
	void *ctx;
};

/*
 * Open the sockets, before privileges are given up.  One that cannot be opened is
 * a problem for `status`, not an error.  0 or -ENOMEM.
 */
int events_new(struct events **out, const struct events_params *p,
	       const struct config_settings *settings);
void events_free(struct events *e);		/* NULL is fine */
/*
 * At the start and after a reload, when *pipeline is the new one: connect to what
 * its jails want.  What has not changed stays connected.
 */
void events_configure(struct events *e, const struct config_settings *settings);

/*
 * What is wrong with the settings, and with jails that need others: into @d.  Not @start:
 * a daemon that runs, which asks no more for groups (confine/confine.h).
 */
void events_check(const struct config *c, bool start, struct diag *d);

/* For `status`: all inputs; a new array.  What is wrong goes to @problems. */
json_t *events_report(const struct events *e, json_t *problems);
/* The same of Asterisk alone, in the form of a jail's log; a new array. */
json_t *events_report_ami(const struct events *e);
