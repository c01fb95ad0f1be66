// SPDX-License-Identifier: GPL-2.0-or-later
/* The settings that events need: whether they can work, and the reading of some. */
#include <errno.h>
#include <grp.h>
#include <stdlib.h>

#include "event/stream.h"
#include "pbx/events_private.h"

int events_udp_parse(const char *text, struct ipaddr *at, uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	char *end;
	unsigned long n;

	if (!colon || ipaddr_parse(text, (size_t)(colon - text), at))
		return -EINVAL;
	/* "::1:5060" could be read in two ways. */
	if (at->family == 6 && *text != '[')
		return -EINVAL;
	n = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end || !n || n > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

int events_peers(const struct texts *words, struct ipaddr **out, size_t *n)
{
	struct ipaddr *v = calloc(words->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < words->n; i++) {
		if (ipaddr_parse_net(words->v[i].s, strlen(words->v[i].s), &v[i])) {
			free(v);
			return -EINVAL;
		}
	}
	*out = v;
	*n = words->n;
	return 0;
}

int events_group(const char *name, gid_t *gid)
{
	const struct group *g = getgrnam(name);

	if (!g)
		return -ENOENT;
	*gid = g->gr_gid;
	return 0;
}

/* ---- the checks ----------------------------------------------------------------- */

static void check_udp(const struct config_settings *s, struct diag *d)
{
	struct ipaddr at, unused;
	uint16_t port;

	if (s->events_udp.s && events_udp_parse(s->events_udp.s, &at, &port))
		diag_error(d, &s->events_udp, "\"events-udp = %s\": not ADDRESS:PORT",
			   s->events_udp.s);
	for (size_t i = 0; i < s->events_udp_peers.n; i++) {
		const struct text *peer = &s->events_udp_peers.v[i];

		if (ipaddr_parse_net(peer->s, strlen(peer->s), &unused))
			diag_error(d, peer, "\"%s\" in events-udp-peers is not an address "
				   "or network", peer->s);
	}
}

static void check_ami(const struct config_settings *s, struct diag *d)
{
	if (s->ami_tls_fingerprint.s && !stream_fingerprint_ok(s->ami_tls_fingerprint.s))
		diag_error(d, &s->ami_tls_fingerprint, "\"ami-tls-fingerprint = %s\": not the "
			   "64 hex digits of a SHA-256", s->ami_tls_fingerprint.s);
	if (s->ami_host.s && (!s->ami_user.s || !s->ami_secret_file.s))
		diag_error(d, &s->ami_host, "ami-host needs ami-user and ami-secret-file, too");
	if (s->ami_host.s && (s->ami_tls != TRI_NO || s->ami_auth != AMI_AUTH_PLAIN) &&
	    !stream_secrets_ok())
		diag_add(d, DIAG_WARNING, s->ami_host.file, s->ami_host.line,
			 "ami-host needs GnuTLS (libgnutls.so.30), which is not there, for "
			 "TLS and for logging in without sending the password");
}

void events_check(const struct config *c, bool start, struct diag *d)
{
	const struct config_settings *s = &c->settings;
	gid_t gid;

	check_ami(s, d);
	check_udp(s, d);
	if (start && s->events_group.s && events_group(s->events_group.s, &gid))
		diag_error(d, &s->events_group, "\"events-group = %s\": there is no such group",
			   s->events_group.s);
	for (size_t i = 0; i < c->n_jails; i++) {
		const struct config_jail *j = &c->jails[i];

		if (j->enabled && j->loaded && j->backend == LOG_AMI && !s->ami_host.s)
			diag_error(d, &j->where, "jail '%s' has backend = ami, but ami-host "
				   "is not set", j->name);
	}
}
