/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * requests - for the files that answer: one for each group of questions.
 * requests.c has the table.
 */
#pragma once
#include "daemon/parts.h"

/* A row of the table (control/ctl_server.h); @ctx is the struct daemon. */
typedef int request_fn(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why);

request_fn request_list;			/* request_list.c */
request_fn request_ban, request_unban;		/* request_ban.c */
request_fn request_ban_many, request_unban_many;	/* request_lists.c */
request_fn request_why;				/* request_why.c */
request_fn request_get, request_settings;	/* request_get.c */
request_fn request_set;				/* request_set.c */
request_fn request_trust;			/* request_trust.c */
request_fn request_siege, request_limits;	/* request_sip.c */

/* A member that is a text, or NULL. */
const char *request_member(const json_t *req, const char *name);
/* Whose bans those are that nobody gave to a jail. */
#define REQUEST_JAIL	"manual"
/* Is it one that runs, is configured or has bans?  False with @why filled. */
bool request_knows_jail(struct daemon *d, const char *jail, struct str *why);
/*
 * What says whom it is about is a text, if it is there at all; else -EINVAL with
 * @why filled.  For requests that are about everybody without it.
 */
int request_check(const json_t *req, struct str *why);
/* Addresses in one request of many: about a millisecond of work. */
#define REQUEST_MANY	1000
/*
 * How long a ban by @jail is: the member "for", else the jail's own time, else the
 * default's.  -EINVAL with @why filled.
 */
int request_length(struct daemon *d, const json_t *req, const char *jail, int64_t *us,
		   struct str *why);
/*
 * What was done by hand is told to be done when it is in the database, so that a crash
 * right after that cannot undo it; or, when that takes too long, with the row "unsaved".
 */
void request_wait_saved(struct daemon *d, struct ctl_reply *r);
/* Why bans_add() refused, for people; @saved is what it gave. */
void request_explain(int err, const struct allow_match *saved, struct str *why);
/* Why @jail does not run, and which one may have been meant. */
void request_no_lane(struct daemon *d, const char *jail, struct str *why);
/* The jail that runs and is named by "jail"; NULL, with @why filled. */
struct lane *request_lane(struct daemon *d, const json_t *req, struct str *why);
/* The member "address" as an address or network; -EINVAL with @why filled. */
int request_address(const json_t *req, struct ipaddr *who, struct str *why);
int request_address_text(const char *text, size_t len, struct ipaddr *who, struct str *why);
