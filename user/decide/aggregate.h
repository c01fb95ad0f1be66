/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aggregate - when many addresses of one network were banned lately, the
 * network is the offender.
 * Counts different addresses for each IPv4 /24 and IPv6 /64 (or other lengths)
 * and names those that made the number.  Whether an allowed address lies in
 * the network is for the caller to check.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct aggregate;

#define AGGREGATE_MAX_COUNT	256u

struct aggregate_policy {
	uint32_t count;		/* addresses that make a network; 1 ... 256 */
	int64_t within_us;	/* banned within this time */
	uint8_t prefix4, prefix6;	/* 0: this family is never aggregated */
	size_t max_nets;	/* networks watched; the longest quiet goes first */
};

struct aggregate_member { struct ipaddr who; wall_t when; };

struct aggregate_verdict {
	struct ipaddr net;
	/* Banned within the time, oldest first; valid until the next call. */
	const struct aggregate_member *members;
	size_t n;
};

/* 0, -EINVAL or -ENOMEM. */
int aggregate_new(struct aggregate **out, const struct aggregate_policy *p);
void aggregate_free(struct aggregate *a);	/* NULL is fine */
/*
 * @who was banned at @when.  1: ban the network in @v (it starts from nothing
 * again); 0: not yet, or @who is a network of that size itself; -ENOMEM.
 */
int aggregate_note(struct aggregate *a, const struct ipaddr *who, wall_t when,
		   struct aggregate_verdict *v);
/* An operator's pardon: @who does not count any more. */
void aggregate_forget(struct aggregate *a, const struct ipaddr *who);
void aggregate_purge(struct aggregate *a, wall_t now);
size_t aggregate_nets(const struct aggregate *a);
uint64_t aggregate_evicted(const struct aggregate *a);

/*
 * State for a database, as in window.h.  What was kept for other lengths than
 * those of the policy is -EINVAL too.
 */
typedef void aggregate_export_fn(void *ctx, const void *key, size_t key_len,
				 const void *value, size_t value_len);
void aggregate_export(struct aggregate *a, aggregate_export_fn *fn, void *ctx);
void aggregate_touch(struct aggregate *a);
int aggregate_import(struct aggregate *a, const void *key, size_t key_len,
		     const void *value, size_t value_len);
