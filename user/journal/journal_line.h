/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal_line - an entry of a journal as the one line that filters expect:
 * "host program[pid]: message", as Fail2ban composes it, with its time beside
 * it.  Knows fields, not journals; what a field holds may be hostile.
 */
#pragma once
#include "base/clock.h"
#include "base/str.h"

/* As of a file's line: what is longer is dropped, it could match by its half. */
#define JOURNAL_LINE_MAX	65536u

struct journal_line {
	struct str host, identifier, comm, syslog_pid, pid, message;
	uint64_t source_realtime, source_monotonic;	/* us */
	bool has_realtime, has_monotonic, has_message, too_long;
	struct str text;	/* the result */
};

/* What the journal itself says about the entry. */
struct journal_stamp {
	uint64_t realtime, monotonic;	/* us */
};

void journal_line_fini(struct journal_line *l);
/* Another entry begins; the memory is kept. */
void journal_line_begin(struct journal_line *l);
/* One of its fields: NAME=value.  Of several values the first counts, but
 * several messages become one. */
void journal_line_field(struct journal_line *l, const char *data, size_t len);
/* l->text and *@when.  0, -E2BIG: longer than the cap, or -ENOMEM. */
int journal_line_finish(struct journal_line *l, const struct journal_stamp *stamp,
			wall_t *when);
