// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list - who is banned.
 * The daemon knows jail and reason; without one the pinned maps still say
 * who is being dropped, until when, and how much of it came.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "attach/ladder.h"
#include "base/clock.h"
#include "base/ipaddr.h"
#include "base/str.h"
#include "row_sort.h"
#include "table.h"

#define DAY_S	86400

struct listing {
	struct cli *c;
	size_t given, limit;		/* rows */
	bool limited;			/* those without proof, instead of the banned */
	struct table *table;		/* NULL: as JSON */
	struct str note;
	struct row_sort *sort;		/* NULL: in the order in which they come */
	boot_t boot;
	wall_t wall;
	struct enforcer *maps;		/* only without a daemon */
	const struct ipaddr *within;	/* NULL: all */
};

/* What a network covers, and why somebody is banned who made no failures. */
static const char *note_of(const json_t *row, struct str *out)
{
	const char *reason = json_string_value(json_object_get(row, "reason"));
	double covers = out_num(row, "covers");
	char count[16];

	str_reset(out);
	if (covers >= 1e9)	/* of IPv6: "79228162514264P" says nothing to anybody */
		str_printf(out, "2^%.0f addresses", log2(covers));
	else if (covers)
		str_printf(out, "%s addresses", out_count(covers, count));
	if (reason)
		str_printf(out, "%s%s", covers ? ": " : "", reason);
	return out->len ? out->s : "";
}

/* Of a day the time, before that the date: one word, and why has both. */
static const char *since_of(const struct listing *t, const json_t *row, char buf[static 32])
{
	double since = out_num(row, "since");
	char *blank = strchr(out_time(since, buf), ' ');

	if (blank && wall_to_s(t->wall) - since < DAY_S)
		return blank + 1;
	if (blank)
		*blank = '\0';
	return buf;
}

/* "9m58s" */
static const char *left_of(const json_t *row, char buf[static 32])
{
	char *blank;

	if (json_is_null(json_object_get(row, "until")))
		return "ever";
	blank = strchr(out_duration(out_num(row, "remaining"), buf), ' ');
	if (blank)
		memmove(blank, blank + 1, strlen(blank));
	return buf;
}

static const char *const ban_titles[] = {
	"ADDRESS", "JAIL", "SINCE", "LEFT", "PACKETS", "BYTES", "SCOPE", "NOTE",
};

static void print_row(struct listing *t, const json_t *row)
{
	char since[32], left[32], packets[16], bytes[16];
	const char *cells[] = {
		out_str(row, "address"), out_str(row, "jail"),
		since_of(t, row, since), left_of(row, left),
		out_count(out_num(row, "packets"), packets),
		out_count(out_num(row, "bytes"), bytes), out_str(row, "scope"),
		note_of(row, &t->note),
	};

	table_row(t->table, cells);
}

static const char *const limit_titles[] = {
	"ADDRESS", "JAIL", "SINCE", "LEFT", "TIMES", "PASSED", "DROPPED", "NOTE",
};

static void print_limited(struct listing *t, const json_t *row)
{
	char since[32], left[32], times[16], passed[16], dropped[16];
	const char *cells[] = {
		out_str(row, "address"), out_str(row, "jail"),
		since_of(t, row, since), left_of(row, left),
		out_count(out_num(row, "times"), times),
		out_count(out_num(row, "passed"), passed),
		out_count(out_num(row, "limited"), dropped), out_str(row, "reason"),
	};

	table_row(t->table, cells);
}

static void show(void *ctx, const json_t *row)
{
	struct listing *t = ctx;

	if (t->c->json)
		out_json(row);
	else if (t->limited)
		print_limited(t, row);
	else
		print_row(t, row);
	t->given++;
}

/* Every row passes here: through the sort if there is one. */
static void take_row(void *ctx, const json_t *row)
{
	struct listing *t = ctx;

	if (t->sort)
		row_sort_add(t->sort, row);
	else if (t->given < t->limit)
		show(t, row);
}

/* ---- without a daemon -------------------------------------------------------- */

static json_t *scope_text(struct listing *t, uint16_t scope)
{
	struct enforce_scope s;
	struct str text = { 0 };
	json_t *json;

	if (scope == ENFORCE_SCOPE_ALL || enforcer_scope_get(t->maps, scope, &s))
		return json_string("all");
	enforce_scope_format(&s, &text);
	json = json_string(text.s ? text.s : "");
	str_fini(&text);
	return json;
}

static json_t *end_row(struct listing *t, const struct enforce_entry *e,
		       const struct enforce_end *end)
{
	double left = end->until.ns > t->boot.ns ?
		      (double)(end->until.ns - t->boot.ns) / NS_PER_S : 0;
	bool ever = end->until.ns == BOOT_NEVER.ns;
	char who[IPADDR_TEXT];

	return json_pack("{s:s, s:n, s:n, s:o, s:o, s:I, s:I, s:o}",
			 "address", ipaddr_format(&e->ban.who, who), "jail", "since",
			 "until", ever ? json_null() : json_real(wall_to_s(t->wall) + left),
			 "remaining", ever ? json_null() : json_real(left),
			 "packets", (json_int_t)e->hits.frames,
			 "bytes", (json_int_t)e->hits.bytes,
			 "scope", scope_text(t, end->scope));
}

static int print_entry(void *ctx, const struct enforce_entry *e)
{
	struct listing *t = ctx;

	if (t->within && !ipaddr_contains(t->within, &e->ban.who))
		return 0;
	for (unsigned int i = 0; i < e->ban.n; i++) {
		json_t *row;

		if (e->ban.ends[i].until.ns <= t->boot.ns)
			continue;	/* over; the next clean-up takes it out */
		row = end_row(t, e, &e->ban.ends[i]);
		take_row(t, row);
		json_decref(row);
	}
	return 0;
}

static int list_pinned(struct listing *t)
{
	const char *pin = t->c->opt[OPT_PIN];
	int err = enforcer_open_left(&t->maps, pin);

	if (err == -ENOENT)
		return cli_fail("no daemon answers at %s, and nothing is pinned under %s, "
				"nor in nftables or iptables",
				t->c->opt[OPT_SOCKET], pin);
	if (err)
		return EXIT_FAILED;
	fputs("xdpban: no daemon; this is what the kernel goes on dropping\n", stderr);
	t->boot = boot_now();
	err = enforcer_each(t->maps, t->boot, print_entry, t);
	enforcer_close(t->maps);
	return err ? EXIT_FAILED : EXIT_DONE;
}

/* Read --sort and --limit; EXIT_USAGE if they are none. */
static int read_order(struct listing *t)
{
	const char *limit = t->c->opt[OPT_LIMIT], *sort = t->c->opt[OPT_SORT];
	char *end = NULL;

	t->limit = limit ? strtoul(limit, &end, 10) : SIZE_MAX;
	if (limit && (end == limit || *end || !t->limit || *limit == '-'))
		return cli_usage("list: --limit '%s' is not a number from 1 on", limit);
	t->sort = sort ? row_sort_new(sort, t->limit) : NULL;
	if (sort && !t->sort)
		return cli_usage("list: --sort is address, jail, since, end, packets or "
				 "bytes, not '%s'", sort);
	return EXIT_DONE;
}

/* With --json rows go out as they are. */
static int open_table(struct listing *t)
{
	bool limited = t->limited;

	if (t->c->json)
		return EXIT_DONE;
	t->table = limited ? table_new(limit_titles, ARRAY_SIZE(limit_titles)) :
			     table_new(ban_titles, ARRAY_SIZE(ban_titles));
	if (!t->table)
		return cli_fail("list: %s", strerror(ENOMEM));
	table_right(t->table, 3, limited ? 6 : 5);
	return EXIT_DONE;
}

static int list(struct listing *t, const char *address)
{
	const struct cli *c = t->c;
	json_t *req = json_pack("{s:s, s:s*, s:s*, s:s*}", "verb",
				t->limited ? "limits" : "list", "address", address,
				"jail", c->opt[OPT_JAIL], "ending", c->opt[OPT_ENDING]);
	int status;

	if (t->limited)
		return out_ask(t->c, req, take_row, t);
	status = out_ask_quietly(t->c, req, take_row, t);
	return status == -ENOENT || status == -ECONNREFUSED ? list_pinned(t) : status;
}

int cmd_list(struct cli *c, int argc, char **argv)
{
	struct listing t = { .c = c, .limited = c->opt[OPT_LIMITED], .wall = wall_now() };
	struct ipaddr within;
	int status;

	if (argc && ipaddr_parse_net(argv[0], strlen(argv[0]), &within))
		return cli_usage("list: '%s' is not an address or network", argv[0]);
	t.within = argc ? &within : NULL;
	status = read_order(&t);
	if (!status)
		status = open_table(&t);
	if (status)
		return status;
	status = list(&t, argc ? argv[0] : NULL);
	if (t.sort)
		row_sort_finish(t.sort, show, &t);
	table_finish(t.table);
	str_fini(&t.note);
	if (!status && !t.given && !c->json)
		puts(t.limited ? "nobody is limited" : "nobody is banned");
	return status;
}
