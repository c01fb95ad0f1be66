// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hmap.h"

void trust_reading_fini(struct trust_reading *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->entries[i].name);
	for (size_t i = 0; i < r->n_files; i++)
		free(r->files[i]);
	for (size_t i = 0; i < r->n_dirs; i++)
		free(r->dirs[i]);
	free(r->entries);
	free(r->files);
	free(r->dirs);
	diag_fini(&r->problems);
	*r = (struct trust_reading){ 0 };
}

bool trust_may(struct trust_reading *r, uint64_t steps)
{
	if (r->work + steps > TRUST_MAX_WORK) {
		r->work = TRUST_MAX_WORK;
		r->refused++;
		return false;
	}
	r->work += steps;
	return true;
}

/* ---- what is odd ------------------------------------------------------------- */

const char *trust_quote(const char *text, char buf[static TRUST_QUOTE])
{
	size_t n = 0;

	for (; text[n] && n < TRUST_QUOTE - 1; n++)
		buf[n] = isprint((unsigned char)text[n]) ? text[n] : '?';
	buf[n] = '\0';
	return buf;
}

void trust_warn(struct trust_reading *r, const char *file, int line, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (r->problems.n >= TRUST_MAX_PROBLEMS) {
		r->refused++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_add(&r->problems, DIAG_WARNING, file, line, "%s", text);
}

/* ---- entries ----------------------------------------------------------------- */

static void append(struct trust_reading *r, const struct trust_place *at,
		   const struct trust_peer *peer, bool kept)
{
	size_t size = r->size ? r->size * 2 : 16;
	struct trust_entry *v = r->entries;
	char *name;

	if (r->n >= TRUST_MAX_ENTRIES) {
		r->refused++;
		return;
	}
	if (r->n == r->size) {
		v = realloc(v, size * sizeof(*v));
		if (!v) {
			r->err = -ENOMEM;
			return;
		}
		r->entries = v;
		r->size = size;
	}
	name = strdup(at->name ? at->name : "");
	if (!name) {
		r->err = -ENOMEM;
		return;
	}
	r->entries[r->n++] = (struct trust_entry){
		.peer = *peer, .role = at->role, .name = name,
		.file = at->file, .line = at->line, .kept = kept,
	};
}

enum { LAN4 = 24, LAN6 = 64 };	/* a private network wider than that is not one trunk */

/* Why @net is nobody to be trusted; NULL: nothing speaks against it. */
static const char *objection(const struct trust_reading *r, const struct ipaddr *net)
{
	unsigned int least = net->family == 4 ? r->limits.prefix4 : r->limits.prefix6;
	unsigned int lan = net->family == 4 ? LAN4 : LAN6;

	if (net->prefix < least)
		return "is too wide to be trusted";
	if (trust_is_nobody(net))
		return "is nobody's address";
	if (net->prefix < lan && trust_is_private(net) && !r->deliberate)
		return "is a private network: phones, not a trunk";
	return NULL;
}

static void add_peer(struct trust_reading *r, const struct trust_place *at,
		     const struct trust_peer *peer, const char *text)
{
	const char *why = peer->net.family ? objection(r, &peer->net) : NULL;
	char quoted[TRUST_QUOTE];

	if (why)
		trust_warn(r, at->file, at->line, "%s: \"%s\" %s", at->role,
			   trust_quote(text, quoted), why);
	else
		append(r, at, peer, false);
}

void trust_add(struct trust_reading *r, const struct trust_place *at, const char *text)
{
	struct trust_peer peer;
	char quoted[TRUST_QUOTE];

	if (trust_peer_parse(text, strlen(text), &peer))
		trust_warn(r, at->file, at->line, "%s: \"%s\" is no address, network or "
			   "host name", at->role, trust_quote(text, quoted));
	else
		add_peer(r, at, &peer, text);
}

void trust_add_masked(struct trust_reading *r, const struct trust_place *at,
		      const char *text, const char *length)
{
	char net[IPADDR_TEXT + 8];
	struct ipaddr addr;

	if (!*length || strlen(text) >= IPADDR_TEXT || strlen(length) > 3 ||
	    ipaddr_parse(text, strlen(text), &addr)) {
		trust_add(r, at, text);
		return;
	}
	snprintf(net, sizeof(net), "%s/%s", text, length);
	trust_add(r, at, net);
}

void trust_add_list(struct trust_reading *r, const struct trust_place *at,
		    const char *text, const char *separators)
{
	char *copy = strdup(text), *save = NULL;

	if (!copy) {
		r->err = -ENOMEM;
		return;
	}
	for (char *word = strtok_r(copy, separators, &save); word;
	     word = strtok_r(NULL, separators, &save))
		if (word[strspn(word, " \t\r\n")])
			trust_add(r, at, word);
	free(copy);
}

void trust_add_reach(struct trust_reading *r, const struct trust_place *at,
		     const struct ipaddr *net)
{
	struct trust_peer peer = { .net = *net };
	char text[IPADDR_TEXT];

	if (trust_is_private(net))
		r->local++;
	else
		add_peer(r, at, &peer, ipaddr_format(net, text));
}

/* ---- what an unreadable file said before -------------------------------------- */

/* The entries of a reading, to be found by what they say. */
struct index {
	struct hmap map;		/* its nodes are in @v */
	struct indexed { struct hmap_node node; const struct trust_entry *e; } *v;
};

static uint64_t hash_entry(const struct hmap *m, const struct trust_entry *e)
{
	uint64_t parts[] = {
		hmap_hash(m, &e->peer.net, sizeof(e->peer.net)),
		hmap_hash(m, e->peer.host, strlen(e->peer.host)),
		hmap_hash(m, e->name, strlen(e->name)),
	};

	return hmap_hash(m, parts, sizeof(parts));
}

static int index_init(struct index *x, const struct trust_reading *r)
{
	x->v = calloc(r->n + 1, sizeof(*x->v));
	if (hmap_init(&x->map) || !x->v)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++) {
		x->v[i].e = &r->entries[i];
		hmap_insert(&x->map, &x->v[i].node, hash_entry(&x->map, &r->entries[i]));
	}
	return 0;
}

static bool has(const struct index *x, const struct trust_entry *e)
{
	struct hmap_node *node = hmap_first(&x->map, hash_entry(&x->map, e));

	for (; node; node = hmap_next(node)) {
		const struct trust_entry *i = container_of(node, struct indexed, node)->e;

		if (trust_peer_equal(&i->peer, &e->peer) && streq(i->role, e->role) &&
		    streq(i->name, e->name))
			return true;
	}
	return false;
}

static const char *own_file(struct trust_reading *r, const char *path)
{
	char **v;

	for (size_t i = 0; i < r->n_files; i++)
		if (streq(r->files[i], path))
			return r->files[i];
	v = realloc(r->files, (r->n_files + 1) * sizeof(*v));
	if (!v)
		return NULL;
	r->files = v;
	v[r->n_files] = strdup(path);
	return v[r->n_files] ? v[r->n_files++] : NULL;
}

/* Those that are missing are told apart first: appending moves the entries. */
static void keep_missing(struct trust_reading *r, const struct trust_reading *old,
			 bool *missing)
{
	struct index x = { 0 };

	r->err = index_init(&x, r);
	for (size_t i = 0; i < old->n && !r->err; i++)
		missing[i] = !has(&x, &old->entries[i]);
	hmap_fini(&x.map);
	free(x.v);
	for (size_t i = 0; i < old->n && !r->err; i++) {
		const struct trust_entry *e = &old->entries[i];
		struct trust_place at = { NULL, e->line, e->role, e->name };

		if (!missing[i])
			continue;
		at.file = own_file(r, e->file);
		if (at.file)
			append(r, &at, &e->peer, true);
		else
			r->err = -ENOMEM;
	}
}

void trust_keep(struct trust_reading *r, const struct trust_reading *old)
{
	bool *missing = calloc(old->n + 1, sizeof(*missing));

	if (!missing)
		r->err = -ENOMEM;
	else if (!r->err)
		keep_missing(r, old, missing);
	free(missing);
}
