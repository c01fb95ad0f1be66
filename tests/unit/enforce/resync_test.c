// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a backend holds beside what it should hold: one row for each way in which
 * an address can differ, and what is then written.
 */
#include "enforce/resync.h"

#include <errno.h>

#include "../t.h"
#include "base/clock.h"
#include "enforce/backend.h"

#define S(n)	((n) * NS_PER_S)
#define NOW	S(1000)

struct end { uint16_t scope; uint64_t until; };

/* No until: no such end. */
static const struct row {
	const char *name;
	struct end there[3], want[2];	/* each of @there is an entry of its own */
	bool partial;
	struct end written[2];
	bool writes;
	const char *counted;
} rows[] = {
	{ "as it should be", { { 0, S(2000) } }, { { 0, S(2000) } }, false, { { 0 } }, false, "" },
	{ "to a second", { { 0, S(2001) } }, { { 0, S(2000) } }, false, { { 0 } }, false, "" },
	{ "not to three", { { 0, S(2003) } }, { { 0, S(2000) } }, false, { { 0, S(2000) } }, true,
	  "changed" },
	{ "missing", { { 0 } }, { { 0, S(2000) } }, false, { { 0, S(2000) } }, true, "missing" },
	{ "nobody's", { { 0, S(2000) } }, { { 0 } }, false, { { 0 } }, true, "foreign" },
	{ "which may be somebody's", { { 0, S(2000) } }, { { 0 } }, true, { { 0 } }, false, "" },
	{ "ended, and still there", { { 0, S(999) } }, { { 0 } }, false, { { 0 } }, true,
	  "expired" },
	{ "ended while not all is known", { { 0, S(999) } }, { { 0 } }, true, { { 0 } }, true,
	  "expired" },
	{ "one of two has ended", { { 0, S(2000) }, { 1, S(999) } }, { { 0, S(2000) } }, false,
	  { { 0, S(2000) } }, true, "expired" },
	{ "in another order", { { 2, S(2000) }, { 1, S(3000) } },
	  { { 1, S(3000) }, { 2, S(2000) } }, false, { { 0 } }, false, "" },
	{ "another scope", { { 1, S(2000) } }, { { 2, S(2000) } }, false, { { 2, S(2000) } }, true,
	  "changed" },
	{ "a scope of several rules", { { 1, S(2000) }, { 1, S(2000) }, { 1, S(2000) } },
	  { { 1, S(2000) } }, false, { { 0 } }, false, "" },
	{ "banned for no time any more", { { 0 } }, { { 0, S(999) } }, false, { { 0 } }, false,
	  "" },
};

static const struct ipaddr who = { { 192, 0, 2, 1 }, 4, 32 };

struct backend {
	struct enforcer e;
	const struct row *row;
	struct enforce_ban written;
	int writes, ret;
};

static int each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	const struct row *row = ((struct backend *)e)->row;
	int ret = 0;

	(void)now;
	for (size_t i = 0; i < ARRAY_SIZE(row->there) && row->there[i].until && !ret; i++) {
		struct enforce_entry entry = { .ban = { .who = who, .n = 1,
			.ends = { { row->there[i].scope, { row->there[i].until } } } } };

		ret = fn(ctx, &entry);
	}
	return ret;
}

static int add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct backend *b = (struct backend *)e;

	b->writes += (int)n;
	b->written = bans[n - 1];
	return b->ret;
}

static const struct enforcer_ops ops = { .name = "table", .each = each, .add = add };

static bool find(void *ctx, const struct ipaddr *asked, struct enforce_ban *out)
{
	const struct row *row = ctx;

	*out = (struct enforce_ban){ .who = *asked };
	for (size_t i = 0; i < ARRAY_SIZE(row->want) && row->want[i].until; i++)
		out->ends[out->n++] = (struct enforce_end){ row->want[i].scope,
							    { row->want[i].until } };
	return out->n;
}

static bool next(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	return !(*cursor)++ && find(ctx, &who, out);
}

static void check_written(const struct row *row, const struct backend *b)
{
	unsigned int n = 0;

	t_is(row->name, b->writes, row->writes);
	for (; n < ARRAY_SIZE(row->written) && row->written[n].until; n++) {
		t_is(row->name, b->written.ends[n].scope, row->written[n].scope);
		t_is(row->name, (int64_t)b->written.ends[n].until.ns,
		     (int64_t)row->written[n].until);
	}
	t_is(row->name, b->written.n, n);
}

static void check_counted(const struct row *row, const struct enforce_repairs *r)
{
	t_is(row->name, (int64_t)r->missing, streq(row->counted, "missing"));
	t_is(row->name, (int64_t)r->changed, streq(row->counted, "changed"));
	t_is(row->name, (int64_t)r->foreign, streq(row->counted, "foreign"));
	t_is(row->name, (int64_t)r->expired, streq(row->counted, "expired"));
}

static int compare(struct backend *b, struct enforce_repairs *r)
{
	const struct enforce_truth truth = { .ctx = (void *)b->row, .find = find, .next = next,
					     .partial = b->row->partial };

	return resync_bans(&b->e, &truth, (boot_t){ NOW }, r);
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct backend b = { .e.ops = &ops, .row = &rows[i] };
		struct enforce_repairs r = { 0 };

		t_is(rows[i].name, compare(&b, &r), 0);
		check_written(&rows[i], &b);
		check_counted(&rows[i], &r);
	}
}

static void test_refused(void)
{
	static const struct row missing = { .want = { { 0, S(2000) } } };
	struct backend b = { .e.ops = &ops, .row = &missing, .ret = -ENOSPC };
	struct enforce_repairs r = { 0 };

	t_is("what is refused is told", compare(&b, &r), -ENOSPC);
	t_is("and was tried", b.writes, 1);
}

int main(void)
{
	test_rows();
	test_refused();
	return t_done();
}
