/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ami - a client of Asterisk's manager interface that listens to security events.
 * Connects, logs in, asks for the class `security`, and stays: a server that is
 * restarted, gone without a word or not there yet is tried again, later each time
 * and never at the same moment as others.  Each event becomes a line
 * (ami_event.h); what jails make of it is for the owner to know.
 *
 * Events are not kept by the server: those of the time without a connection are
 * lost, and how long that was is counted.
 */
#pragma once
#include "base/loop.h"
#include "base/util.h"

struct resolver;
struct ami;

/* Strings are copied. */
struct ami_settings {
	const char *host;		/* address or name */
	uint16_t port;			/* 0: 5038, with TLS 5039 */
	const char *user;
	const char *secret_file;	/* read at each login; only for its owner's eyes */
	/* Without TLS the password's hash and all events are in the clear. */
	/* AUTO: unless loopback */
	enum ami_tls { AMI_TLS_AUTO, AMI_TLS_YES, AMI_TLS_NO } tls;
	const char *ca_file;		/* NULL: what the system trusts */
	const char *fingerprint;	/* SHA-256 of the certificate; NULL: not pinned */
	bool plain_login;		/* send the secret itself, not its MD5 */
};

/* An event, without line end, that happened about now. */
typedef void ami_line_fn(void *ctx, const char *text, size_t len);

/* 0 or -ENOMEM.  @loop, @resolver, @ctx: borrowed.  Connects from the loop. */
int ami_new(struct ami **out, struct loop *loop, struct resolver *resolver,
	    const struct ami_settings *settings, ami_line_fn *line, void *ctx);
void ami_free(struct ami *a);			/* NULL is fine */

/* The same server and login: a reload can leave the connection alone. */
bool ami_settings_equal(const struct ami *a, const struct ami_settings *settings);

/* Somebody may have mended what was wrong: if it waits to try again, it tries now. */
void ami_try_now(struct ami *a);

enum ami_state {
	AMI_WAITING,		/* until it is time to try again; see why */
	AMI_CONNECTING,		/* to the answer to our login */
	AMI_LIVE,
};

struct ami_stats {
	enum ami_state state;
	const char *name;	/* "ami HOST:PORT" */
	const char *why;	/* of the last failure; "" when there was none */
	uint64_t retry_ns;	/* until the next try, if waiting */
	uint64_t down_ns;	/* since it was live, 0: it is */
	uint64_t lines;		/* security events handed on */
	uint64_t bytes;		/* of them */
	uint64_t refused;	/* events that somebody tampered with */
	bool doubted;		/* events prove nothing: see ami_event_gives_doubt() */
	uint64_t cut;		/* lines of messages too long to be kept whole */
	uint64_t too_long;	/* messages with too many lines, left out */
	uint64_t other;		/* messages that are no security event */
	uint64_t losses;	/* connections that ended */
	uint64_t lost_ns;	/* time without connection after the first */
};
/* Strings are valid until the next turn of the loop. */
void ami_stats(const struct ami *a, struct ami_stats *out);
