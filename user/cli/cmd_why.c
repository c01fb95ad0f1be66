// SPDX-License-Identifier: GPL-2.0-or-later
/* why - what is known of one address: bans, evidence, counts, earlier bans. */
#include <stdio.h>

#include "base/ipaddr.h"
#include "out.h"

struct story {
	const char *asked;
	size_t findings;
	json_t *bans;			/* those that stand, to leave out their records */
	bool events;			/* the heading of the earlier ones was printed */
};

static void print_lines(const json_t *row)
{
	const json_t *lines = json_object_get(row, "lines"), *l;
	double last = -1;
	char when[32];
	size_t i;

	json_array_foreach(lines, i, l) {
		printf("    %s  %s", out_time(out_num(l, "time"), when),
		       json_is_true(json_object_get(l, "proven")) ? "(proven) " : "");
		out_text(out_str(l, "text"));
		putchar('\n');
		if (json_object_get(l, "expression") && out_num(l, "regex") != last) {
			last = out_num(l, "regex");
			printf("      failregex %.0f: ", out_num(l, "regex"));
			out_text(out_str(l, "expression"));
			putchar('\n');
		}
	}
}

static void print_cause(const json_t *row)
{
	double failures = out_num(row, "failures"), earlier = out_num(row, "earlier");

	if (failures)
		printf("after %.0f failure%s", failures, failures == 1 ? "" : "s");
	else
		printf("by hand");
	if (earlier)
		printf(", %.0f ban%s before it", earlier, earlier == 1 ? "" : "s");
	if (json_object_get(row, "reason")) {
		printf(": ");
		out_text(out_str(row, "reason"));
	}
	putchar('\n');
}

static void print_ban(struct story *s, const json_t *row)
{
	bool ever = json_is_null(json_object_get(row, "until"));
	char since[32], left[32], packets[16], bytes[16], last[32];

	if (!streq(out_str(row, "address"), s->asked))
		printf("%s is inside of %s, which is", s->asked, out_str(row, "address"));
	else
		printf("%s is", s->asked);
	printf(" banned by jail %s since %s, for %s%s, %s packets\n", out_str(row, "jail"),
	       out_time(out_num(row, "since"), since), ever ? "" : "the next ",
	       ever ? "ever" : out_duration(out_num(row, "remaining"), left),
	       out_str(row, "scope"));
	printf("    ");
	print_cause(row);
	printf("    %s packets dropped, %sB",
	       out_count(out_num(row, "packets"), packets),
	       out_count(out_num(row, "bytes"), bytes));
	if (out_num(row, "last_seen"))
		printf(", the last at %s", out_time(out_num(row, "last_seen"), last));
	putchar('\n');
	print_lines(row);
	json_array_append(s->bans, (json_t *)row);
}

static void print_allowed(const json_t *row)
{
	const char *jail = json_string_value(json_object_get(row, "jail"));

	printf("%s%s never bans it: %s", jail ? "jail " : "", jail ? jail : "xdpban",
	       out_str(row, "by"));
	if (json_object_get(row, "entry"))
		printf(" %s", out_str(row, "entry"));
	if (json_object_get(row, "label"))
		printf(" (%s)", out_str(row, "label"));
	putchar('\n');
}

/* How the SIP sensor sees it. */
static void print_sip(const json_t *row)
{
	const json_t *limit = json_object_get(row, "limit");
	char passed[16], dropped[16], when[32];

	printf("for the SIP sensor it is %s: %s messages passed, %s were dropped\n",
	       streq(out_str(row, "standing"), "penalty") ? "limited" : out_str(row, "standing"),
	       out_count(out_num(row, "passed"), passed),
	       out_count(out_num(row, "limited"), dropped));
	if (out_num(row, "known_until"))
		printf("    it has logged in, and is known until %s\n",
		       out_time(out_num(row, "known_until"), when));
	if (!limit)
		return;
	printf("    limited by jail %s until %s, for the %.0f. time in a row, since nothing "
	       "proves the sender:\n      ", out_str(limit, "jail"),
	       out_time(out_num(limit, "until"), when), out_num(limit, "times"));
	out_text(out_str(limit, "reason"));
	putchar('\n');
}

static void print_watched(const json_t *row)
{
	const char *grade = out_str(row, "grade");
	double failures = out_num(row, "failures");
	char find[32];

	printf("jail %s counts %.0f %sfailure%s of %s in %s; %.0f are a %s\n",
	       out_str(row, "jail"), failures, streq(grade, "any") ? "" : streq(grade, "proven") ?
	       "proven " : "unproven ", failures == 1 ? "" : "s", out_str(row, "address"),
	       out_duration(out_num(row, "findtime"), find), out_num(row, "maxretry"),
	       streq(grade, "unproven") ? "limit" : "ban");
	print_lines(row);
}

static void print_past(const json_t *row)
{
	double bans = out_num(row, "bans");
	char last[32];

	printf("jail %s has banned it %.0f time%s, the last one at %s\n",
	       out_str(row, "jail"), bans, bans == 1 ? "" : "s",
	       out_time(out_num(row, "last"), last));
}

/* The record of a ban that stands tells nothing new, unless memory lost its lines. */
static bool is_told(const struct story *s, const json_t *event)
{
	const json_t *ban;
	size_t i;

	json_array_foreach(s->bans, i, ban)
		if (streq(out_str(ban, "jail"), out_str(event, "jail")) &&
		    out_num(ban, "since") == out_num(event, "since") &&
		    json_array_size(json_object_get(ban, "lines")) >=
		    json_array_size(json_object_get(event, "lines")))
			return true;
	return false;
}

static void print_event(struct story *s, const json_t *row)
{
	char since[32], until[32];

	if (is_told(s, row))
		return;
	printf("%s  %s to %s, jail %s, ", s->events ? "        " : "on record",
	       out_time(out_num(row, "since"), since),
	       json_is_null(json_object_get(row, "until")) ? "ever" :
	       out_time(out_num(row, "until"), until), out_str(row, "jail"));
	s->events = true;
	print_cause(row);
	print_lines(row);
}

static void print_finding(void *ctx, const json_t *row)
{
	const char *what = out_str(row, "what");
	struct story *s = ctx;

	s->findings++;
	if (streq(what, "ban"))
		print_ban(s, row);
	else if (streq(what, "allowed"))
		print_allowed(row);
	else if (streq(what, "watched"))
		print_watched(row);
	else if (streq(what, "sip"))
		print_sip(row);
	else if (streq(what, "past"))
		print_past(row);
	else if (streq(what, "event"))
		print_event(s, row);
}

int cmd_why(struct cli *c, int argc, char **argv)
{
	char asked[IPADDR_TEXT];
	struct story s = { .asked = asked };
	struct ipaddr who;
	int status;

	(void)argc;
	if (ipaddr_parse_net(argv[0], strlen(argv[0]), &who))
		return cli_usage("why: '%s' is not an address or network", argv[0]);
	ipaddr_format(&who, asked);
	s.bans = json_array();
	status = out_ask(c, json_pack("{s:s, s:s}", "verb", "why", "address", asked),
			 c->json ? out_json_row : print_finding, &s);
	json_decref(s.bans);
	if (!status && !s.findings && !c->json)
		printf("%s is not banned, and nothing is known of it\n", asked);
	return status;
}
