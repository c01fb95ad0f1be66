/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipt - what the two iptables backends share: a chain of our own, XDPBAN, in
 * the raw tables of IPv4 and IPv6, which PREROUTING jumps to; so before
 * connection tracking.  Rules are written with iptables-restore, all of them in
 * one transaction: their form in the kernel is iptables' own business.
 */
#pragma once
#include "base/str.h"
#include "enforce/backend.h"

#define IPT_CHAIN	"XDPBAN"

/*
 * Run @argv with @input (may be NULL) and wait for it; what it prints is appended to
 * @output (NULL: thrown away).  Its exit status, or -errno.
 */
int ipt_run(const char *const argv[], const struct str *input, struct str *output);

/* Called with a match such as "-p 17 -m multiport --dports 5060,5062:5063 ". */
typedef void ipt_match_fn(void *ctx, const char *match);
/* What together matches the packets of @s; NULL: every packet, "". */
void ipt_matches(const struct enforce_scope *s, int family, ipt_match_fn *fn, void *ctx);

/* A rule of the backend without sets, as iptables-save -c prints it. */
struct ipt_rule {
	struct ipaddr who;
	struct enforce_scope scope;	/* no protocol: all packets */
	boot_t until;
	uint64_t frames, bytes;
};
/* One line of that; false: it is no such rule. */
bool ipt_rule_parse(const char *line, struct ipt_rule *out);

/* Begin to write the chain of @family (4, 6) anew; append "-A XDPBAN ..." lines ... */
void ipt_chain_begin(struct str *text);
/* ... and put it in force, with the jump to it, should that have gone.  0 or -errno. */
int ipt_chain_commit(int family, struct str *text);
/* `iptables-save -c` of our table, with a NUL behind it.  0 or -errno. */
int ipt_chain_read(int family, struct str *text);
/* Is the chain there, with @n_rules in it, and jumped to? */
bool ipt_chain_right(int family, size_t n_rules);
/* Does PREROUTING jump to the chain? */
bool ipt_chain_jumped(int family);
/* 0 or -errno; -ENOENT: there was none. */
int ipt_chain_remove(int family);
