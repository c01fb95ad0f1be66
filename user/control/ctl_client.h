/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl_client - one request to the daemon and its answer, for the verbs.
 * Blocks; gives up when the daemon is silent for CTL_IDLE_S seconds.
 */
#pragma once
#include "control/ctl.h"

/*
 * Send @req (steals the reference) to the daemon at @path and give each object
 * of the answer to @row (borrowed; may be NULL).
 * 0; -ECONNREFUSED or -ENOENT: no daemon there; -EREMOTEIO: it refused, and
 * @why (at least 1 byte) says why; another -errno for a broken connection.
 */
int ctl_request(const char *path, json_t *req,
		void (*row)(void *ctx, const json_t *obj), void *ctx,
		char *why, size_t why_size);
