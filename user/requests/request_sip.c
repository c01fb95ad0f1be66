// SPDX-License-Identifier: GPL-2.0-or-later
/* siege, limits - what is asked of the SIP sensor. */
#include <errno.h>

#include "config/timespan.h"
#include "requests/requests_private.h"

static void add_row(void *ctx, json_t *row)
{
	ctl_reply_add(ctx, row);
}

int request_limits(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct daemon *d = ctx;
	struct ipaddr within;
	bool some = request_member(req, "address");

	if (some && request_address(req, &within, why))
		return -EINVAL;
	sip_report_limits(d->sip, some ? &within : NULL, add_row, r);
	return 0;
}

static int siege_end(struct daemon *d, const json_t *req, wall_t *until, struct str *why)
{
	const char *text = request_member(req, "for");
	double seconds;

	*until = WALL_NEVER;
	if (!text)
		return 0;
	if (timespan_parse(text, &seconds, NULL) || !(seconds > 0) || seconds > 1e9) {
		str_printf(why, "'%s' is not a time such as 10m, 1h or 2d", text);
		return -EINVAL;
	}
	until->us = loop_wall(d->loop).us + (int64_t)(seconds * 1e6);
	return 0;
}

int request_siege(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *name = request_member(req, "mode");
	struct daemon *d = ctx;
	enum siege_mode mode;
	wall_t until;
	int err = 0;

	if (!sip_runs(d->sip)) {
		str_printf(why, "the SIP sensor does not run (sip-sensor = on in xdpban.local)");
		return -ENOENT;
	}
	if (name && siege_mode_parse(name, &mode)) {
		str_printf(why, "'%s' is not on, off or auto", name);
		return -EINVAL;
	}
	if (name)
		err = siege_end(d, req, &until, why);
	if (name && !err) {
		err = sip_set_siege(d->sip, mode, until);
		saver_hurry(d->saver);
	}
	if (!err)
		ctl_reply_add(r, sip_report_siege(d->sip));
	return err;
}
