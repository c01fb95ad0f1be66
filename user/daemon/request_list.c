// SPDX-License-Identifier: GPL-2.0-or-later
/* list - the bans, streamed. */
#include <errno.h>
#include <stdlib.h>

#include "daemon/requests.h"

struct listing {
	struct daemon *d;
	struct ban_cursor cursor;
	struct ban_filter filter;
	struct ipaddr within;
	char *jail;			/* owns */
};

static bool list_more(void *state, struct ctl_reply *r)
{
	struct listing *l = state;
	struct ban ban;

	while (r->out.len < CTL_CHUNK) {
		if (!ban_store_next(bans_store(l->d->bans), &l->cursor, &l->filter, &ban))
			return false;
		ctl_reply_add(r, report_ban(l->d, &ban));
	}
	return true;
}

static void list_free(void *state)
{
	struct listing *l = state;

	free(l->jail);
	free(l);
}

int request_list(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct listing *l = calloc(1, sizeof(*l));
	int err = 0;

	if (!l)
		return -ENOMEM;
	l->d = ctx;
	if (request_member(req, "address")) {
		err = request_address(req, &l->within, why);
		l->filter.within = &l->within;
	}
	if (request_member(req, "jail")) {
		l->jail = strdup(request_member(req, "jail"));
		l->filter.jail = l->jail;
	}
	if (err) {
		list_free(l);
		return err;
	}
	r->more = list_more;
	r->free_state = list_free;
	r->state = l;
	return 0;
}

