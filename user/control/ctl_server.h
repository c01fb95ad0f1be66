/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_server - accepts clients, reads requests, streams answers.
 * Knows sockets and lines, not what a verb means: that is a table of handlers.
 * Everything is bounded: clients, request size, idle time, buffered output; a
 * reader that is slow or gone costs the daemon nothing but its own answer.
 */
#pragma once
#include "base/loop.h"
#include "control/ctl.h"

/* What a handler fills in. */
struct ctl_reply {
	struct str out;		/* lines so far; ctl_reply_add() appends */
	/*
	 * For long answers: called each time @out has been written, appends
	 * about CTL_CHUNK more, and returns false when it was the last.
	 */
	bool (*more)(void *state, struct ctl_reply *r);
	void (*free_state)(void *state);	/* called once, also on a broken client */
	void *state;
	/*
	 * What is in @out is sent, but the answer goes on, with @more, only after
	 * ctl_reply_go_on(): something must happen first.
	 */
	bool waits;
};

/* Not from inside a handler or @more; the client, and @r with it, may be gone then. */
void ctl_reply_go_on(struct ctl_reply *r);
/* Append @obj as a line; steals the reference. */
void ctl_reply_add(struct ctl_reply *r, json_t *obj);

struct ctl_handler {
	const char *verb;
	/*
	 * Answer @req (borrowed).  0: the answer is in @r and "done" follows;
	 * -errno with @why filled: "error" follows.
	 */
	int (*run)(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why);
};

struct ctl_server;

/*
 * Listen on @path (mode 0600; missing directories of the path are made, 0755).
 * -EADDRINUSE when another daemon answers there; a dead socket is replaced,
 * -EEXIST: there is something else.
 * Borrows @loop and @handlers (ends with a row without verb).
 */
int ctl_server_new(struct ctl_server **out, struct loop *loop, const char *path,
		   const struct ctl_handler *handlers, void *ctx);
void ctl_server_free(struct ctl_server *s);	/* NULL is fine; unlinks the socket */
/* Connections refused because CTL_CLIENTS_MAX were open. */
uint64_t ctl_server_refused(const struct ctl_server *s);
