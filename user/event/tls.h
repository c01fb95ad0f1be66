/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls - the client's end of TLS on a socket that does not block.
 * The only file that knows the library (GnuTLS), which is loaded with the first
 * call.  A session ends with the first error; whoever asks tls_why() gets words
 * for the operator.
 */
#pragma once
#include <sys/types.h>

#include "base/util.h"

#define TLS_FINGERPRINT	32u	/* bytes of a SHA-256 */

struct stream_tls;
struct tls;

/*
 * 0; -EINVAL with *@why (a constant; @why may be NULL): CA file or fingerprint
 * are no good; -ELIBACC with *@why: there is no library; -ENOMEM.  @fd is borrowed.
 */
int tls_new(struct tls **out, int fd, const struct stream_tls *how, const char **why);
void tls_free(struct tls *t);			/* NULL is fine; says goodbye */
/* 0: done, and the far end is who it should be; -EAGAIN; -EPROTO: see tls_why(). */
int tls_handshake(struct tls *t);
/* The handshake waits to write, not to read. */
bool tls_wants_write(const struct tls *t);
/* Bytes are there that tls_receive() gives without the socket. */
bool tls_pending(const struct tls *t);
/*
 * As send(2) and recv(2), but -EAGAIN, -EPROTO.  After -EAGAIN the next
 * tls_send() must begin with the same bytes.
 */
ssize_t tls_send(struct tls *t, const void *data, size_t len);
ssize_t tls_receive(struct tls *t, void *data, size_t size);
/* Valid until the next call. */
const char *tls_why(const struct tls *t);

/* Can the library be loaded? */
bool tls_available(void);
/* 0 or -EINVAL. */
int tls_fingerprint_parse(const char *text, uint8_t out[static TLS_FINGERPRINT]);
/* 0 or -EOPNOTSUPP: no library, or it has no MD5. */
int tls_md5(const void *data, size_t len, char out[static 33]);
