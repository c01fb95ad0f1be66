/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allowlist - who must never be banned, and why.
 * One list for the whole program (own addresses, gateways, resolvers, trusted
 * peers) and one for each jail (its ignoreip); the caller asks both.  Entries
 * are addresses, networks, lists in files, host names and plain words.  Names
 * are resolved by the caller, commands (ignorecommand) are run by the caller;
 * bans and packets are unknown here.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct allowlist;

enum allow_kind {
	ALLOW_IGNOREIP,		/* an address or network of ignoreip */
	ALLOW_FILE,		/* the same, from a file: list */
	ALLOW_NAME,		/* the same, from a host name */
	ALLOW_WORD,		/* any other text, compared with ids as it is */
	ALLOW_SELF,		/* an address of this machine */
	ALLOW_GATEWAY,		/* a default gateway */
	ALLOW_RESOLVER,		/* a name server of this machine */
	ALLOW_TRUSTED,		/* a peer that someone else vouches for */
};

/* What saved somebody: enough for `why` and `check` to tell the operator. */
struct allow_match {
	enum allow_kind kind;
	struct ipaddr net;	/* the entry that matched; family 0: a word */
	const char *label;	/* borrows: file, name, peer or word; NULL: none */
};

/* Limits; what they refuse is counted in allow_stats.refused. */
#define ALLOW_MAX_NETS		1000000u	/* all entries of one list */
#define ALLOW_MAX_GROUPS	4096u		/* files, names, peers, words */
#define ALLOW_MAX_NAMES		1000u		/* host names, as in Fail2ban */
#define ALLOW_MAX_FILE		(64u << 20)	/* bytes of one file */

struct allow_stats {
	size_t nets;		/* entries in force, after the last check */
	size_t names, files;
	uint64_t refused;	/* entries that a limit refused */
	uint64_t bad;		/* words in files that are no address */
	uint64_t file_errors;	/* times a file could not be read */
};

/* @owner ("jail sshd") is copied and used in messages; NULL: errno says why. */
struct allowlist *allowlist_new(const char *owner);
void allowlist_free(struct allowlist *a);	/* NULL is fine */
/* Fewer entries than ALLOW_MAX_NETS; those that are in stay. */
void allowlist_set_max(struct allowlist *a, size_t max);

/*
 * One word of ignoreip: an address, a network ("/LENGTH" or "/NETMASK"),
 * "file:PATH", or anything else, which is a word and, if it could be one, a
 * host name too.  0 (also when it is there already), -E2BIG (a limit), -ENOMEM.
 */
int allowlist_add(struct allowlist *a, const char *word, size_t len);
/*
 * Is it an address, a network, a host name or a file?  Any other word is matched
 * with ids that are no addresses, and is more often a slip of the pen.
 */
bool allowlist_word_is_plain(const char *word, size_t len);
/* Take such a word out again: 0, or -ENOENT. */
int allowlist_remove(struct allowlist *a, const char *word, size_t len);

/*
 * Replace all entries of @kind with @label (NULL is a label too) by @n networks;
 * none: take them away.  For own addresses and for peers.  0, -E2BIG, -ENOMEM;
 * on an error the old entries stay.
 */
int allowlist_set(struct allowlist *a, enum allow_kind kind, const char *label,
		  const struct ipaddr *nets, size_t n);
/*
 * The addresses of a host name of this list.  None (@n = 0) means that the
 * resolver failed: the last ones that were known stay.  -ENOENT: no such name.
 */
int allowlist_set_resolved(struct allowlist *a, const char *name,
			   const struct ipaddr *addrs, size_t n);
/* The host names to be resolved, by index from 0; NULL after the last. */
const char *allowlist_name(const struct allowlist *a, size_t i);

/*
 * Is this id allowed?  @id is its text, @addr its address (family 0 or NULL if
 * it is none).  The longest matching network is reported; @match may be NULL.
 * Files are looked at again here, at most once a second each.
 */
bool allowlist_has(struct allowlist *a, const char *id, size_t len,
		   const struct ipaddr *addr, boot_t now,
		   struct allow_match *match);
/* Would a ban of @net hit anybody allowed?  Inside it or all around it. */
bool allowlist_touches(struct allowlist *a, const struct ipaddr *net, boot_t now,
		       struct allow_match *match);

/* Every network in force (not the words), in order; for the kernel's copy. */
typedef void allow_fn(void *ctx, const struct allow_match *entry);
void allowlist_each(struct allowlist *a, boot_t now, allow_fn *fn, void *ctx);
/* Grows whenever the set of networks changed: compare to notice. */
uint64_t allowlist_version(struct allowlist *a, boot_t now);

struct allow_stats allowlist_stats(const struct allowlist *a);
/* "ignoreip", "own address" ...: a text for people. */
const char *allow_kind_name(enum allow_kind kind);
