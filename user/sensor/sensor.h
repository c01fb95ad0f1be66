/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sensor - user space's handle of the SIP sensor in the packet program: who is
 * trusted, known or limited, how much the others may send, what they sent and
 * what the server answered them.  Knows addresses, limits and messages as bytes;
 * not who should have which standing, nor what a message means.
 *
 * The sensor is part of the XDP backend: it is there if enforcer_params asked
 * for it when the enforcer was opened (or if it is pinned already and nobody
 * asked), and if the kernel can (ring buffers: 5.8).  It goes on without us.
 * Everything here but opening works with the descriptors alone, so without
 * capabilities.  Functions give 0 or -errno; opening logs why, others do not.
 */
#pragma once
#include "base/clock.h"
#include "base/ipaddr.h"
#include "xdpban/sip_abi.h"

struct enforcer;
struct sensor;

/* ---- life -------------------------------------------------------------------------- */

/*
 * The sensor of @e, which may be closed before it.  -ENOENT: @e was opened without
 * one, or the kernel has no ring buffers; -EOPNOTSUPP: @e is another backend.
 */
int sensor_open(struct sensor **out, struct enforcer *e);
void sensor_close(struct sensor *s);		/* NULL is fine */

/* ---- settings ------------------------------------------------------------------------ */

/* So many messages a second, on average; so many at once.  per_s 0: no limit. */
struct sensor_rate {
	double per_s;
	uint32_t burst;
};

struct sensor_ports {
	uint16_t first, last;
};

#define SENSOR_PORTS	32
struct sensor_settings {
	struct sensor_ports ports[SENSOR_PORTS];	/* UDP and TCP */
	size_t n_ports;
	struct sensor_rate source[SIP_BUCKETS];	/* each unknown source */
	struct sensor_rate all[SIP_BUCKETS];	/* all unknown sources together */
	struct sensor_rate known, penalty;	/* each of them, all classes together */
};
/* What a PBX with phones and trunks needs; ports 5060 and 5061. */
void sensor_defaults(struct sensor_settings *out);
/* From the next message on.  -EINVAL: a rate or port that cannot be. */
int sensor_configure(struct sensor *s, const struct sensor_settings *set);

/* Until @until nobody but trusted and known sources speaks SIP; 0 ends it. */
int sensor_siege(struct sensor *s, boot_t until);

struct sensor_signature {
	const char *text;		/* 1 to SIP_SIGNATURE_LEN bytes, case does not matter */
	enum sip_where where;
	enum sip_action action;
};
/*
 * Instead of those before; counts begin at 0.  -E2BIG: more than SIP_SIGNATURES;
 * -EINVAL: one that cannot be, and all stays as it was.
 */
int sensor_signatures(struct sensor *s, const struct sensor_signature *list, size_t n);
/* Messages that had signature @i, by its place in the list. */
uint64_t sensor_signature_found(struct sensor *s, size_t i);

/* ---- standing ------------------------------------------------------------------------- */

/*
 * Exactly these addresses and networks are trusted, instead of those before;
 * addresses stop being anything else.  At most half of the room for addresses,
 * SIP_NETS_MAX networks: -ENOSPC, and then what fits is trusted.
 * The allowlist must be in it: the packet program asks that only for the banned.
 */
int sensor_trust(struct sensor *s, const struct ipaddr *who, size_t n);

struct sensor_entry {
	struct ipaddr who;		/* an address; a network is -EINVAL */
	enum sip_standing standing;	/* SIP_KNOWN or SIP_PENALTY */
	boot_t until;			/* BOOT_NEVER is fine */
	/* SIP_KNOWN: nothing of it is reported until then; 0: everything is. */
	boot_t quiet_until;
};
/*
 * From now on these have this standing, instead of one they had; who is trusted
 * stays so.  Counters and buckets go on.  All that is possible is done;
 * -ENOSPC: no room (penalties have half of it at most, so that a flood of them
 * leaves room for the known).
 */
int sensor_set(struct sensor *s, const struct sensor_entry *entries, size_t n);
/* These are unknown again, unless trusted; those that are not there are fine. */
int sensor_unset(struct sensor *s, const struct ipaddr *who, size_t n);

struct sensor_source {
	struct ipaddr who;		/* a network: only if trusted */
	enum sip_standing standing;	/* SIP_UNKNOWN: it is in no map, or has ended */
	boot_t until, quiet_until;
	uint64_t passed, limited;	/* messages; 0 for networks */
};
/* The standing of an address, by networks too.  -EINVAL for a network. */
int sensor_find(struct sensor *s, const struct ipaddr *who, boot_t now,
		struct sensor_source *out);
/* Every entry, ended ones too (SIP_UNKNOWN), until @fn gives something else than 0. */
typedef int sensor_source_fn(void *ctx, const struct sensor_source *source);
int sensor_each(struct sensor *s, boot_t now, sensor_source_fn *fn, void *ctx);
/*
 * Clear away what has ended, a step of about a millisecond at a time: 1: there is
 * more to do, 0: that was all.
 */
int sensor_sweep(struct sensor *s, boot_t now);

/* ---- messages -------------------------------------------------------------------------- */

struct sensor_event {
	boot_t when;
	struct ipaddr peer;		/* the far end */
	uint16_t peer_port, our_port;
	uint8_t protocol;		/* IPPROTO_UDP, IPPROTO_TCP */
	bool out;			/* our server sent it */
	enum sip_class class;
	enum sip_verdict verdict;	/* of what came in */
	enum sip_standing standing;	/* of the peer, when it was seen */
	int signature;			/* its number, or -1 */
	unsigned int status;		/* of a response that we sent; else 0 */
	size_t wire_len;		/* of the message */
	const char *text;		/* its beginning: hostile, no NUL behind it */
	size_t len;
};
typedef void sensor_event_fn(void *ctx, const struct sensor_event *ev);

/* Readable when there are events; level-triggered; the sensor's own. */
int sensor_fd(const struct sensor *s);
/*
 * The caller will read at @when, so nothing that is shown until then makes the
 * descriptor readable for who waits.  A time that has gone: everything does.
 */
void sensor_reads_at(struct sensor *s, boot_t when);
/* Give at most about @max of them to @fn; how many were given, or -errno. */
int sensor_read(struct sensor *s, size_t max, sensor_event_fn *fn, void *ctx);

/* ---- counters -------------------------------------------------------------------------- */

struct sensor_counts {
	uint64_t messages[SIP_CLASSES][SIP_VERDICTS];
	uint64_t dropped_bytes;
	uint64_t answers;		/* sent by the server, and looked at */
	uint64_t events, events_lost;	/* shown to user space; the ring was full */
	uint32_t sources, max_sources;	/* in the table: trusted, known, penalty */
	uint32_t nets;
};
int sensor_counts(struct sensor *s, struct sensor_counts *out);
/* Of all classes, by any verdict from @first to @last: passed, dropped, ... */
uint64_t sensor_sum(const struct sensor_counts *c, enum sip_verdict first,
		    enum sip_verdict last);
/* "register", "invite" ...; "drop-source", "pass-known" ...; "trusted" ... */
const char *sensor_class_name(enum sip_class c);
const char *sensor_verdict_name(enum sip_verdict v);
const char *sensor_standing_name(enum sip_standing st);

/* Who was limited most; found by sampling, so small ones may be missing. */
struct sensor_heavy {
	struct ipaddr who;
	uint64_t messages, bytes;	/* about */
	boot_t last;
};
/* The first @max of them, most messages first; how many, or -errno. */
int sensor_heavy(struct sensor *s, struct sensor_heavy *out, size_t max);
