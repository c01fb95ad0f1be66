// SPDX-License-Identifier: GPL-2.0-or-later
#include "resolve_sip.h"

#include <ares.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_NAME = 256 };

struct sip_question {
	struct resolver *resolver;
	resolve_result_fn *fn;
	void *ctx;
	size_t pending;			/* questions under way, and our own hand */
	size_t services, targets;	/* asked for so far */
	struct ipaddr addrs[RESOLVE_SIP_ADDRS];
	struct resolve_result result;
};

/* ---- counting ------------------------------------------------------------------ */

static void release(struct sip_question *q)
{
	if (--q->pending)
		return;
	q->fn(q->ctx, &q->result);
	free(q);
}

/* A question was handed to the resolver, or it was refused. */
static void asked(struct sip_question *q, int err)
{
	if (!err)
		return;
	q->result.answered = false;
	q->pending--;
}

/* ---- addresses ------------------------------------------------------------------ */

static bool has(const struct sip_question *q, const struct ipaddr *a)
{
	for (size_t i = 0; i < q->result.n; i++)
		if (ipaddr_equal(&q->addrs[i], a))
			return true;
	return false;
}

static void on_addresses(void *ctx, const struct resolve_result *r)
{
	struct sip_question *q = ctx;

	q->result.answered &= r->answered;
	if (r->ttl_s < q->result.ttl_s)
		q->result.ttl_s = r->ttl_s;
	for (size_t i = 0; i < r->n && q->result.n < RESOLVE_SIP_ADDRS; i++)
		if (!has(q, &r->addrs[i]))
			q->addrs[q->result.n++] = r->addrs[i];
	release(q);
}

static void ask_addresses(struct sip_question *q, const char *host)
{
	q->pending++;
	asked(q, resolver_ask_fresh(q->resolver, host, on_addresses, q));
}

/* ---- servers ---------------------------------------------------------------------- */

/* c-ares' newer parsers are not in every distribution; these are in all. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static void on_services(void *ctx, const unsigned char *packet, int len, bool answered)
{
	struct sip_question *q = ctx;
	struct ares_srv_reply *list = NULL;

	q->result.answered &= answered;
	if (packet && ares_parse_srv_reply(packet, len, &list) == ARES_SUCCESS)
		/* A target "." says that there is no such service. */
		for (const struct ares_srv_reply *s = list; s; s = s->next)
			if (*s->host && q->targets++ < RESOLVE_SIP_TARGETS)
				ask_addresses(q, s->host);
	if (list)
		ares_free_data(list);
	release(q);
}

static void ask_services(struct sip_question *q, const char *name)
{
	if (q->services++ >= RESOLVE_SIP_SERVICES)
		return;
	q->pending++;
	asked(q, resolver_ask_packet(q->resolver, name, RESOLVE_SRV, on_services, q));
}

/* Flag "s" leads to SRV records, "a" to addresses (RFC 3403, 3263 4.1). */
static void on_pointers(void *ctx, const unsigned char *packet, int len, bool answered)
{
	struct sip_question *q = ctx;
	struct ares_naptr_reply *list = NULL;

	q->result.answered &= answered;
	if (packet && ares_parse_naptr_reply(packet, len, &list) == ARES_SUCCESS) {
		for (const struct ares_naptr_reply *p = list; p; p = p->next) {
			const char *flags = (const char *)p->flags;

			if (strncasecmp((const char *)p->service, "sip", 3) ||
			    !*p->replacement)
				continue;
			if (!strcasecmp(flags, "s"))
				ask_services(q, p->replacement);
			else if (!strcasecmp(flags, "a") && q->targets++ < RESOLVE_SIP_TARGETS)
				ask_addresses(q, p->replacement);
		}
	}
	if (list)
		ares_free_data(list);
	release(q);
}

#pragma GCC diagnostic pop

/* Most domains have no NAPTR, or one that leads to these names. */
static void ask_domain(struct sip_question *q, const char *host)
{
	static const char *const services[] = { "_sip._udp", "_sip._tcp", "_sips._tcp" };
	char name[MAX_NAME];

	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if ((size_t)snprintf(name, sizeof(name), "%s.%s", services[i], host) <
		    sizeof(name))
			ask_services(q, name);
	q->pending++;
	asked(q, resolver_ask_packet(q->resolver, host, RESOLVE_NAPTR, on_pointers, q));
}

int resolve_sip(struct resolver *r, const char *host, bool srv, resolve_result_fn *fn,
		void *ctx)
{
	struct sip_question *q = calloc(1, sizeof(*q));

	if (!q)
		return -ENOMEM;
	*q = (struct sip_question){
		.resolver = r, .fn = fn, .ctx = ctx, .pending = 1,
		.result = { .ttl_s = UINT_MAX, .answered = true },
	};
	q->result.addrs = q->addrs;
	ask_addresses(q, host);
	if (srv)
		ask_domain(q, host);
	release(q);
	return 0;
}
