// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * status - what is enforced where, what is read, and what is wrong.
 * The exit status is 1 when anything is wrong: a cron job is enough of a monitor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "out.h"

struct view {
	size_t problems;
};

static const char *plural(double n)
{
	return n == 1 ? "" : "s";
}

static void print_interfaces(const json_t *list, const char *backend)
{
	size_t i;
	json_t *it;

	if (strcmp(backend, "xdp"))
		printf("interfaces   all of them, by %s\n", backend);
	else if (!json_array_size(list))
		puts("interfaces   none: nothing is dropped until 'xdpban attach IF'");
	json_array_foreach(list, i, it)
		printf("%-12s %s: %s XDP%s%s\n", i || strcmp(backend, "xdp") ? "" : "interfaces",
		       out_str(it, "name"),
		       out_str(it, "mode"), json_object_get(it, "problem") ? ", " : "",
		       json_object_get(it, "problem") ? out_str(it, "problem") : "");
}

static void print_confined(const json_t *c)
{
	bool seccomp = json_is_true(json_object_get(c, "seccomp"));
	double landlock = out_num(c, "landlock");

	printf("confined     %s%s%s%s\n", landlock ? "writes its own files only" : "",
	       landlock && seccomp ? ", " : "", seccomp ? "starts no programs" : "",
	       landlock || seccomp ? "" : "no");
	if (json_object_get(c, "why"))
		printf("             not %s: %s\n", landlock || seccomp ? "more" : "at all",
		       out_str(c, "why"));
}

static void print_bans(const json_t *bans)
{
	char packets[16], bytes[16];

	printf("bans         %.0f of %.0f (%.0f IPv4, %.0f IPv6, %.0f networks), "
	       "%s packets dropped, %sB\n", out_num(bans, "now"), out_num(bans, "max"),
	       out_num(bans, "v4"), out_num(bans, "v6"), out_num(bans, "networks"),
	       out_count(out_num(bans, "dropped_packets"), packets),
	       out_count(out_num(bans, "dropped_bytes"), bytes));
}

static void print_trust(const json_t *trust)
{
	double warnings = out_num(trust, "warnings"), entries = out_num(trust, "entries");
	double addresses = out_num(trust, "addresses"), names = out_num(trust, "names");

	if (!entries && !warnings)
		return;
	printf("trust        by %.0f line%s: %.0f address%s or network%s, %.0f host name%s",
	       entries, plural(entries), addresses, addresses == 1 ? "" : "es",
	       plural(addresses), names, plural(names));
	if (warnings)
		printf(" (%.0f warning%s: xdpban trust check)", warnings, plural(warnings));
	putchar('\n');
}

static bool is_waiting(const json_t *source)
{
	return starts_with(out_str(source, "state"), "waiting");
}

static void print_source(const json_t *s)
{
	char lines[16], lag[16], delay[32];
	const char *path = out_str(s, "path");
	int gap = strlen(path) < 40 ? 40 - (int)strlen(path) : 0;

	fputs("  ", stdout);
	out_text(path);
	printf("%*s %s", gap, "", out_str(s, "state"));
	if (out_num(s, "lines") || out_num(s, "bytes") || !is_waiting(s))
		printf(", %s lines, %sB (%s) behind", out_count(out_num(s, "lines"), lines),
		       out_count(out_num(s, "lag"), lag),
		       out_duration(out_num(s, "delay"), delay));
	printf("%s%s\n", json_object_get(s, "error") ? ": " : "",
	       json_object_get(s, "error") ? out_str(s, "error") : "");
}

/*
 * A jail names its log under all the names that it may have: those that are not
 * there are of interest where none is, or who asks for that jail alone.
 */
static void print_sources(const json_t *sources, bool all)
{
	size_t i, waiting = 0;
	json_t *s;

	json_array_foreach(sources, i, s)
		waiting += is_waiting(s);
	all |= waiting == json_array_size(sources) || waiting == 1;
	json_array_foreach(sources, i, s)
		if (all || !is_waiting(s))
			print_source(s);
	if (!all && waiting)
		printf("  and %zu more names that no log has\n", waiting);
}

/* The longest of these members, and not less than @least. */
static int widest(const json_t *list, const char *member, int least)
{
	size_t i;
	json_t *it;

	json_array_foreach(list, i, it) {
		int len = (int)strlen(out_str(it, member));

		least = len > least ? len : least;
	}
	return least;
}

static void print_jails(const json_t *jails)
{
	int width = widest(jails, "name", 7);	/* so that the figures line up */
	size_t i;
	json_t *j;

	json_array_foreach(jails, i, j) {
		char found[16], find[32], ban[32];

		printf("jail %-*s %s found, %.0f watched, %.0f banned now, %.0f in all"
		       "  (%.0f in %s -> %s)\n", width, out_str(j, "name"),
		       out_count(out_num(j, "found"), found), out_num(j, "watched"),
		       out_num(j, "banned"), out_num(j, "bans_total"), out_num(j, "maxretry"),
		       out_duration(out_num(j, "findtime"), find),
		       out_duration(out_num(j, "bantime"), ban));
		print_sources(json_object_get(j, "sources"), json_array_size(jails) == 1);
		if (json_is_true(json_object_get(j, "proves_nothing")))
			puts("             its log proves nothing: others can write lines into it "
			     "(docs/sip.md)");
	}
}

static void print_events(const json_t *list)
{
	size_t i;
	json_t *e;

	json_array_foreach(list, i, e) {
		char taken[16];

		printf("%-12s %s: %s, %s taken, %.0f refused%s", i ? "" : "events",
		       out_str(e, "name"), out_str(e, "state"),
		       out_count(out_num(e, "taken"), taken), out_num(e, "refused"),
		       json_object_get(e, "error") ? ": " : "");
		if (json_object_get(e, "error"))
			out_text(out_str(e, "error"));
		putchar('\n');
	}
}

static void print_siege(const json_t *siege)
{
	char since[32];

	if (json_is_true(json_object_get(siege, "active")))
		printf("SIEGE        since %s: only trusted and known sources speak SIP\n",
		       out_time(out_num(siege, "since"), since));
	else
		printf("siege        no (mode %s)\n", out_str(siege, "mode"));
}

static void print_signatures(const json_t *signatures)
{
	char n[16];
	size_t i;
	json_t *e;

	json_array_foreach(signatures, i, e) {
		if (!out_num(e, "messages"))
			continue;
		printf("             %s messages: ", out_count(out_num(e, "messages"), n));
		out_text(out_str(e, "signature"));
		putchar('\n');
	}
}

static void print_sip(const json_t *sip)
{
	const json_t *m = json_object_get(sip, "messages"), *p = json_object_get(sip, "senders");
	const json_t *siege = json_object_get(sip, "siege");
	bool sieged = json_is_true(json_object_get(siege, "active"));
	char passed[16], dropped[16], all[16], lost[16];

	if (!json_is_true(json_object_get(sip, "running")))
		return;
	printf("sip          %s messages passed, %s dropped (%s by the limit of all strangers)%s\n",
	       out_count(out_num(m, "passed"), passed), out_count(out_num(m, "dropped"), dropped),
	       out_count(out_num(m, "dropped_by_all"), all),
	       json_is_true(json_object_get(m, "crowded")) && !sieged ?
	       ", too many senders to tell apart" : "");
	printf("             %.0f trusted, %.0f known, %.0f limited for lack of proof; "
	       "%.0f failures, %.0f proven; %s messages not looked at\n",
	       out_num(p, "trusted"), out_num(p, "known"), out_num(p, "limited"),
	       out_num(p, "failures"), out_num(p, "proven"),
	       out_count(out_num(m, "ring_full"), lost));
	print_signatures(json_object_get(m, "signatures"));
	print_siege(siege);
}

static void print_status(void *ctx, const json_t *s)
{
	struct view *v = ctx;
	const json_t *problems = json_object_get(s, "problems");
	char up[32];
	size_t i;
	json_t *p;

	printf("xdpban %s, up %s, backend %s\n", out_str(s, "version"),
	       out_duration(out_num(s, "uptime"), up), out_str(s, "backend"));
	if (json_object_get(s, "backend_reason"))
		printf("             as better ones are not possible: %s\n",
		       out_str(s, "backend_reason"));
	print_interfaces(json_object_get(s, "interfaces"), out_str(s, "backend"));
	print_confined(json_object_get(s, "confined"));
	print_bans(json_object_get(s, "bans"));
	print_trust(json_object_get(s, "trust"));
	print_events(json_object_get(s, "events"));
	print_sip(json_object_get(s, "sip"));
	print_jails(json_object_get(s, "jails"));
	v->problems = json_array_size(problems);
	json_array_foreach(problems, i, p) {
		fputs(i ? "        " : "WRONG   ", stdout);
		out_text(json_string_value(p));
		putchar('\n');
	}
}

/* With --json: print, and still count for the exit status. */
static void print_raw(void *ctx, const json_t *s)
{
	struct view *v = ctx;

	out_json(s);
	v->problems = json_array_size(json_object_get(s, "problems"));
}

int cmd_status(struct cli *c, int argc, char **argv)
{
	struct view v = { 0 };
	json_t *req = json_pack("{s:s, s:s*}", "verb", "status",
				"jail", argc ? argv[0] : NULL);
	int status = out_ask_quietly(c, req, c->json ? print_raw : print_status, &v);

	if (status == -ENOENT || status == -ECONNREFUSED)
		return cli_fail("no daemon answers at %s: nothing is read, and nobody new is "
				"banned; what the kernel goes on dropping is in xdpban list. "
				"Start it with 'systemctl start xdpban' or 'xdpban run', or "
				"name its socket with --socket", c->opt[OPT_SOCKET]);

	return status ? status : v.problems ? EXIT_FAILED : EXIT_DONE;
}
