// SPDX-License-Identifier: GPL-2.0-or-later
#include "requests/report.h"
#include "requests/requests_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/guess.h"
#include "base/jsontext.h"
#include "base/log.h"

const char *request_member(const json_t *req, const char *name)
{
	return json_string_value(json_object_get(req, name));
}

int request_check(const json_t *req, struct str *why)
{
	static const char *const names[] = { "address", "addresses", "jail" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const json_t *v = json_object_get(req, names[i]);

		if (!v || json_is_string(v))
			continue;
		str_printf(why, "\"%s\" is not a text", names[i]);
		return -EINVAL;
	}
	return 0;
}

int request_address_text(const char *text, size_t len, struct ipaddr *who, struct str *why)
{
	if (!ipaddr_parse_net(text, len, who))
		return 0;
	str_printf(why, "'%.*s' is not an address or network", (int)len, text);
	return -EINVAL;
}

int request_address(const json_t *req, struct ipaddr *who, struct str *why)
{
	const char *text = request_member(req, "address");

	return request_address_text(text ? text : "", text ? strlen(text) : 0, who, why);
}

/* The nearest name of a jail that is configured, in brackets; or nothing. */
static void guess_jail(const struct daemon *d, const char *jail, struct str *why)
{
	struct guess near = guess_init(jail);

	for (size_t i = 0; i < d->config->n_jails; i++)
		guess_try(&near, d->config->jails[i].name);
	if (near.best)
		str_printf(why, " (did you mean '%s'?)", near.best);
}

void request_no_lane(struct daemon *d, const char *jail, struct str *why)
{
	const struct config_jail *j = config_find_jail(d->config, jail);

	if (j && !j->enabled) {
		str_printf(why, "jail '%s' is not enabled: 'enabled = true' in jail.local",
			   jail);
	} else if (j && j->broken) {
		str_printf(why, "jail '%s' has errors and does not run; see xdpban check",
			   jail);
	} else {
		str_printf(why, "no jail '%s' is running", jail);
		guess_jail(d, jail, why);
	}
}

bool request_knows_jail(struct daemon *d, const char *jail, struct str *why)
{
	const struct ban_filter of_jail = { .jail = jail };
	struct ban_cursor c = { 0 };
	struct ban ban;

	/* A jail may be gone from the configuration before its bans end. */
	if (streq(jail, REQUEST_JAIL) || streq(jail, NEIGHBOURS_JAIL) ||
	    config_find_jail(d->config, jail) ||
	    ban_store_next(bans_store(d->bans), &c, &of_jail, &ban))
		return true;
	str_printf(why, "there is no jail '%s'", jail);
	guess_jail(d, jail, why);
	return false;
}

/* ---- status, reload -------------------------------------------------------------- */

static int do_status(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *jail = request_member(req, "jail");
	struct daemon *d = ctx;

	if (jail && !pipeline_find(d->pipeline, jail)) {
		request_no_lane(d, jail, why);
		return -ENOENT;
	}
	ctl_reply_add(r, report_status(d, jail));
	return 0;
}

static int do_reload(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct diag problems = { 0 };
	struct daemon *d = ctx;
	int err = daemon_reload(d, &problems);
	char buf[2048];

	(void)req;
	for (size_t i = 0; i < problems.n; i++)
		ctl_reply_add(r, json_pack("{s:o}", "problem",
			      json_word(diag_format(&problems.entries[i], buf, sizeof(buf)))));
	if (err)
		str_printf(why, "the configuration has %zu error%s; the old one stays in force",
			   problems.count[DIAG_ERROR],
			   problems.count[DIAG_ERROR] == 1 ? "" : "s");
	else
		ctl_reply_add(r, json_pack("{s:I}", "jails",
					   (json_int_t)pipeline_count(d->pipeline)));
	diag_fini(&problems);
	return err;
}

/* After a rotation of our own log. */
static int do_reopen(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)r, (void)why;
	return log_reopen();
}

static int do_ping(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	ctl_reply_add(r, json_pack("{s:s, s:s}", "pong", "xdpban", "version", XDPBAN_VERSION));
	return 0;
}

const struct ctl_handler daemon_requests[] = {
	{ "list", request_list },
	{ "ban", request_ban },
	{ "unban", request_unban },
	{ "ban_many", request_ban_many },
	{ "unban_many", request_unban_many },
	{ "why", request_why },
	{ "get", request_get },
	{ "set", request_set },
	{ "trust", request_trust },
	{ "settings", request_settings },
	{ "siege", request_siege },
	{ "limits", request_limits },
	{ "status", do_status },
	{ "reload", do_reload },
	{ "reopen", do_reopen },
	{ "ping", do_ping },
	{ 0 }
};
