// SPDX-License-Identifier: GPL-2.0-or-later
#include "challenge.h"

#include <stdlib.h>

#include "ways.h"

/*
 * An entry is of one text and its owner; a second owner makes it worthless, for as
 * long as it is heard of.
 */
enum { TAG_HEAD = 8, TAG_MIN = 8 };

enum kind { NONCE = 'n', TAG = 't', TAG_BEGIN = 'b' };

struct entry {
	uint64_t text, owner;	/* hashes */
	uint64_t at;		/* boot clock, ns; 0: free */
	bool shared;
};

struct challenges {
	struct ways ways;		/* first */
	struct challenge_stats stats;
	struct entry entries[];	/* as many as ways says */
};

struct challenges *challenges_new(size_t max)
{
	return ways_new(max, sizeof(struct challenges), sizeof(struct entry));
}

void challenges_free(struct challenges *c)
{
	free(c);
}

/* Texts of different kinds never meet. */
static uint64_t hash_text(const struct challenges *c, enum kind kind, const char *s, size_t len)
{
	char buf[1 + CHALLENGE_MAX] = { (char)kind };

	if (len > CHALLENGE_MAX)
		len = CHALLENGE_MAX;
	memcpy(buf + 1, s, len);
	return hmap_hash_seeded(c->ways.seed, buf, 1 + len);
}

static uint64_t hash_who(const struct challenges *c, const struct ipaddr *who)
{
	return hmap_hash_seeded(c->ways.seed, who, sizeof(*who));
}

static struct entry *set_of(const struct challenges *c, uint64_t text)
{
	return (struct entry *)&c->entries[ways_at(&c->ways, text)];
}

static bool is_old(const struct entry *e, boot_t now)
{
	return e->at + CHALLENGE_AGE_NS < now.ns;
}

/* NULL: not known, or not any more. */
static struct entry *find(const struct challenges *c, uint64_t text, boot_t now)
{
	struct entry *set = set_of(c, text);

	for (int i = 0; i < WAYS; i++)
		if (set[i].at && set[i].text == text && !is_old(&set[i], now))
			return &set[i];
	return NULL;
}

static struct entry *oldest_of(struct entry *set)
{
	struct entry *oldest = set;

	for (int i = 1; i < WAYS; i++)
		if (set[i].at < oldest->at)
			oldest = &set[i];
	return oldest;
}

/* True if that made it worthless. */
static bool note(struct challenges *c, uint64_t text, uint64_t owner, boot_t now)
{
	struct entry *e = find(c, text, now);
	bool shared = e && e->owner != owner && !e->shared;

	if (!e) {
		e = oldest_of(set_of(c, text));
		c->stats.evicted += e->at && !is_old(e, now);
		*e = (struct entry){ .text = text, .owner = owner };
	}
	e->shared |= shared;
	e->at = now.ns ? now.ns : 1;
	return shared;
}

static bool proves(const struct challenges *c, uint64_t text, uint64_t owner, boot_t now)
{
	const struct entry *e = find(c, text, now);

	return e && !e->shared && e->owner == owner;
}

void challenges_sent(struct challenges *c, const struct ipaddr *who, const char *nonce,
		     size_t len, boot_t now)
{
	if (!len)
		return;
	c->stats.sent++;
	c->stats.shared += note(c, hash_text(c, NONCE, nonce, len), hash_who(c, who), now);
}

bool challenges_proves(const struct challenges *c, const struct ipaddr *who,
		       const char *nonce, size_t len, boot_t now)
{
	return len && proves(c, hash_text(c, NONCE, nonce, len), hash_who(c, who), now);
}

void challenges_sent_tag(struct challenges *c, const struct ipaddr *who, const char *tag,
			 size_t len, const char *call_id, size_t call_len, boot_t now)
{
	if (len < TAG_MIN)
		return;
	c->stats.sent++;
	note(c, hash_text(c, TAG, tag, len), hash_who(c, who), now);
	note(c, hash_text(c, TAG_BEGIN, tag, TAG_HEAD),
	     hmap_hash_seeded(c->ways.seed, call_id, call_len), now);
}

bool challenges_tag_proves(const struct challenges *c, const struct ipaddr *who,
			   const char *tag, size_t len, boot_t now)
{
	const struct entry *begin;

	if (len < TAG_MIN)
		return false;
	begin = find(c, hash_text(c, TAG_BEGIN, tag, TAG_HEAD), now);
	return begin && !begin->shared &&
	       proves(c, hash_text(c, TAG, tag, len), hash_who(c, who), now);
}

struct challenge_stats challenges_stats(const struct challenges *c)
{
	return c->stats;
}
