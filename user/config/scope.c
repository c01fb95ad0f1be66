// SPDX-License-Identifier: GPL-2.0-or-later
#include "scope.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/guess.h"

#define LIST_MAX	256

/* For boxes without /etc/services: what stock jails name, from IANA's list. */
static const struct { const char *name; uint16_t port; } services[] = {
	{ "ftp-data", 20 }, { "ftp", 21 }, { "ssh", 22 }, { "telnet", 23 },
	{ "smtp", 25 }, { "domain", 53 }, { "http", 80 }, { "pop3", 110 },
	{ "imap2", 143 }, { "imap", 143 }, { "imap3", 220 }, { "ldap", 389 },
	{ "https", 443 }, { "submissions", 465 }, { "ssmtp", 465 }, { "smtps", 465 },
	{ "urd", 465 }, { "submission", 587 }, { "ldaps", 636 }, { "domain-s", 853 },
	{ "ftps-data", 989 }, { "ftps", 990 }, { "imaps", 993 }, { "pop3s", 995 },
	{ "socks", 1080 }, { "openvpn", 1194 }, { "ms-sql-s", 1433 },
	{ "mysql", 3306 }, { "rdp", 3389 }, { "ms-wbt-server", 3389 },
	{ "sieve", 4190 }, { "iax", 4569 }, { "sip", 5060 }, { "sip-tls", 5061 },
	{ "xmpp-client", 5222 }, { "postgresql", 5432 }, { "vnc", 5900 },
	{ "webmin", 10000 },
};

static const struct { const char *name; uint8_t number; } protocols[] = {
	{ "icmp", 1 }, { "igmp", 2 }, { "tcp", 6 }, { "udp", 17 }, { "gre", 47 },
	{ "esp", 50 }, { "ah", 51 }, { "icmpv6", 58 }, { "ipv6-icmp", 58 },
	{ "dccp", 33 }, { "sctp", 132 }, { "udplite", 136 },
};

static int reject(struct loader *l, const struct text *t, const char *word, size_t len,
		  const char *what)
{
	struct place at = { t->file, t->line };
	char *copy = pool_strndup(l->pool, word, len), buf[QUOTE_SIZE];
	struct guess g = guess_init(copy ? copy : "");

	for (size_t i = 0; i < ARRAY_SIZE(services) && *what == 'p'; i++)
		guess_try(&g, services[i].name);
	if (g.best)
		loader_error(l, at, "\"%s\" is not a %s (did you mean \"%s\"?)",
			     quote(g.word, buf), what, g.best);
	else
		loader_error(l, at, "\"%s\" is not a %s", quote(g.word, buf), what);
	return -EINVAL;
}

/* A number of at most @max, or -1. */
static int number(const char *s, size_t len, int max)
{
	int v = 0;

	if (!len || len > 5)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = v * 10 + (s[i] - '0');
	}
	return v <= max ? v : -1;
}

static int port_of(const char *s, size_t len)
{
	struct servent *e;
	char name[64];
	int port = number(s, len, 65535);

	if (port >= 0 || !len || len >= sizeof(name))
		return port;
	memcpy(name, s, len);
	name[len] = '\0';
	e = getservbyname(name, NULL);
	if (e)
		return ntohs((uint16_t)e->s_port);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (streq(services[i].name, name))
			return services[i].port;
	return -1;
}

/* "22", "ssh", "80:90", "80-90"; names may hold a "-" themselves. */
static bool parse_ports(const char *s, size_t len, struct config_ports *out)
{
	const char *sep;
	int first = port_of(s, len), last = first;

	if (first < 0) {
		sep = memchr(s, ':', len);
		if (!sep)
			sep = memchr(s, '-', len);
		if (!sep)
			return false;
		first = port_of(s, (size_t)(sep - s));
		last = port_of(sep + 1, (size_t)(s + len - sep - 1));
	}
	if (first < 0 || last < first)
		return false;
	*out = (struct config_ports){ (uint16_t)first, (uint16_t)last };
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct config_ports *x = a, *y = b;

	return x->first != y->first ? x->first - y->first : x->last - y->last;
}

/* Sorted, and what touches or overlaps made one. */
static size_t join_ports(struct config_ports *v, size_t n)
{
	size_t out = 0;

	qsort(v, n, sizeof(*v), by_first);
	for (size_t i = 1; i < n; i++) {
		if (v[i].first <= v[out].last + 1)
			v[out].last = v[i].last > v[out].last ? v[i].last : v[out].last;
		else
			v[++out] = v[i];
	}
	return n ? out + 1 : 0;
}

int scope_set_ports(struct loader *l, struct config_scope *scope, const struct text *t)
{
	struct config_ports *v = pool_array(l->pool, LIST_MAX, sizeof(*v));
	size_t n = 0, len;

	if (!v)
		return loader_nomem(l);
	for (const char *s = t->s ? t->s : ""; *s; s += len) {
		s += strspn(s, ", \t\n{}");
		len = strcspn(s, ", \t\n{}");
		if (!len)
			break;
		if (n == LIST_MAX)
			return reject(l, t, s, len, "port any more: the list is too long");
		if (!parse_ports(s, len, &v[n++]))
			return reject(l, t, s, len, "port, a service or a range first:last");
	}
	n = join_ports(v, n);
	if (n == 1 && v[0].first <= 1 && v[0].last == 65535)
		n = 0;
	scope->ports = v;
	scope->n_ports = n;
	return 0;
}

static int protocol_of(const char *s, size_t len)
{
	struct protoent *e;
	char name[64];
	int p = number(s, len, 255);

	if (p >= 0 || !len || len >= sizeof(name))
		return p;
	memcpy(name, s, len);
	name[len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (streq(protocols[i].name, name))
			return protocols[i].number;
	e = getprotobyname(name);
	return e ? e->p_proto : -1;
}

static bool means_all(const char *s, size_t len)
{
	return (len == 3 && (!memcmp(s, "all", 3) || !memcmp(s, "any", 3))) ||
	       (len == 2 && !memcmp(s, "ip", 2)) || (len == 1 && *s == '0') ||
	       (len == 5 && !memcmp(s, "0-255", 5));
}

/* Into the sorted set. */
static size_t insert_protocol(uint8_t *v, size_t n, uint8_t p)
{
	size_t at = 0;

	while (at < n && v[at] < p)
		at++;
	if (at < n && v[at] == p)
		return n;
	memmove(v + at + 1, v + at, n - at);
	v[at] = p;
	return n + 1;
}

int scope_set_protocols(struct loader *l, struct config_scope *scope, const struct text *t)
{
	uint8_t *v = pool_alloc(l->pool, 257);
	size_t n = 0, len;
	bool all = false;
	int p;

	if (!v)
		return loader_nomem(l);
	for (const char *s = t->s ? t->s : ""; *s; s += len) {
		s += strspn(s, ", \t\n{}");
		len = strcspn(s, ", \t\n{}");
		if (!len)
			break;
		all |= means_all(s, len);
		p = protocol_of(s, len);
		if (p < 0 && !means_all(s, len))
			return reject(l, t, s, len, "protocol");
		if (p >= 0)
			n = insert_protocol(v, n, (uint8_t)p);
	}
	scope->protocols = v;
	scope->n_protocols = all ? 0 : n;
	return 0;
}

void scope_format_ports(const struct config_scope *scope, struct str *out)
{
	for (size_t i = 0; i < scope->n_ports; i++) {
		const struct config_ports *p = &scope->ports[i];

		str_printf(out, p->first == p->last ? "%s%d" : "%s%d:%d", i ? "," : "",
			   p->first, p->last);
	}
}

void scope_format_protocols(const struct config_scope *scope, struct str *out)
{
	for (size_t i = 0; i < scope->n_protocols; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(protocols) &&
		       protocols[k].number != scope->protocols[i])
			k++;
		if (k < ARRAY_SIZE(protocols))
			str_printf(out, "%s%s", i ? "," : "", protocols[k].name);
		else
			str_printf(out, "%s%d", i ? "," : "", scope->protocols[i]);
	}
}
