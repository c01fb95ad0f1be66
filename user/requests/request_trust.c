// SPDX-License-Identifier: GPL-2.0-or-later
/* trust - who is trusted and where that comes from, what is wrong with it, own ones. */
#include <errno.h>
#include <stdlib.h>

#include "base/jsontext.h"
#include "base/log.h"
#include "pbx/trust.h"
#include "requests/requests_private.h"

/* ---- list ------------------------------------------------------------------------ */

/* A place in the book; it may be read anew between two pieces of the answer. */
struct listing {
	struct daemon *d;
	size_t source, entry;
};

static const char *state_of(const struct trust_entry *e, const struct trust_name *n)
{
	if (e->peer.net.family)
		return e->kept ? "kept" : "ok";
	if (!n)
		return "too many names";
	if (!n->n)
		return n->tried.us ? "unresolved" : "resolving";
	return n->failed ? "last known" : e->kept ? "kept" : "ok";
}

static json_t *row(const struct listing *l, const struct trust_source *s,
		   const struct trust_entry *e, const struct trust_name *n,
		   const struct trust_addr *a)
{
	const struct ipaddr *net = a ? &a->addr : e->peer.net.family ? &e->peer.net : NULL;
	wall_t now = loop_wall(l->d->loop);
	char text[IPADDR_TEXT], name[TRUST_QUOTE];

	return json_pack("{s:s*, s:s*, s:s, s:o, s:s, s:o, s:i, s:s, s:o*}",
		"address", net ? ipaddr_format(net, text) : NULL,
		"host", e->peer.net.family ? NULL : e->peer.host,
		"source", trust_kind_name(s->kind), "role", json_word(e->role),
		"name", trust_quote(e->name, name), "file", json_word(e->file), "line", e->line,
		"state", state_of(e, n), "age", a && now.us >= a->seen.us ?
		json_real((double)(now.us - a->seen.us) / US_PER_S) : NULL);
}

static void add_entry(const struct listing *l, const struct trust_source *s,
		      const struct trust_entry *e, struct ctl_reply *r)
{
	const struct trust_name *n = trust_book_name(trust_known(l->d->trust), e);

	if (!n || !n->n)
		ctl_reply_add(r, row(l, s, e, n, NULL));
	for (size_t i = 0; n && i < n->n; i++)
		ctl_reply_add(r, row(l, s, e, n, &n->addrs[i]));
}

static bool list_more(void *state, struct ctl_reply *r)
{
	struct listing *l = state;
	const struct trust_book *b = trust_known(l->d->trust);

	while (r->out.len < CTL_CHUNK) {
		const struct trust_reading *reading;

		if (l->source >= trust_book_sources(b))
			return false;
		reading = trust_book_reading(b, l->source);
		if (l->entry < reading->n) {
			add_entry(l, trust_book_source(b, l->source),
				  &reading->entries[l->entry++], r);
			continue;
		}
		l->source++;
		l->entry = 0;
	}
	return true;
}

static int list(struct daemon *d, struct ctl_reply *r)
{
	struct listing *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->d = d;
	r->more = list_more;
	r->free_state = free;
	r->state = l;
	return 0;
}

/* ---- check ----------------------------------------------------------------------- */

static int check(struct daemon *d, struct ctl_reply *r)
{
	static const char *const level[] = { "error", "warning", "note" };
	struct diag found = { 0 };

	trust_check(d->trust, loop_wall(d->loop), &found);
	for (size_t i = 0; i < found.n; i++) {
		const struct diag_entry *e = &found.entries[i];

		ctl_reply_add(r, json_pack("{s:s, s:o*, s:i, s:o*}", "level", level[e->level],
					   "file", json_word(e->file), "line", e->line,
					   "text", json_word(e->text)));
	}
	diag_fini(&found);
	return 0;
}

/* ---- add, del -------------------------------------------------------------------- */

static int change(struct daemon *d, const json_t *req, bool add, struct str *why)
{
	const char *peer = request_member(req, "peer");
	int err;

	if (!peer)
		peer = "";
	err = add ? trust_add_own(d->trust, peer, request_member(req, "reason")) :
		    trust_del_own(d->trust, peer);
	if (err == -EINVAL)
		str_printf(why, "'%s' is not an address, network or host name", peer);
	else if (err == -EEXIST)
		str_printf(why, "'%s' is in the list already", peer);
	else if (err == -ENOENT)
		str_printf(why, "'%s' is not in the list; who comes from the PBX's files "
			   "goes when they name him no longer", peer);
	else if (err)
		str_printf(why, "cannot write %s/trusted: %s", d->o->state, strerror(-err));
	return err;
}

/* The operator's own list, which is the last source. */
static const struct trust_reading *own_list(struct daemon *d)
{
	return trust_book_reading(trust_known(d->trust),
				  trust_book_sources(trust_known(d->trust)) - 1);
}

/* Whom the reading refused would stay in the list without being trusted. */
static bool is_refused(struct daemon *d, const char *peer, struct str *why)
{
	const struct trust_reading *own = own_list(d);
	char quoted[TRUST_QUOTE + 2];

	snprintf(quoted, sizeof(quoted), "\"%s\"", peer);
	for (size_t i = 0; i < own->problems.n; i++) {
		const char *text = own->problems.entries[i].text;

		if (text && strstr(text, quoted)) {
			str_puts(why, text);
			return true;
		}
	}
	return false;
}

static int add(struct daemon *d, const json_t *req, struct str *why)
{
	const char *peer = request_member(req, "peer");
	int err = change(d, req, true, why);

	if (!err && is_refused(d, peer, why)) {
		trust_del_own(d->trust, peer);
		err = -EINVAL;
	}
	if (!err)
		log_notice("trust: the operator has added %s", peer);
	return err;
}

static int del(struct daemon *d, const json_t *req, struct str *why)
{
	int err = change(d, req, false, why);

	if (!err)
		log_notice("trust: the operator has taken out %s", request_member(req, "peer"));
	return err;
}

int request_trust(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *what = request_member(req, "what");
	struct daemon *d = ctx;
	int err = -EINVAL;

	if (what && streq(what, "list"))
		return list(d, r);
	if (what && streq(what, "check"))
		return check(d, r);
	if (what && streq(what, "del"))
		return del(d, req, why);
	if (what && streq(what, "add"))
		return add(d, req, why);
	str_puts(why, "trust can be asked to list, check, add or del");
	return err;
}
