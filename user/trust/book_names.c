// SPDX-License-Identifier: GPL-2.0-or-later
/* book, its names: what they are, when to ask again, and how they survive a restart. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "book_private.h"

/* ---- finding ------------------------------------------------------------------ */

static uint64_t hash_name(const struct trust_book *b, const char *host, bool srv)
{
	return hmap_hash(&b->by_name, host, strlen(host)) ^ srv;
}

static struct named *find(const struct trust_book *b, const char *host, bool srv)
{
	struct hmap_node *node = hmap_first(&b->by_name, hash_name(b, host, srv));

	for (; node; node = hmap_next(node)) {
		struct named *n = container_of(node, struct named, node);

		if (n->pub.srv == srv && streq(n->pub.host, host))
			return n;
	}
	return NULL;
}

static struct named *add(struct trust_book *b, const char *host, bool srv)
{
	struct named *n = b->n_names < TRUST_MAX_NAMES ? calloc(1, sizeof(*n)) : NULL;

	if (!n) {
		b->refused++;
		return NULL;
	}
	snprintf(n->pub.host, sizeof(n->pub.host), "%s", host);
	n->pub.srv = srv;
	n->pub.next = b->names;
	b->names = &n->pub;
	b->n_names++;
	hmap_insert(&b->by_name, &n->node, hash_name(b, host, srv));
	return n;
}

const struct trust_name *trust_book_name(const struct trust_book *b,
					 const struct trust_entry *e)
{
	struct named *n = e->peer.net.family ? NULL : find(b, e->peer.host, e->peer.srv);

	return n ? &n->pub : NULL;
}

uint64_t trust_book_refused(const struct trust_book *b)
{
	return b->refused;
}

static void drop_unwanted(struct trust_book *b)
{
	struct trust_name **p = &b->names, *n;

	while ((n = *p)) {
		if (n->wanted) {
			p = &n->next;
			continue;
		}
		*p = n->next;
		hmap_remove(&b->by_name, &named_of(n)->node);
		b->n_names--;
		free(named_of(n));
	}
}

/* Old names go first, so that a full book has room for the new ones. */
void book_want_names(struct trust_book *b)
{
	b->refused = 0;
	for (struct trust_name *n = b->names; n; n = n->next)
		n->wanted = false;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < b->n; i++) {
			const struct trust_reading *r = &b->places[i].reading;

			for (size_t k = 0; k < r->n; k++) {
				const struct trust_peer *p = &r->entries[k].peer;
				struct named *n = p->net.family ? NULL :
						  find(b, p->host, p->srv);

				if (!n && pass && !p->net.family)
					n = add(b, p->host, p->srv);
				if (n)
					n->pub.wanted = true;
			}
		}
		if (!pass)
			drop_unwanted(b);
	}
}

const struct trust_name *trust_book_names(const struct trust_book *b)
{
	return b->names;
}

/* ---- asking -------------------------------------------------------------------- */

const struct trust_name *trust_book_ask(struct trust_book *b, boot_t now)
{
	for (struct trust_name *n = b->names; n; n = n->next) {
		if (n->asking || n->due.ns > now.ns)
			continue;
		n->asking = true;
		return n;
	}
	return NULL;
}

boot_t trust_book_due(const struct trust_book *b)
{
	boot_t due = BOOT_NEVER;

	for (const struct trust_name *n = b->names; n; n = n->next)
		if (!n->asking && n->due.ns < due.ns)
			due = n->due;
	return due;
}

void trust_book_put_off(struct trust_book *b, const char *host, bool srv, boot_t now)
{
	struct named *n = find(b, host, srv);

	if (!n)
		return;
	n->pub.asking = false;
	n->pub.due.ns = now.ns + NS_PER_S;
}

/* ---- answers ------------------------------------------------------------------- */

static struct trust_addr *find_addr(struct trust_name *n, const struct ipaddr *a)
{
	for (size_t i = 0; i < n->n; i++)
		if (ipaddr_equal(&n->addrs[i].addr, a))
			return &n->addrs[i];
	return NULL;
}

static struct trust_addr *oldest(struct trust_name *n)
{
	struct trust_addr *old = n->addrs;

	for (size_t i = 1; i < n->n; i++)
		if (n->addrs[i].seen.us < old->seen.us)
			old = &n->addrs[i];
	return old;
}

/* True: it is new. */
static bool note_addr(struct trust_name *n, const struct ipaddr *a, wall_t seen)
{
	struct trust_addr *at = find_addr(n, a);
	bool new = !at;

	if (trust_is_nobody(a))
		return false;
	if (!at)
		at = n->n < TRUST_MAX_ADDRS ? &n->addrs[n->n++] : oldest(n);
	*at = (struct trust_addr){ *a, seen };
	return new;
}

/* A clock that was set back makes addresses look young, which is harmless. */
static bool forget_old(struct trust_name *n, wall_t now)
{
	size_t kept = 0, before = n->n;

	for (size_t i = 0; i < n->n; i++)
		if (now.us - n->addrs[i].seen.us < TRUST_LINGER_US)
			n->addrs[kept++] = n->addrs[i];
	n->n = kept;
	return kept != before;
}

static uint64_t wait_ns(const struct trust_answer *a)
{
	unsigned int s = a->ttl_s;

	if (!a->n || !a->complete)
		s = TRUST_RETRY_S;
	else if (s < TRUST_TTL_MIN_S)
		s = TRUST_TTL_MIN_S;
	else if (s > TRUST_TTL_MAX_S)
		s = TRUST_TTL_MAX_S;
	return s * NS_PER_S;
}

bool trust_book_answer(struct trust_book *b, const char *host, bool srv,
		       const struct trust_answer *a, boot_t now, wall_t wall)
{
	struct named *found = find(b, host, srv);
	struct trust_name *n = found ? &found->pub : NULL;
	bool changed = false;

	if (!n)
		return false;
	n->asking = false;
	n->failed = !a->n || !a->complete;
	n->tried = wall;
	n->due.ns = now.ns + wait_ns(a);
	if (!a->n)
		return false;
	n->answered = wall;
	for (size_t i = 0; i < a->n; i++)
		changed |= note_addr(n, &a->addrs[i], wall);
	/* Who did not answer might have named those that are missing. */
	if (a->complete)
		changed |= forget_old(n, wall);
	return changed;
}

/* ---- across restarts -------------------------------------------------------------- */

/*
 * HOST srv|host ANSWERED [ADDRESS@SEEN]..., times in seconds since 1970.  For
 * people too, who may want to know what it was.
 */
void trust_book_save(const struct trust_book *b, struct str *out)
{
	char addr[IPADDR_TEXT];

	str_puts(out, "");
	for (const struct trust_name *n = b->names; n; n = n->next) {
		if (!n->n)
			continue;
		str_printf(out, "%s %s %lld", n->host, n->srv ? "srv" : "host",
			   (long long)(n->answered.us / US_PER_S));
		for (size_t i = 0; i < n->n; i++)
			str_printf(out, " %s@%lld", ipaddr_format(&n->addrs[i].addr, addr),
				   (long long)(n->addrs[i].seen.us / US_PER_S));
		str_putc(out, '\n');
	}
}

static bool take_time(const char *s, wall_t *out)
{
	char *end;
	long long v = strtoll(s, &end, 10);

	if (end == s || *end || v < 0 || v > INT64_MAX / US_PER_S)
		return false;
	out->us = v * US_PER_S;
	return true;
}

static void load_addr(struct trust_name *n, char *word)
{
	char *at = strchr(word, '@');
	struct ipaddr a;
	wall_t seen;

	if (!at)
		return;
	*at = '\0';
	if (!ipaddr_parse(word, strlen(word), &a) && take_time(at + 1, &seen))
		note_addr(n, &a, seen);
}

static void load_line(struct trust_book *b, char *line)
{
	char *save = NULL, *host = strtok_r(line, " ", &save);
	char *how = strtok_r(NULL, " ", &save), *when = strtok_r(NULL, " ", &save);
	struct named *n = when ? find(b, host, streq(how, "srv")) : NULL;

	/* What has been asked for since is better. */
	if (!n || n->pub.n || !take_time(when, &n->pub.answered))
		return;
	for (char *w = strtok_r(NULL, " ", &save); w; w = strtok_r(NULL, " ", &save))
		load_addr(&n->pub, w);
}

void trust_book_load(struct trust_book *b, const char *text, size_t len)
{
	char *copy = strndup(text, len), *save = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		load_line(b, line);
	free(copy);
}
