// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ipaddr.h"
#include "stream.h"
#include "tls_library.h"

struct tls {
	struct tls_library gnutls;
	gnutls_session_t session;
	gnutls_certificate_credentials_t trust;
	char name[256];			/* that the certificate must have */
	bool pinned;
	uint8_t pin[TLS_FINGERPRINT];
	char why[256];
	bool shaken;			/* hands, so that a goodbye is in order */
	bool unsent;			/* the library holds bytes of the last send */
};

/* ---- is it who it should be ------------------------------------------------ */

static int check_pin(struct tls *t)
{
	unsigned int n = 0;
	const gnutls_datum_t *certs = t->gnutls.certificate_get_peers(t->session, &n);
	uint8_t got[TLS_FINGERPRINT];
	size_t len = sizeof(got);

	if (n && !t->gnutls.fingerprint(GNUTLS_DIG_SHA256, &certs[0], got, &len) &&
	    len == sizeof(got) && !memcmp(got, t->pin, len))
		return 0;
	snprintf(t->why, sizeof(t->why), "the server's certificate is not the one with the "
		 "fingerprint that is expected");
	return GNUTLS_E_CERTIFICATE_ERROR;
}

/* Called by the library in the handshake, before anything of ours is sent. */
static int check_peer(gnutls_session_t session)
{
	struct tls_library gnutls;
	unsigned int status = ~0u;
	gnutls_datum_t text;
	struct tls *t;
	int err;

	/* All that is known here is the session. */
	if (tls_library_load(&gnutls))
		return GNUTLS_E_INTERNAL_ERROR;
	t = gnutls.session_get_ptr(session);
	if (t->pinned)
		return check_pin(t);
	err = t->gnutls.certificate_verify_peers3(session, t->name, &status);
	if (!err && !status)
		return 0;
	snprintf(t->why, sizeof(t->why), "the server's certificate cannot be verified");
	if (!err && !t->gnutls.certificate_verification_status_print(status, GNUTLS_CRT_X509,
								  &text, 0)) {
		snprintf(t->why, sizeof(t->why), "%s", (const char *)text.data);
		(*t->gnutls.free)(text.data);
	}
	return GNUTLS_E_CERTIFICATE_ERROR;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

int tls_fingerprint_parse(const char *text, uint8_t out[static TLS_FINGERPRINT])
{
	for (size_t i = 0; i < TLS_FINGERPRINT; i++) {
		if (i && *text == ':')
			text++;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return -EINVAL;
		out[i] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text += 2;
	}
	return *text ? -EINVAL : 0;
}

/* ---- a session ------------------------------------------------------------- */

static int load_trust(struct tls *t, const struct stream_tls *how, const char **why)
{
	int n;

	if (how->fingerprint) {
		t->pinned = true;
		if (!tls_fingerprint_parse(how->fingerprint, t->pin))
			return 0;
		*why = "the fingerprint is not a SHA-256 in hex";
		return -EINVAL;
	}
	n = how->ca_file ? t->gnutls.certificate_set_x509_trust_file(t->trust, how->ca_file,
								  GNUTLS_X509_FMT_PEM) :
			   t->gnutls.certificate_set_x509_system_trust(t->trust);
	if (n > 0 || (!n && !how->ca_file))
		return 0;
	*why = "no CA certificate can be read";
	return -EINVAL;
}

static int set_up(struct tls *t, int fd)
{
	struct ipaddr unused;

	if (t->gnutls.init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) ||
	    t->gnutls.set_default_priority(t->session) ||
	    t->gnutls.credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->trust))
		return -ENOMEM;
	t->gnutls.session_set_ptr(t->session, t);
	t->gnutls.session_set_verify_function(t->session, check_peer);
	t->gnutls.transport_set_int2(t->session, fd, fd);
	/* Only names may be told (RFC 6066, 3). */
	if (ipaddr_parse(t->name, strlen(t->name), &unused))
		t->gnutls.server_name_set(t->session, GNUTLS_NAME_DNS, t->name, strlen(t->name));
	return 0;
}

int tls_new(struct tls **out, int fd, const struct stream_tls *how, const char **why)
{
	struct tls *t = calloc(1, sizeof(*t));
	const char *unused;
	int err;

	if (!t)
		return -ENOMEM;
	snprintf(t->name, sizeof(t->name), "%s", how->name);
	err = tls_library_load(&t->gnutls);
	if (err && why)
		*why = TLS_LIBRARY " is missing, which TLS needs";
	if (!err && t->gnutls.certificate_allocate_credentials(&t->trust))
		err = -ENOMEM;
	if (!err)
		err = load_trust(t, how, why ? why : &unused);
	if (!err)
		err = set_up(t, fd);
	if (err) {
		tls_free(t);
		return err;
	}
	*out = t;
	return 0;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	if (t->session) {
		if (t->shaken)
			t->gnutls.bye(t->session, GNUTLS_SHUT_WR);
		t->gnutls.deinit(t->session);
	}
	if (t->trust)
		t->gnutls.certificate_free_credentials(t->trust);
	free(t);
}

static int result(struct tls *t, ssize_t ret)
{
	if (!t->gnutls.error_is_fatal((int)ret))
		return -EAGAIN;
	if (!*t->why)
		snprintf(t->why, sizeof(t->why), "TLS: %s", t->gnutls.strerror((int)ret));
	return -EPROTO;
}

int tls_handshake(struct tls *t)
{
	int ret;

	do
		ret = t->gnutls.handshake(t->session);
	while (ret < 0 && ret != GNUTLS_E_AGAIN && !t->gnutls.error_is_fatal(ret));
	t->shaken = !ret;
	return ret ? result(t, ret) : 0;
}

bool tls_wants_write(const struct tls *t)
{
	return t->gnutls.record_get_direction(t->session) == 1;
}

bool tls_pending(const struct tls *t)
{
	return t->gnutls.record_check_pending(t->session);
}

ssize_t tls_send(struct tls *t, const void *data, size_t len)
{
	ssize_t n = t->unsent ? t->gnutls.record_send(t->session, NULL, 0) :
				t->gnutls.record_send(t->session, data, len);

	t->unsent = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
	return n < 0 ? result(t, n) : n;
}

ssize_t tls_receive(struct tls *t, void *data, size_t size)
{
	ssize_t n = t->gnutls.record_recv(t->session, data, size);

	/* Servers, Asterisk among them, may just close. */
	if (n == GNUTLS_E_PREMATURE_TERMINATION)
		return 0;
	return n < 0 ? result(t, n) : n;
}

const char *tls_why(const struct tls *t)
{
	return t->why;
}

bool tls_available(void)
{
	struct tls_library unused;

	return !tls_library_load(&unused);
}

int tls_md5(const void *data, size_t len, char out[static 33])
{
	struct tls_library gnutls;
	uint8_t sum[16];

	if (tls_library_load(&gnutls) ||
	    gnutls.hash_fast(GNUTLS_DIG_MD5, data, len, sum))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	return 0;
}
