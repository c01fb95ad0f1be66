/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * enforcer - makes bans true.  Backends (XDP first) stand behind one small
 * vtable; what they hold in the kernel is a copy of the ban store, which may
 * be flushed or deleted by others and is then repaired from the store.
 * Knows addresses, ends and scopes; not jails, nor why a ban exists.
 * Whoever needs the time is told it.
 *
 * Opening needs capabilities (attach/ladder.h opens the best backend there is).  With
 * XDP everything but attaching works afterwards with the descriptors alone, so
 * the process can drop them all (before kernel 5.19, all but CAP_BPF); others need
 * CAP_NET_ADMIN for every call.  They also read the boot clock, for each message
 * that has bans in it: packet filters are told how long a ban lasts, not until when.
 * Functions give 0 or -errno and have logged the reason, unless they say else.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"

struct enforcer;
struct str;

/* ---- what is banned --------------------------------------------------------- */

#define ENFORCE_SCOPE_ALL	0	/* every packet */
#define ENFORCE_ENDS		8	/* different scopes of one address */

/* Until when, on which ports: one of these for each scope of an address. */
struct enforce_end {
	uint16_t scope;		/* of enforcer_scope(), or ENFORCE_SCOPE_ALL */
	boot_t until;
};

struct enforce_ban {
	struct ipaddr who;	/* an address or a network */
	unsigned int n;
	bool anew;		/* it was not banned before, so its counters begin
				 * at zero: looking for them is saved */
	struct enforce_end ends[ENFORCE_ENDS];
};

/*
 * Add an end to @b, whose address and n the caller has set.  Keeps the later of
 * two ends of a scope, and drops what an end of every packet covers anyway.
 * When there are too many scopes, the one that ends soonest becomes a ban of
 * every packet until then: the banned stay banned.  False if that happened.
 */
bool enforce_ban_add(struct enforce_ban *b, uint16_t scope, boot_t until);

/* Ports and protocols that a ban shuts. */
#define ENFORCE_PORTS	16

struct enforce_scope {
	uint8_t protocols[32];	/* bit p % 8 of byte p / 8: IP protocol p */
	unsigned int n_ports;	/* 0: all ports of these protocols */
	struct { uint16_t first, last; } ports[ENFORCE_PORTS];
};
/*
 * Add to @s; no protocol at all means every one.  -E2BIG: more port ranges than
 * a scope can have (touching ones are joined first).  Logs nothing.
 */
void enforce_scope_protocol(struct enforce_scope *s, uint8_t protocol);
int enforce_scope_ports(struct enforce_scope *s, uint16_t first, uint16_t last);
/* Append "udp/5060,10000-20000" and the like, for people. */
void enforce_scope_format(const struct enforce_scope *s, struct str *out);
/* Read such a text back: 0, -EINVAL, or -E2BIG as above.  Logs nothing. */
int enforce_scope_parse(const char *text, struct enforce_scope *out);

/* ---- life ------------------------------------------------------------------- */

struct enforcer_params {
	const char *pin;	/* directory on a BPF file system; NULL: pin nothing */
	/*
	 * Bans that must be enforced at the same time, for each family; 0: what
	 * is pinned already, or the default.  Pinned maps of another size are
	 * replaced by copies, with no gap.
	 */
	uint32_t max_bans4, max_bans6;
	/* Shall the packet program look at SIP (sensor.h)?  Only XDP can. */
	enum enforce_sensor { SENSOR_AS_IT_IS, SENSOR_OFF, SENSOR_ON } sensor;
	uint32_t sip_sources;	/* room for their standing; 0: the default */
};
#define ENFORCE_MAX_BANS	262144	/* the default */
#define ENFORCE_SIP_SOURCES	131072
#define ENFORCE_SIP_SKETCH_BITS	18

/* Close descriptors; what is pinned goes on enforcing.  NULL is fine. */
void enforcer_close(struct enforcer *e);
const char *enforcer_name(const struct enforcer *e);	/* "xdp", "nftables" ... */
/* Must others see to the ends of bans: does the kernel not? */
bool enforcer_forgets(const struct enforcer *e);
/* Does it need CAP_NET_ADMIN, and CAP_NET_RAW, as long as it is open? */
bool enforcer_needs_net_admin(const struct enforcer *e);
bool enforcer_needs_net_raw(const struct enforcer *e);
/* Does it start programs, which write where they like? */
bool enforcer_starts_programs(const struct enforcer *e);
/* And CAP_BPF, as XDP does before kernel 5.19?  Found out by going without. */
bool enforcer_needs_bpf(const struct enforcer *e);

/* ---- bans ------------------------------------------------------------------- */

/*
 * The number to use as enforce_end.scope for @s; equal scopes have one number.
 * It is good for the life of @e.  -ENOSPC: too many different ones.
 */
int enforcer_scope(struct enforcer *e, const struct enforce_scope *s);
/* What a scope number means; -ENOENT.  Logs nothing. */
int enforcer_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out);

/*
 * From now on exactly these ends are enforced for these addresses; a ban with
 * n == 0 is lifted.  Counters of an address that was banned before go on.
 * Many at once cost a third of one by one.  On an error all that is possible
 * has been done; -ENOSPC: more networks than fit.
 */
int enforcer_add(struct enforcer *e, const struct enforce_ban *bans, size_t n);
/* Addresses and networks that are never dropped; replaces the earlier list. */
int enforcer_allow(struct enforcer *e, const struct ipaddr *who, size_t n);

/* The bans as they should be; both functions fill in @out. */
struct enforce_truth {
	void *ctx;
	/* What should be enforced for exactly @who; false: nothing. */
	bool (*find)(void *ctx, const struct ipaddr *who, struct enforce_ban *out);
	/* The next address; start with *cursor == 0; false at the end. */
	bool (*next)(void *ctx, size_t *cursor, struct enforce_ban *out);
	/* How many there are.  NULL: nobody knows, which costs time, not bans. */
	size_t (*count)(void *ctx);
	/* There may be more bans than these: what is not among them stays. */
	bool partial;
};

struct enforce_repairs {
	uint64_t checked;	/* what was found in the kernel */
	uint64_t missing;	/* put back */
	uint64_t changed;	/* had another end or scope */
	uint64_t foreign;	/* not of the store: taken out */
	uint64_t expired;	/* ended, and cleared away: nothing was wrong */
	uint64_t other;		/* scopes, allowlist, pins */
};
void enforce_repairs_add(struct enforce_repairs *sum, const struct enforce_repairs *r);
/*
 * Compare the kernel's copy with the truth and repair it.  Ends that differ by
 * less than a second are left alone.  One pass takes a million bans most of a
 * second, or many on a slow machine: each step asks @clock (boot_now) anew, since
 * packet filters say how long a ban still lasts, and that is later every time.
 * @out may be NULL; it also counts when an error is given.
 */
typedef boot_t enforce_clock_fn(void);
int enforcer_resync(struct enforcer *e, const struct enforce_truth *truth,
		    enforce_clock_fn *clock, struct enforce_repairs *out);
/*
 * The same in steps of about a millisecond, between which bans may come and go:
 * a step begins a pass when none is under way.  1: there is more to do; 0: the
 * pass is complete, or -errno: it has ended too, but not everything is repaired.
 * *@out is what this step did.  @now is the time of the call: one from before
 * something that took seconds makes right ends look wrong.
 */
int enforcer_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
			 struct enforce_repairs *out);
/*
 * Would a pass soon make it faster?  So many bans have come since the last one.
 * False while a pass is under way.
 */
bool enforcer_wants_resync(const struct enforcer *e);

/* ---- what happened ---------------------------------------------------------- */

struct enforce_hits {
	uint64_t frames, bytes;		/* dropped */
	boot_t last_seen;		/* to 4.3 s; 0: never, or only XDP knows */
};
/* Hits of exactly this address; -ENOENT: not banned.  Logs nothing. */
int enforcer_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		  struct enforce_hits *out);

/* One entry of the kernel; an address with several scopes may have two. */
struct enforce_entry {
	struct enforce_ban ban;
	struct enforce_hits hits;
};
/* Call @fn for every entry, ended ones too, until it gives something else than 0. */
typedef int enforce_entry_fn(void *ctx, const struct enforce_entry *entry);
int enforcer_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx);

/* Why packets passed or were dropped, since the maps were made. */
#define ENFORCE_TOTALS	16
struct enforce_total {
	const char *reason;	/* "pass-not-banned", "drop-host", ... */
	bool dropped;
	uint64_t frames, bytes;
};
struct enforce_stats {
	size_t n_totals;
	struct enforce_total totals[ENFORCE_TOTALS];
	uint32_t max_bans4, max_bans6;	/* how many are safe from eviction */
	uint32_t nets4, nets6, allow4, allow6;	/* entries now */
};
int enforcer_stats(struct enforcer *e, struct enforce_stats *out);
