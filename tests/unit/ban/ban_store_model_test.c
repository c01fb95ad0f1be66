// SPDX-License-Identifier: GPL-2.0-or-later
/* The store against a plain table, through random adding, ending and asking. */
#include "ban/ban_store.h"

#include <errno.h>
#include <stdlib.h>

#include "../random.h"
#include "../t.h"

enum { WHOS = 40, JAILS = 4, MAX = 50, STEPS = 20000 };

static const char *const jails[JAILS] = { "sshd", "asterisk", "recidive", "manual" };

struct row { bool there; uint64_t until; uint16_t scope; bool walked; };

struct model {
	struct row rows[WHOS][JAILS];
	size_t n;
	uint64_t random, now;
	bool wrong;
};

/* Networks of four lengths, nested, in both families. */
static struct ipaddr who_of(int i)
{
	static const uint8_t lengths[2][4] = { { 32, 31, 24, 8 }, { 128, 127, 64, 48 } };
	struct ipaddr a = { .family = i % 2 ? 6 : 4, .bytes = { 10, 0, 0, (uint8_t)(i / 8) } };

	if (i % 2)
		a.bytes[15] = (uint8_t)(i / 8);
	ipaddr_mask(&a, lengths[i % 2][i / 2 % 4]);
	return a;
}

/* Different numbers may give one network: the lowest of them stands for it. */
static int index_of(const struct ipaddr *who)
{
	for (int i = 0; i < WHOS; i++) {
		struct ipaddr a = who_of(i);

		if (ipaddr_equal(&a, who))
			return i;
	}
	return -1;
}

static int jail_index(const char *name)
{
	int j = 0;

	while (strcmp(jails[j], name))
		j++;
	return j;
}

static void ended(void *ctx, const struct ban *b, enum ban_end how)
{
	struct model *m = ctx;
	struct row *r = &m->rows[index_of(&b->who)][jail_index(b->jail)];

	m->wrong |= !r->there || (how == BAN_EXPIRED && r->until > m->now);
	r->there = false;
	m->n--;
}

static uint64_t soonest(const struct model *m)
{
	uint64_t until = UINT64_MAX;

	for (int i = 0; i < WHOS; i++)
		for (int j = 0; j < JAILS; j++)
			if (m->rows[i][j].there && m->rows[i][j].until < until)
				until = m->rows[i][j].until;
	return until;
}

static bool add(struct model *m, struct ban_store *s)
{
	struct ipaddr who = who_of((int)random_below(&m->random, WHOS));
	int j = (int)random_below(&m->random, JAILS);
	struct row *r = &m->rows[index_of(&who)][j];
	struct ban b = { .who = who, .jail = jails[j],
			 .scope = (uint16_t)random_below(&m->random, 3),
			 .until = { m->now + 1 + random_below(&m->random, 500) } };
	int want = !r->there ? BAN_NEW : b.until.ns > r->until ? BAN_PROLONGED : BAN_SAME;

	if (want == BAN_NEW && m->n >= MAX && soonest(m) >= b.until.ns)
		want = -ENOSPC;
	if (ban_store_add(s, &b) != want)
		return false;
	if (want == BAN_NEW)
		m->n++;
	if (want == BAN_NEW || want == BAN_PROLONGED)
		*r = (struct row){ true, b.until.ns, b.scope, false };
	return true;
}

static bool del(struct model *m, struct ban_store *s)
{
	struct ipaddr who = who_of((int)random_below(&m->random, WHOS));
	int j = (int)random_below(&m->random, JAILS + 1);
	size_t before = m->n, want = 0, got;

	for (int i = 0; i < WHOS; i++)
		for (int k = 0; k < JAILS; k++) {
			struct ipaddr a = who_of(i);

			if (m->rows[i][k].there && (j == JAILS || j == k))
				want += ipaddr_equal(&who, &a);
		}
	got = ban_store_del(s, &who, j == JAILS ? NULL : jails[j]);
	return got == want && m->n == before - want;
}

/* ---- asking ---------------------------------------------------------------------- */

static uint64_t effect_of(const struct row *rows, uint16_t scope)
{
	uint64_t all = 0, until = 0;

	for (int j = 0; j < JAILS; j++) {
		if (!rows[j].there)
			continue;
		if (rows[j].scope == BAN_SCOPE_ALL && rows[j].until > all)
			all = rows[j].until;
		if (rows[j].scope == scope && rows[j].until > until)
			until = rows[j].until;
	}
	return scope == BAN_SCOPE_ALL || until > all ? until : 0;
}

static void count_ban(void *ctx, const struct ban *b)
{
	(void)b;
	++*(size_t *)ctx;
}

static bool ask(struct model *m, struct ban_store *s)
{
	int i = (int)random_below(&m->random, WHOS);
	struct ipaddr who = who_of(i);
	const struct row *rows = m->rows[index_of(&who)];
	uint64_t want[3] = { effect_of(rows, 0), effect_of(rows, 1), effect_of(rows, 2) };
	struct ban_effect e[JAILS];
	size_t n = ban_store_effects(s, &who, e, JAILS);
	size_t covered = 0, around = 0;

	for (int k = 0; k < WHOS; k++)
		for (int j = 0; j < JAILS; j++) {
			struct ipaddr a = who_of(k);

			covered += m->rows[k][j].there && ipaddr_contains(&a, &who);
		}
	ban_store_around(s, &who, count_ban, &around);
	if (around != covered)
		return false;
	for (size_t k = 0; k < n; k++) {
		if (want[e[k].scope] != e[k].until.ns)
			return false;
		want[e[k].scope] = 0;
	}
	return !want[0] && !want[1] && !want[2] && n <= 3;
}

static bool walk(struct model *m, struct ban_store *s)
{
	struct ban_cursor c = { 0 };
	struct ipaddr who;
	size_t n = 0, addresses = 0;
	struct ban b;

	for (int i = 0; i < WHOS; i++)
		for (int j = 0; j < JAILS; j++)
			m->rows[i][j].walked = false;
	while (ban_store_next(s, &c, NULL, &b)) {
		struct row *r = &m->rows[index_of(&b.who)][jail_index(b.jail)];

		if (!r->there || r->walked || r->until != b.until.ns || r->scope != b.scope)
			return false;
		r->walked = true;
		n++;
	}
	c = (struct ban_cursor){ 0 };
	while (ban_store_next_address(s, &c, &who))
		addresses++;
	return n == m->n && addresses == ban_store_stats(s).addresses &&
	       n == ban_store_stats(s).bans;
}

static bool step(struct model *m, struct ban_store *s)
{
	m->now += random_below(&m->random, 4);
	switch (random_below(&m->random, 8)) {
	case 0:
		return del(m, s);
	case 1:
		ban_store_expire(s, (boot_t){ m->now });
		return soonest(m) > m->now;
	case 2: case 3:
		return ask(m, s);
	case 4:
		return random_below(&m->random, 20) || walk(m, s);
	default:
		return add(m, s);
	}
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct model *m = calloc(1, sizeof(*m));
		struct ban_store_params p = { .max_bans = MAX, .policy = BAN_FULL_REPLACE,
					      .ended = ended, .ctx = m };
		struct ban_store *s = ban_store_new(&p);
		bool same = true;

		m->random = seed * 104729;
		for (int i = 0; i < STEPS && same; i++)
			same = step(m, s) && !m->wrong;
		t_ok("like the model", same);
		ban_store_free(s);
		free(m);
	}
	return t_done();
}
