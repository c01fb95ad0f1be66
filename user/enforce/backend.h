/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backend - what a backend implements; enforcer.h says what each call means.
 * A backend's own struct begins with a struct enforcer.  Calls that a backend
 * has no answer to are NULL, and then fail with -EOPNOTSUPP.
 */
#pragma once
#include "enforcer.h"

struct enforcer_ops {
	const char *name;
	bool net_admin;		/* every call needs CAP_NET_ADMIN */
	bool net_raw;		/* and CAP_NET_RAW */
	bool programs;		/* it starts some */
	bool (*needs_bpf)(const struct enforcer *e);	/* NULL: none does */
	bool forgets;		/* bans do not end by themselves */
	void (*close)(struct enforcer *e);
	int (*scope)(struct enforcer *e, const struct enforce_scope *s);
	int (*scope_get)(struct enforcer *e, uint16_t scope, struct enforce_scope *out);
	int (*add)(struct enforcer *e, const struct enforce_ban *bans, size_t n);
	int (*allow)(struct enforcer *e, const struct ipaddr *who, size_t n);
	/* A part of a pass, and forgetting what was done of it. */
	int (*resync_step)(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
			   struct enforce_repairs *out);
	void (*resync_stop)(struct enforcer *e);
	bool (*wants_resync)(const struct enforcer *e);
	int (*hits)(struct enforcer *e, const struct ipaddr *who, boot_t now,
		    struct enforce_hits *out);
	int (*each)(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx);
	int (*stats)(struct enforcer *e, struct enforce_stats *out);
};

struct enforcer {
	const struct enforcer_ops *ops;
};
