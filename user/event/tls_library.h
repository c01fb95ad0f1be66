/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls_library - GnuTLS, loaded when the first one needs it.
 * With what it brings along it is 2.3 MB of memory, and hardly any daemon talks
 * to an Asterisk over TLS.  Private to tls.c.
 */
#pragma once
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define TLS_LIBRARY	"libgnutls.so.30"

/* All that we call; each has the type that the library's headers give it. */
#define TLS_FUNCTIONS(F) \
	F(bye) \
	F(certificate_allocate_credentials) \
	F(certificate_free_credentials) \
	F(certificate_get_peers) \
	F(certificate_set_x509_system_trust) \
	F(certificate_set_x509_trust_file) \
	F(certificate_verification_status_print) \
	F(certificate_verify_peers3) \
	F(credentials_set) \
	F(deinit) \
	F(error_is_fatal) \
	F(fingerprint) \
	F(handshake) \
	F(hash_fast) \
	F(init) \
	F(record_check_pending) \
	F(record_get_direction) \
	F(record_recv) \
	F(record_send) \
	F(server_name_set) \
	F(session_get_ptr) \
	F(session_set_ptr) \
	F(session_set_verify_function) \
	F(set_default_priority) \
	F(strerror) \
	F(transport_set_int2)

struct tls_library {
#define F(name) __typeof__(gnutls_##name) *name;
	TLS_FUNCTIONS(F)
#undef F
	gnutls_free_function *free;	/* a variable of the library's */
};

/* 0, or -ELIBACC: it is not there, or lacks something.  It stays loaded. */
int tls_library_load(struct tls_library *l);
