/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_client - requests to the daemon and their answers, for the verbs.
 * Blocks; gives up when the daemon is silent for CTL_IDLE_S seconds.
 */
#pragma once
#include "control/ctl.h"

typedef void ctl_row_fn(void *ctx, const json_t *obj);

/*
 * Send @req (steals the reference) to the daemon at @path and give each object
 * of the answer to @row (borrowed; may be NULL).
 * 0; -ECONNREFUSED or -ENOENT: no daemon there; -EREMOTEIO: it refused, and
 * @why (at least 1 byte) says why; another -errno for a broken connection.
 */
int ctl_request(const char *path, json_t *req, ctl_row_fn *row, void *ctx,
		char *why, size_t why_size);

/*
 * Several requests, one after the other, on one connection.  One may be sent
 * before the answer of the last one has been read, so that the daemon need not
 * wait for us: CTL_AHEAD bytes at most, or both wait for each other.
 * All give 0 or -errno, as ctl_request() does.
 */
#define CTL_AHEAD	(64u << 10)
struct ctl_client;
int ctl_client_open(struct ctl_client **out, const char *path);
void ctl_client_close(struct ctl_client *c);		/* NULL is fine */
int ctl_client_send(struct ctl_client *c, json_t *req);	/* steals the reference */
/* The answer to the oldest request that has none yet. */
int ctl_client_answer(struct ctl_client *c, ctl_row_fn *row, void *ctx,
		      char *why, size_t why_size);
/* Has nothing been sent for so long that the daemon may hang up soon? */
bool ctl_client_is_stale(const struct ctl_client *c);
