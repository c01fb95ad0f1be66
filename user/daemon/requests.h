/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * requests - what the control socket can ask, for the files that answer: one for
 * each group of questions.  requests.c has the table.
 */
#pragma once
#include "daemon/parts.h"

/* A row of the table (control/ctl_server.h); @ctx is the struct daemon. */
typedef int request_fn(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why);

request_fn request_list;			/* request_list.c */
request_fn request_ban, request_unban;		/* request_ban.c */
request_fn request_why;				/* request_why.c */

/* A member that is a text, or NULL. */
const char *request_member(const json_t *req, const char *name);
/* The member "address" as an address or network; -EINVAL with @why filled. */
int request_address(const json_t *req, struct ipaddr *who, struct str *why);
