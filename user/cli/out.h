/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out - how data looks on a terminal, and talking to the daemon for it.
 * Rows arrive as JSON objects; with --json they are printed as they are, one a
 * line, otherwise a verb picks members for its columns.
 */
#pragma once
#include <jansson.h>
#include <stdio.h>

#include "base/diag.h"
#include "cli.h"
#include "control/ctl_client.h"

/* "58s", "9m 58s", "3d 4h"; "ever" for a negative number.  Returns @buf. */
const char *out_duration(double seconds, char buf[static 32]);
/* "512", "3.4k", "12M": a count in four characters or so. */
const char *out_count(double n, char buf[static 16]);
/* Local time of an epoch second, "-" for 0. */
const char *out_time(double epoch, char buf[static 32]);

/* Members of an object, with a default when absent or of another type. */
const char *out_str(const json_t *obj, const char *name);	/* "-" */
double out_num(const json_t *obj, const char *name);		/* 0 */

/* Text from outside, for a terminal: control characters become "?". */
void out_text(const char *text);
void out_text_to(FILE *f, const char *text);

/* Of a line: COLUMNS (so that watch(1) can say), the terminal's; SIZE_MAX: any number. */
size_t out_columns(void);

void out_json(const json_t *obj);			/* one line */
void out_json_row(void *ctx, const json_t *obj);	/* the same, as a row */

/*
 * Ask the daemon; each object of the answer goes to @row.  Prints what went
 * wrong.  Steals @req.  Returns the exit status of the verb.
 */
int out_ask(struct cli *c, json_t *req, ctl_row_fn *row, void *ctx);
/* The same, but -ENOENT and -ECONNREFUSED are returned silently as themselves. */
int out_ask_quietly(struct cli *c, json_t *req, ctl_row_fn *row, void *ctx);
/* What those print for what ctl_client.h gives; EXIT_FAILED. */
int out_failed(struct cli *c, int err, const char *why);

/*
 * Print every problem on standard error and free them; @err as a last resort
 * when there is none.  EXIT_FAILED if @err, else EXIT_DONE.
 */
int out_problems(struct diag *d, int err);
