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

struct table {
	struct cli *c;
	size_t given, limit;		/* rows */
	bool limited;			/* those without proof, instead of the banned */
	struct row_sort *sort;		/* NULL: in the order in which they come */
	boot_t boot;
	wall_t wall;
	struct enforcer *maps;		/* only without a daemon */
	const struct ipaddr *within;	/* NULL: all */
};

/* What a network covers, and why somebody is banned who made no failures. */
static void print_note(const json_t *row)
{
	const char *reason = json_string_value(json_object_get(row, "reason"));
	double covers = out_num(row, "covers");
	char count[16];

	if (!covers && !reason)
		return;
	fputs("    ", stdout);
	if (covers >= 1e9)	/* of IPv6: "79228162514264P" says nothing to anybody */
		printf("covers 2^%.0f addresses", log2(covers));
	else if (covers)
		printf("covers %s addresses", out_count(covers, count));
	if (covers && reason)
		fputs(": ", stdout);
	if (reason)
		out_text(reason);
	putchar('\n');
}

static void print_row(const struct table *t, const json_t *row)
{
	const json_t *until = json_object_get(row, "until");
	char since[32], left[32], packets[16], bytes[16];

	if (!t->given)
		printf("%-26s %-14s %-19s %9s %8s %6s  %s\n", "ADDRESS", "JAIL",
		       "SINCE", "REMAINING", "PACKETS", "BYTES", "SCOPE");
	printf("%-26s %-14s %-19s %9s %8s %6s  %s\n", out_str(row, "address"),
	       out_str(row, "jail"), out_time(out_num(row, "since"), since),
	       json_is_null(until) ? "ever" :
	       out_duration(out_num(row, "remaining"), left),
	       out_count(out_num(row, "packets"), packets),
	       out_count(out_num(row, "bytes"), bytes), out_str(row, "scope"));
	print_note(row);
}

static void print_limited(const struct table *t, const json_t *row)
{
	char since[32], left[32], passed[16], dropped[16];

	if (!t->given)
		printf("%-26s %-14s %-19s %9s %5s %8s %8s\n", "ADDRESS", "JAIL", "SINCE",
		       "REMAINING", "TIMES", "PASSED", "DROPPED");
	printf("%-26s %-14s %-19s %9s %5.0f %8s %8s\n    ", out_str(row, "address"),
	       out_str(row, "jail"), out_time(out_num(row, "since"), since),
	       out_duration(out_num(row, "remaining"), left), out_num(row, "times"),
	       out_count(out_num(row, "passed"), passed),
	       out_count(out_num(row, "limited"), dropped));
	out_text(out_str(row, "reason"));
	putchar('\n');
}

static void show(void *ctx, const json_t *row)
{
	struct table *t = ctx;

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
	struct table *t = ctx;

	if (t->sort)
		row_sort_add(t->sort, row);
	else if (t->given < t->limit)
		show(t, row);
}

/* ---- without a daemon -------------------------------------------------------- */

static json_t *scope_text(struct table *t, uint16_t scope)
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

static json_t *end_row(struct table *t, const struct enforce_entry *e,
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
	struct table *t = ctx;

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

static int list_pinned(struct table *t)
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
	t->wall = wall_now();
	err = enforcer_each(t->maps, t->boot, print_entry, t);
	enforcer_close(t->maps);
	return err ? EXIT_FAILED : EXIT_DONE;
}

/* Read --sort and --limit; EXIT_USAGE if they are none. */
static int read_order(struct table *t)
{
	const char *limit = t->c->opt[OPT_LIMIT], *sort = t->c->opt[OPT_SORT];
	char *end = NULL;

	t->limit = limit ? strtoul(limit, &end, 10) : SIZE_MAX;
	if (limit && (end == limit || *end || !t->limit || *limit == '-'))
		return cli_usage("list: --limit '%s' is not a number", limit);
	t->sort = sort ? row_sort_new(sort, t->limit) : NULL;
	if (sort && !t->sort)
		return cli_usage("list: --sort is address, jail, since, end, packets or "
				 "bytes, not '%s'", sort);
	return EXIT_DONE;
}

int cmd_list(struct cli *c, int argc, char **argv)
{
	struct table t = { .c = c };
	struct ipaddr within;
	bool limited = c->opt[OPT_LIMITED];
	json_t *req;
	int status;

	if (argc && ipaddr_parse_net(argv[0], strlen(argv[0]), &within))
		return cli_usage("list: '%s' is not an address or network", argv[0]);
	t.within = argc ? &within : NULL;
	status = read_order(&t);
	if (status)
		return status;
	req = json_pack("{s:s, s:s*, s:s*, s:s*}", "verb", limited ? "limits" : "list",
			"address", argc ? argv[0] : NULL, "jail", c->opt[OPT_JAIL],
			"ending", c->opt[OPT_ENDING]);
	t.limited = limited;
	status = limited ? out_ask(c, req, take_row, &t) : out_ask_quietly(c, req, take_row, &t);
	if (status == -ENOENT || status == -ECONNREFUSED)
		status = list_pinned(&t);
	if (t.sort)
		row_sort_finish(t.sort, show, &t);
	if (!status && !t.given && !c->json)
		puts(limited ? "nobody is limited" : "nobody is banned");
	return status;
}
