/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream - one connection to a server, TCP with or without TLS, inside the loop.
 * Nothing blocks.  What is to be sent waits in a buffer with a cap; a connection
 * whose far end is gone without a word is found by the kernel (TCP_USER_TIMEOUT)
 * or by its owner.  Knows nothing of what is said.
 */
#pragma once
#include "base/ipaddr.h"
#include "base/loop.h"

#define STREAM_OUT_MAX	(64u << 10)	/* bytes waiting to be sent */
#define STREAM_READ	(16u << 10)	/* bytes handed over at a time */
#define STREAM_TURN	(256u << 10)	/* of them before others have a turn */

/* How the far end must prove who it is; strings are borrowed for stream_open(). */
struct stream_tls {
	const char *name;	/* host name or address in its certificate */
	const char *ca_file;	/* PEM; NULL: what the system trusts */
	/*
	 * SHA-256 of the certificate, hex, colons allowed.  Then only this counts:
	 * neither name nor issuer.  NULL: not used.
	 */
	const char *fingerprint;
};

/* None of these may call stream_close(). */
struct stream_ops {
	/* Connected, and with TLS the far end is who it should be. */
	void (*open)(void *ctx);
	/* The next bytes.  NULL, or why the connection must end. */
	const char *(*bytes)(void *ctx, const char *data, size_t len);
	/* It is over, and the socket closed; what is left goes with stream_close(). */
	void (*over)(void *ctx, const char *why);
};

struct stream;

/*
 * Begin to connect.  @tls NULL: in the clear.  @ops and @ctx are borrowed.  0 or
 * -errno; -EINVAL with @why (may be NULL): the CA file or fingerprint is no good.
 */
int stream_open(struct stream **out, struct loop *loop, const struct ipaddr *to,
		uint16_t port, const struct stream_tls *tls,
		const struct stream_ops *ops, void *ctx, const char **why);
/* 0, or -ENOSPC: more waits than STREAM_OUT_MAX. */
int stream_write(struct stream *s, const char *data, size_t len);
void stream_close(struct stream *s);		/* NULL is fine */

/* True for 64 hex digits, in pairs with or without colons between. */
bool stream_fingerprint_ok(const char *text);
/* Is there a library for TLS and MD5? */
bool stream_secrets_ok(void);
/* The MD5 of @len bytes in hex, as old protocols want it: 0 or -EOPNOTSUPP. */
int stream_md5(const void *data, size_t len, char out[static 33]);
