// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft_write - bans and allowed addresses into the sets.
 * What is there is asked first: a transaction that deletes what has just ended
 * would fail as a whole, kernels before 6.12 keep the end of an element that is
 * added again, and its counters must go on.
 */
#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#include "base/log.h"

#define CHUNK		64		/* bans in one transaction */
#define LIST_MAX	(48u << 10)	/* bytes of elements in one message */
#define NS_PER_MS	1000000ull
#define SAME_NS		NS_PER_S	/* ends that need not be written again */
#define TRIES		3		/* elements end between asking and writing */

/* An element of the kernel's that one of the bans is about. */
struct found {
	struct nft_elem elem;
	size_t set;
};

struct change {
	struct nft *n;
	boot_t now;		/* of the message that is under way */
	const struct enforce_ban *bans[CHUNK];	/* each address once */
	size_t n_bans;
	struct found *found;	/* owns */
	size_t n_found, room;
	size_t *asked;		/* owns; the set of each question */
	size_t n_asked;
	uint32_t first;		/* seq of the first question */
	uint64_t put_new, put_again;
	int err;
};

static bool has_elem(const struct nft_set *s, const struct ipaddr *who)
{
	return !s->allow && s->family == who->family && s->prefix == who->prefix;
}

/* ---- what is there ------------------------------------------------------------------ */

static int note_found(void *ctx, const struct nft_set *s, const struct nft_elem *e)
{
	struct change *c = ctx;

	if (c->n_found == c->room) {
		size_t room = 2 * c->room + CHUNK;
		struct found *more = reallocarray(c->found, room, sizeof(*more));

		if (!more) {
			c->err = -ENOMEM;
			return 1;
		}
		c->found = more;
		c->room = room;
	}
	c->found[c->n_found++] = (struct found){ *e, (size_t)(s - c->n->sets) };
	return 0;
}

static void on_answer(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct change *c = ctx;
	uint32_t question = seq - c->first;

	if (question >= c->n_asked)
		return;		/* to something else, which nobody waited for */
	if (err && err != -ENOENT)
		c->err = err;
	if (!err && type == NFT_MSG_NEWSETELEM)
		nft_elems_decode(attrs, &c->n->sets[c->asked[question]], c->now, note_found,
				 c);
}

static int ask(struct change *c)
{
	struct nft *n = c->n;
	int err;

	c->n_found = c->n_asked = 0;
	c->err = 0;
	free(c->asked);
	c->asked = calloc(c->n_bans * n->n_sets + 1, sizeof(*c->asked));
	if (!c->asked)
		return -ENOMEM;
	c->now = boot_now();
	c->first = n->nl.seq + 1;
	for (size_t b = 0; b < c->n_bans; b++) {
		for (size_t s = 0; s < n->n_sets; s++) {
			struct nft_list l;

			if (!has_elem(&n->sets[s], &c->bans[b]->who))
				continue;
			l = nft_list_begin(n, NFT_MSG_GETSETELEM, &n->sets[s]);
			nft_list_add(n, &c->bans[b]->who, 0, NULL);
			nft_list_end(n, &l);
			c->asked[c->n_asked++] = s;
		}
	}
	err = c->n_asked ? nl_talk(&n->nl, &n->out, on_answer, c) : 0;
	/* -ENOENT is an answer. */
	return c->err ? c->err : err == -ENOENT ? 0 : err;
}

/* ---- what should be there ------------------------------------------------------------- */

/* The end of @b that belongs in set @s, if it is still to come. */
static const struct enforce_end *wanted(const struct change *c, const struct enforce_ban *b,
					const struct nft_set *s)
{
	for (unsigned int i = 0; has_elem(s, &b->who) && i < b->n; i++)
		if (b->ends[i].scope == s->scope && b->ends[i].until.ns > c->now.ns)
			return &b->ends[i];
	return NULL;
}

static bool same(boot_t a, boot_t b)
{
	return (a.ns > b.ns ? a.ns - b.ns : b.ns - a.ns) < SAME_NS;
}

static const struct enforce_ban *ban_of(const struct change *c, const struct ipaddr *who)
{
	for (size_t i = 0; i < c->n_bans; i++)
		if (ipaddr_equal(&c->bans[i]->who, who))
			return c->bans[i];
	return NULL;
}

static const struct found *found_of(const struct change *c, const struct ipaddr *who,
				    size_t set)
{
	for (size_t i = 0; i < c->n_found; i++)
		if (c->found[i].set == set && ipaddr_equal(&c->found[i].elem.who, who))
			return &c->found[i];
	return NULL;
}

static bool is_right(const struct found *f, const struct enforce_end *end)
{
	return f && end && same(f->elem.until, end->until);
}

static bool is_listed(const struct nft_sets *sets, const struct nft_set *s)
{
	for (size_t i = 0; i < sets->n; i++)
		if (sets->v[i].family == s->family && sets->v[i].prefix == s->prefix &&
		    sets->v[i].scope == s->scope)
			return true;
	return false;
}

/* Sets that are needed and not there yet. */
static int make_sets(struct change *c)
{
	struct nft_set add[CHUNK * ENFORCE_ENDS];
	struct nft_sets sets = { add, 0 }, none = { 0 };
	struct nft *n = c->n;

	for (size_t b = 0; b < c->n_bans; b++) {
		for (unsigned int i = 0; i < c->bans[b]->n; i++) {
			const struct ipaddr *who = &c->bans[b]->who;
			struct nft_set s = { false, who->family, who->prefix,
					     c->bans[b]->ends[i].scope };

			if (s.scope && (s.scope >= SCOPES_MAX || !n->scopes.used[s.scope]))
				return -EINVAL;
			if (nft_set_find(n, &s) < 0 && !is_listed(&sets, &s))
				add[sets.n++] = s;
		}
	}
	return sets.n ? nft_write(n, sets, none) : 0;
}

static uint64_t left_ms(const struct change *c, boot_t until)
{
	if (until.ns == BOOT_NEVER.ns)
		return 0;
	return (until.ns - c->now.ns + NS_PER_MS - 1) / NS_PER_MS;
}

/* ---- writing ------------------------------------------------------------------------------ */

static size_t put_deletions(struct change *c, size_t set)
{
	const struct nft_set *s = &c->n->sets[set];
	struct nft_list l = { 0 };
	size_t written = 0;

	for (size_t i = 0; i < c->n_found; i++) {
		const struct found *f = &c->found[i];
		const struct enforce_ban *b = ban_of(c, &f->elem.who);

		if (f->set != set || !b || is_right(f, wanted(c, b, s)))
			continue;
		if (!l.open)
			l = nft_list_begin(c->n, NFT_MSG_DELSETELEM, s);
		nft_list_add(c->n, &f->elem.who, 0, NULL);
		written++;
	}
	nft_list_end(c->n, &l);
	return written;
}

static size_t put_elements(struct change *c, size_t set)
{
	const struct nft_set *s = &c->n->sets[set];
	struct nft_list l = { 0 };
	size_t written = 0;

	for (size_t i = 0; i < c->n_bans; i++) {
		const struct ipaddr *who = &c->bans[i]->who;
		const struct enforce_end *end = wanted(c, c->bans[i], s);
		const struct found *f = end ? found_of(c, who, set) : NULL;

		if (!end || is_right(f, end))
			continue;
		if (!l.open)
			l = nft_list_begin(c->n, NFT_MSG_NEWSETELEM, s);
		nft_list_add(c->n, who, left_ms(c, end->until), f ? &f->elem.hits : NULL);
		++*(f ? &c->put_again : &c->put_new);
		written++;
	}
	nft_list_end(c->n, &l);
	return written;
}

static int write_elements(struct change *c)
{
	struct nft *n = c->n;
	size_t written = 0;
	int err = 0;

	c->put_new = c->put_again = 0;
	/* The kernel is told how long, not until when. */
	c->now = boot_now();
	nlbuf_batch_begin(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES);
	for (size_t s = 0; s < n->n_sets; s++) {
		written += put_deletions(c, s);
		written += put_elements(c, s);
	}
	nlbuf_batch_end(&n->nl, &n->out);
	if (written)
		err = nl_talk(&n->nl, &n->out, NULL, NULL);
	nlbuf_reset(&n->out);
	if (!err) {
		n->put_new += c->put_new;
		n->put_again += c->put_again;
	}
	return err;
}

static int try_chunk(struct change *c)
{
	int err = make_sets(c);

	if (!err)
		err = ask(c);
	return err ? err : write_elements(c);
}

/*
 * -ENOENT: an element has ended meanwhile, or somebody took our table away;
 * what this ban needs is then made anew, the others come back with a resync.
 */
static int write_chunk(struct change *c)
{
	int err = try_chunk(c);

	for (int i = 1; i < TRIES && (err == -ENOENT || err == -EEXIST); i++) {
		err = nft_load(c->n);
		if (!err)
			err = try_chunk(c);
	}
	return err;
}

/* Of several wishes about one address the last counts. */
static void choose(struct change *c, const struct enforce_ban *bans, size_t n)
{
	c->n_bans = 0;
	for (size_t i = 0; i < n; i++) {
		size_t later = i + 1;

		while (later < n && !ipaddr_equal(&bans[i].who, &bans[later].who))
			later++;
		if (later == n)
			c->bans[c->n_bans++] = &bans[i];
	}
}

int nft_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct change c = { .n = (struct nft *)e };
	int ret = 0;

	for (size_t i = 0; i < n; i += CHUNK) {
		int err;

		choose(&c, bans + i, n - i < CHUNK ? n - i : CHUNK);
		err = write_chunk(&c);
		if (err)
			ret = err;
	}
	free(c.found);
	free(c.asked);
	if (ret)
		log_err("nftables: cannot write bans: %s", strerror(-ret));
	return ret;
}

/* ---- the allowlist ----------------------------------------------------------------- */

static struct nft_set allow_set(const struct ipaddr *who)
{
	return (struct nft_set){ true, who->family, who->prefix, 0 };
}

static bool is_for(const struct ipaddr *who, const struct nft_set *s)
{
	return who->family == s->family && who->prefix == s->prefix;
}

static bool any_in(const struct nft *n, const struct nft_set *s)
{
	for (size_t i = 0; i < n->allowed.n; i++)
		if (is_for(&n->allowed.list[i], s))
			return true;
	return false;
}

/* Sets of allowed addresses as they are needed, no more and no fewer. */
static int allow_sets(struct nft *n)
{
	struct nft_set add[33 + 129], *drop = calloc(n->n_sets + 1, sizeof(*drop));
	struct nft_sets adding = { add, 0 }, dropping = { drop, 0 };
	int err = 0;

	if (!drop)
		return -ENOMEM;
	for (int prefix = 0; prefix <= 32 + 1 + 128; prefix++) {
		struct ipaddr who = { .family = prefix <= 32 ? 4 : 6,
				      .prefix = (uint8_t)(prefix <= 32 ? prefix : prefix - 33) };
		struct nft_set s = allow_set(&who);

		if (nft_set_find(n, &s) < 0 && any_in(n, &s))
			add[adding.n++] = s;
	}
	for (size_t i = 0; i < n->n_sets; i++)
		if (n->sets[i].allow && !any_in(n, &n->sets[i]))
			drop[dropping.n++] = n->sets[i];
	if (adding.n || dropping.n)
		err = nft_write(n, adding, dropping);
	free(drop);
	return err;
}

static void put_allowed(struct nft *n, const struct nft_set *s)
{
	struct nft_list l = nft_list_begin(n, NFT_MSG_NEWSETELEM, s);

	for (size_t i = 0; i < n->allowed.n; i++) {
		if (!is_for(&n->allowed.list[i], s))
			continue;
		if (nlbuf_nest_len(&n->out, l.nest) > LIST_MAX) {
			nft_list_end(n, &l);
			l = nft_list_begin(n, NFT_MSG_NEWSETELEM, s);
		}
		nft_list_add(n, &n->allowed.list[i], 0, NULL);
	}
	nft_list_end(n, &l);
}

/* Deleting no element in particular empties the set. */
static void empty_set(struct nft *n, const struct nft_set *s)
{
	char name[NFT_NAME];

	nlbuf_msg(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELSETELEM, 0,
		  NFPROTO_INET);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	nlbuf_str(&n->out, NFTA_SET_ELEM_LIST_SET, nft_set_name(s, name));
}

int nft_allow_repair(struct nft *n)
{
	int err = allow_sets(n);

	if (err)
		return err;
	nlbuf_batch_begin(&n->nl, &n->out, NFNL_SUBSYS_NFTABLES);
	for (size_t i = 0; i < n->n_sets; i++) {
		if (!n->sets[i].allow)
			continue;
		empty_set(n, &n->sets[i]);
		put_allowed(n, &n->sets[i]);
	}
	nlbuf_batch_end(&n->nl, &n->out);
	return nl_talk(&n->nl, &n->out, NULL, NULL);
}

int nft_allow(struct enforcer *e, const struct ipaddr *who, size_t n_who)
{
	struct nft *n = (struct nft *)e;
	int err = allowed_keep(&n->allowed, who, n_who);

	if (!err)
		err = nft_allow_repair(n);
	if (err)
		log_err("nftables: cannot write the allowlist: %s", strerror(-err));
	return err;
}
