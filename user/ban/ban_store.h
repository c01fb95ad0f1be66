/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ban_store - who is banned, by which jail, for what traffic, until when.
 * The only truth about bans.  Backends hold copies that the kernel may evict
 * and an operator may flush, so they are repaired from here, never read back.
 * No clock and no I/O: whatever depends on the time is told it.
 *
 * A ban is known by its address (or network) and its jail.  Several jails may
 * ban one address, each for its own scope and time; what the kernel should hold
 * for the address is the sum, which effects give.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct ban_store;

/* A scope is a number that the caller gave to a set of ports and protocols. */
#define BAN_SCOPE_ALL	0	/* every packet from there */
#define BAN_SCOPES	4096	/* numbers there may be */

struct ban {
	struct ipaddr who;
	const char *jail;
	uint16_t scope;
	boot_t until;		/* BOOT_NEVER: no end */
	wall_t since;
	uint32_t failures;	/* that led to it; 0: by hand */
	uint32_t earlier;	/* bans before it */
	const char *reason;	/* NULL: the failures are the reason */
	const char *lines;	/* the lines that led to it, as the caller wrote
				 * them; NULL: none (any more) */
};

enum ban_policy {
	BAN_FULL_REFUSE,	/* a full store takes no new ban */
	BAN_FULL_REPLACE,	/* the one that ends soonest makes room */
};

enum ban_end { BAN_EXPIRED, BAN_REMOVED, BAN_REPLACED };

struct ban_store_params {
	size_t max_bans;
	enum ban_policy policy;
	size_t max_text;	/* bytes of reasons and lines; the oldest go first */
	/*
	 * A ban has ended and is out of the store.  Must not change the store.
	 * @b is valid during the call.  NULL: nobody wants to know.
	 */
	void (*ended)(void *ctx, const struct ban *b, enum ban_end how);
	void *ctx;		/* borrows */
};

struct ban_store_stats {
	size_t bans, addresses;	/* now; addresses counts networks too */
	size_t bytes, text;	/* memory now */
	uint64_t added, prolonged, expired, removed;
	uint64_t refused;	/* bans that a full store refused */
	uint64_t replaced;	/* bans that made room for another one */
	uint64_t dropped_text;	/* reasons and lines that max_text cost */
};

/* NULL: no memory. */
struct ban_store *ban_store_new(const struct ban_store_params *params);
void ban_store_free(struct ban_store *s);	/* NULL is fine; calls nobody */
/* A new limit (reload); bans beyond it stay until they end. */
void ban_store_set_max(struct ban_store *s, size_t max_bans, enum ban_policy policy);

enum { BAN_SAME, BAN_NEW, BAN_PROLONGED };
/*
 * BAN_NEW; BAN_PROLONGED (the jail had banned it already, for less long: all of
 * @b is taken over but the beginning, and its old texts stay if @b has none);
 * BAN_SAME (for at least as long: nothing changes); -EINVAL (no address, no jail, no
 * such scope), -ENOSPC (full), -ENOMEM.  Copies everything.
 */
int ban_store_add(struct ban_store *s, const struct ban *b);
/* Remove exactly this ban; @jail NULL: of all jails.  Gives how many. */
size_t ban_store_del(struct ban_store *s, const struct ipaddr *who, const char *jail);
/* End what has ended by @now.  Gives how many. */
size_t ban_store_expire(struct ban_store *s, boot_t now);
/* When the next ban ends; BOOT_NEVER if none does. */
boot_t ban_store_next_end(const struct ban_store *s);

/* All of @who are about to be asked for, banned or lifted (hmap_expect()). */
void ban_store_expect(const struct ban_store *s, const struct ipaddr *who, size_t n);

/*
 * Bans are given as values whose texts belong to the store: valid until it is
 * changed.
 */
bool ban_store_find(const struct ban_store *s, const struct ipaddr *who,
		    const char *jail, struct ban *out);
/*
 * A mark on a ban, for a caller who has more to do with it later.  True if it has
 * none yet; gone with the ban.
 */
bool ban_store_mark(struct ban_store *s, const struct ipaddr *who, const char *jail);
bool ban_store_is_marked(const struct ban_store *s, const struct ipaddr *who, const char *jail);
/* Of the marked bans of exactly @who any one, and take the mark; false: none. */
bool ban_store_unmark(struct ban_store *s, const struct ipaddr *who, struct ban *out);

/* Every ban that @who is inside of, itself or a network around it. */
typedef void ban_fn(void *ctx, const struct ban *b);
void ban_store_around(const struct ban_store *s, const struct ipaddr *who,
		      ban_fn *fn, void *ctx);

struct ban_filter {
	const char *jail;		/* NULL: any */
	const struct ipaddr *within;	/* bans inside of this network; NULL: any */
};
/*
 * Walk bans: start with a zeroed cursor; false at the end.  The store may be
 * changed between calls: what stays is given exactly once, what comes or goes
 * meanwhile perhaps not.
 */
struct ban_cursor { size_t at; };
bool ban_store_next(const struct ban_store *s, struct ban_cursor *c,
		    const struct ban_filter *filter, struct ban *out);
/* How many bans @jail has now, and (@total may be NULL) had since the start. */
size_t ban_store_count(const struct ban_store *s, const char *jail, uint64_t *total);

/* What a backend should hold: one end for each scope of an address. */
struct ban_effect {
	struct ipaddr who;
	uint16_t scope;
	boot_t until;
};
/*
 * The effects for exactly @who, widest scope first; a scope that ends no later
 * than BAN_SCOPE_ALL is left out.  Gives how many there are, and writes the
 * first @max of them; 0: @who is not banned (any more).
 */
size_t ban_store_effects(const struct ban_store *s, const struct ipaddr *who,
			 struct ban_effect *out, size_t max);
/*
 * Walk the addresses that have effects, like ban_store_next(); one whose bans
 * change meanwhile may come twice.
 */
bool ban_store_next_address(const struct ban_store *s, struct ban_cursor *c,
			    struct ipaddr *who);

/* How many addresses and networks are banned, by however many jails. */
size_t ban_store_addresses(const struct ban_store *s);
struct ban_store_stats ban_store_stats(const struct ban_store *s);

/*
 * The end of a ban on one clock, from its end on the other one: bans are
 * enforced on the boot clock and written down on the wall clock.  What is past
 * becomes 1 on the boot clock; never stays never.
 */
boot_t ban_end_boot(wall_t until, boot_t boot_now, wall_t wall_now);
wall_t ban_end_wall(boot_t until, boot_t boot_now, wall_t wall_now);
/* The wall time when a ban of @bantime_us (negative: for ever) ends. */
wall_t ban_end_after(wall_t since, int64_t bantime_us);
