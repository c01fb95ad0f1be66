/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft - what the files of the nftables backend share.
 *
 * Everything is in a table of our own, `inet xdpban`.  Its chain hooks in
 * before raw, and so before conntrack: flows that are ESTABLISHED stop, too.
 *
 * Every length of prefix has a hash set of its own, which a rule asks with the
 * masked source address.  An interval set would be one set and one look-up, but
 * refuses networks that overlap, and bans overlap: each has an end of its own.
 * The kernel ends elements on time and counts for each what it dropped.
 *
 *   allow4.24		never dropped; asked first
 *   ban4.32		every packet of this address is dropped
 *   s3.ban4.32		those that scope 3 covers; its comment says which
 *
 * Functions give 0 or -errno, unless they say else; only nft_add(), nft_allow() and
 * what stands behind struct enforcer_ops log it.
 */
#pragma once
#include <net/if.h>

#include "enforce/allowed.h"
#include "enforce/backend.h"
#include "enforce/scopes.h"
#include "netlink.h"

#define NFT_TABLE	"xdpban"
#define NFT_SETS_MAX	1024	/* lengths of prefixes times scopes, in use */
#define NFT_NAME	32	/* room for a name of ours */

struct nft_set {
	bool allow;
	uint8_t family;		/* 4, 6 */
	uint8_t prefix;
	uint16_t scope;		/* of bans */
};

struct nft {
	struct enforcer e;
	struct nl nl;
	struct nlbuf out;
	struct nft_set *sets;		/* owns; as they are in the kernel */
	size_t n_sets;
	struct scopes scopes;
	size_t n_rules;			/* as we wrote them */
	struct allowed allowed;		/* owns */
	uint32_t max[2];
	uint64_t put_new, put_again;	/* elements written, since opening */
	bool syncing;			/* a pass of resync is under way ... */
	size_t cursor;			/* ... and has come to here */
};

/* ---- nft_table.c: the table, its sets, chains and rules ------------------------ */

const char *nft_set_name(const struct nft_set *s, char buf[static NFT_NAME]);
/* Where in n->sets; -1: nowhere. */
int nft_set_find(const struct nft *n, const struct nft_set *wanted);
/* Learn which sets are in the kernel, and what their scopes mean. */
int nft_load(struct nft *n);
/*
 * Make @add, take out those of n->sets that @drop names, and write all chains
 * and rules anew: in one step, so that nobody slips through.
 */
struct nft_sets { struct nft_set *v; size_t n; };
int nft_write(struct nft *n, struct nft_sets add, struct nft_sets drop);
/* Are the rules in the kernel still those that we wrote? */
int nft_rules_right(struct nft *n, bool *right);
/* Is there a table of ours? */
bool nft_exists(struct nft *n);
/* Take everything out; fine if there is nothing. */
int nft_remove(struct nft *n);
int nft_totals(struct nft *n, struct enforce_stats *out);

/* ---- nft_rule.c ----------------------------------------------------------------- */

/* Append rules for all of n->sets to n->out; gives how many. */
size_t nft_rules(struct nft *n);

/* ---- nft_elem.c: what is in the sets --------------------------------------------- */

struct nft_elem {
	struct ipaddr who;
	boot_t until;
	struct enforce_hits hits;
};
typedef int nft_elem_fn(void *ctx, const struct nft_set *s, const struct nft_elem *e);

/*
 * Begin, and end, a list of elements of a set; @command is NFT_MSG_...  @left_ms 0: an
 * element without end; @hits may be NULL.
 */
struct nft_list { size_t nest; bool open; };
struct nft_list nft_list_begin(struct nft *n, int command, const struct nft_set *s);
void nft_list_add(struct nft *n, const struct ipaddr *who, uint64_t left_ms,
		  const struct enforce_hits *hits);
void nft_list_end(struct nft *n, struct nft_list *l);

/* Each element of @s in the kernel. */
int nft_elem_each(struct nft *n, const struct nft_set *s, boot_t now,
		  nft_elem_fn *fn, void *ctx);
/* Read the elements out of an answer. */
void nft_elems_decode(struct nlval attrs, const struct nft_set *s, boot_t now,
		      nft_elem_fn *fn, void *ctx);

/* ---- nft_write.c ------------------------------------------------------------------ */

int nft_add(struct enforcer *e, const struct enforce_ban *bans, size_t n);
int nft_allow(struct enforcer *e, const struct ipaddr *who, size_t n);
/* Write the allowlist again. */
int nft_allow_repair(struct nft *n);
