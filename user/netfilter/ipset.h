/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipset - the backend of iptables with sets.  Sets are spoken to by netlink:
 * many elements in one message; the few rules that ask them by ipt_chain.c.
 *
 *   xdpban-allow-4		never dropped
 *   xdpban-all-4		every packet is dropped
 *   xdpban-1a2b3c4d-4		some ports only; the number is a hash of which,
 *				so that a daemon that comes later finds them
 *
 * The kernel ends elements on time and counts what each one dropped.
 * This header is what its files share.  Functions give 0 or -errno; only those behind
 * struct enforcer_ops log it.
 */
#pragma once
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/ipset/ip_set.h>

#include "enforce/allowed.h"
#include "enforce/backend.h"
#include "enforce/resync.h"
#include "enforce/scopes.h"
#include "netlink.h"

#define IPSET_PROTOCOL_OURS	6	/* of messages; kernels know it since 2.6.39 */
#define IPSET_ALLOW		SCOPES_MAX	/* stands for a scope where sets are named */

struct ipset {
	struct enforcer e;
	struct nl nl;
	struct nlbuf out;
	struct scopes scopes;
	uint8_t made[SCOPES_MAX + 1];	/* bit 0: the set for IPv4, bit 1: for IPv6 */
	size_t n_rules[2];
	bool has6;
	bool known;			/* the rules are ours, of this run */
	struct allowed allowed;		/* owns */
	uint32_t max[2];
	boot_t reach;			/* later ends have none in the sets */
	struct ipset_pass *pass;	/* owns; a comparison under way, or NULL */
	struct snapshot seen;		/* for counters, */
	boot_t seen_at;			/* read then */
};

/* ---- ipset_write.c ---------------------------------------------------------- */

const char *ipset_name(const struct ipset *s, unsigned int scope, int family,
		       char out[static IPSET_MAXNAMELEN]);
/* Begin a message about the set @name, and send what was begun. */
void ipset_message(struct ipset *s, int command, uint16_t flags, const char *name);
int ipset_talk(struct ipset *s);
/* A set that is there already is fine. */
int ipset_make(struct ipset *s, unsigned int scope, int family);
int ipset_make_all(struct ipset *s);
/* The rules that ask the sets. */
int ipset_write_chain(struct ipset *s, int family);
int ipset_add(struct enforcer *e, const struct enforce_ban *bans, size_t n);
int ipset_allow(struct enforcer *e, const struct ipaddr *who, size_t n);
int ipset_write_allowed(struct ipset *s);
/*
 * What ipset cannot count to has no end there: the banned stay so.  A pass moves
 * s->reach, and tells the sets of ends that it has come to.
 */
boot_t ipset_reach(boot_t now);

/* ---- ipset_read.c ----------------------------------------------------------- */

int ipset_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx);
int ipset_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
	       struct enforce_hits *out);
int ipset_stats(struct enforcer *e, struct enforce_stats *out);
/* One piece of a list, as it comes; for those who read lists themselves. */
struct ipset_reading {
	unsigned int scope;
	int family;
	boot_t now;
	enforce_entry_fn *fn;
	void *ctx;
	int ret;		/* what @fn gave */
};
void ipset_on_list(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs);

/* ---- ipset_sync.c ----------------------------------------------------------- */

int ipset_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		      struct enforce_repairs *out);
void ipset_resync_stop(struct enforcer *e);
/* It is written now: a pass under way says nothing about it. */
void ipset_touch(struct ipset *s, const struct ipaddr *who);
