// SPDX-License-Identifier: GPL-2.0-or-later
/* Failures in, verdicts out. */
#include "decide/jail.h"

#include <errno.h>
#include <stdio.h>

#include "../t.h"

/* What the caller of a jail knows of the past, and its dice. */
struct world {
	const char *bad;		/* the only known offender */
	struct jail_past past;
	char asked[32];			/* the last jail asked for; "*": all */
	double random;
};

static struct jail_past past(void *ctx, const char *jail, const struct ipaddr *who)
{
	struct world *w = ctx;
	char text[IPADDR_TEXT];

	snprintf(w->asked, sizeof(w->asked), "%s", jail ? jail : "*");
	if (w->bad && !strcmp(w->bad, ipaddr_format(who, text)))
		return w->past;
	return (struct jail_past){ 0 };
}

static double dice(void *ctx)
{
	return ((struct world *)ctx)->random;
}

static struct jail_policy policy_of(struct world *w)
{
	return (struct jail_policy){
		.name = "sshd",
		.window = { .maxretry = 3, .findtime_us = 600 * US_PER_S, .maxmatches = 3,
			    .max_ids = 100, .max_text = 10000 },
		.bantime_us = 600 * US_PER_S,
		.past = past, .random = dice, .ctx = w,
	};
}

static struct jail *open_jail(const struct jail_policy *p)
{
	struct jail *j = NULL;

	t_is("a jail", jail_new(&j, p), 0);
	return j;
}

/* @id as an address if it is one. */
static int note(struct jail *j, const char *id, double s, bool proven, struct verdict *v)
{
	struct window_text line = { id, strlen(id) };
	struct failure f = { .id = id, .id_len = strlen(id), .when = wall_from_s(s),
			     .lines = &line, .n_lines = 1, .regex = 4, .proven = proven };

	if (ipaddr_parse(id, strlen(id), &f.addr))
		f.addr = (struct ipaddr){ 0 };
	return jail_note(j, &f, v);
}

static int fail(struct jail *j, const char *id, double s, struct verdict *v)
{
	return note(j, id, s, false, v);
}

static void test_a_ban(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct jail *j = open_jail(&p);
	struct verdict v;
	struct window_lines lines;

	t_is("one", fail(j, "192.0.2.1", 100, &v), 0);
	t_is("somebody else", fail(j, "192.0.2.2", 100, &v), 0);
	t_is("two", fail(j, "192.0.2.1", 200, &v), 0);
	t_is("counted so far", v.failures, 2);
	t_is("three", fail(j, "192.0.2.1", 300, &v), 1);
	t_str("who", v.id, "192.0.2.1");
	t_is("is an address", v.who.family, 4);
	t_is("failures", v.failures, 3);
	t_is("earlier", v.earlier, 0);
	t_is("when", v.when.us, 300 * US_PER_S);
	t_is("since", v.first.us, 100 * US_PER_S);
	t_is("for", v.bantime_us, 600 * US_PER_S);
	lines = window_kept_lines(v.lines);
	for (size_t i = 0; i < lines.n; i++)
		t_is("the line's regex", lines.v[i].regex, 4);
	t_is("with its lines", (int64_t)lines.n, 3);
	t_is("starts from nothing", fail(j, "192.0.2.1", 301, &v), 0);
	t_is("one", v.failures, 1);
	jail_free(j);
}

static void test_ids_that_are_no_addresses(void)
{
	struct world w = { .bad = "-" };
	struct jail_policy p = policy_of(&w);
	struct jail *j;
	struct verdict v;

	p.escalation.increment = true;
	j = open_jail(&p);
	fail(j, "root", 1, &v);
	fail(j, "root", 2, &v);
	t_is("counted", fail(j, "root", 3, &v), 1);
	t_str("by its text", v.id, "root");
	t_is("no address", v.who.family, 0);
	t_str("and without a past", w.asked, "");
	jail_free(j);
}

static void test_known_offender(void)
{
	struct world w = { .bad = "192.0.2.1", .past = { 2, wall_from_s(1000) },
			   .random = 0.5 };
	struct jail_policy p = policy_of(&w);
	struct ipaddr who;
	struct jail *j;
	struct verdict v;

	p.window.maxretry = 5;
	p.escalation = (struct escalation){ .increment = true, .factor = 1,
					    .rndtime_us = 10 * US_PER_S };
	j = open_jail(&p);
	t_is("a failure before his last ban", fail(j, "192.0.2.1", 1000, &v), 0);
	t_is("counts once", v.failures, 1);
	t_is("one after it", fail(j, "192.0.2.1", 1001, &v), 0);
	t_is("counts three times", v.failures, 4);
	t_is("so three are enough", fail(j, "192.0.2.1", 1002, &v), 1);
	t_is("four times as long, and the dice", v.bantime_us, 2405 * US_PER_S);
	t_is("earlier", v.earlier, 2);
	t_str("of this jail", w.asked, "sshd");
	t_is("others count once", fail(j, "192.0.2.2", 1001, &v), 0);
	t_is("others", v.failures, 1);
	p.escalation.overalljails = true;
	t_is("overalljails", jail_set_policy(j, &p), 0);
	ipaddr_parse(w.bad, strlen(w.bad), &who);
	t_is("a ban by hand", jail_bantime(j, &who, &v.earlier), 2405 * US_PER_S);
	t_str("asks for all", w.asked, "*");
	jail_free(j);
}

/* His log is read again, as after Fail2ban, which banned him for it. */
static void test_answered_failures(void)
{
	struct world w = { .bad = "192.0.2.1", .past = { 1, wall_from_s(1002) } };
	struct jail_policy p = policy_of(&w);
	struct jail *j = open_jail(&p);
	struct verdict v;

	fail(j, "192.0.2.1", 1000, &v);
	fail(j, "192.0.2.1", 1001, &v);
	t_is("up to his ban: no other one", fail(j, "192.0.2.1", 1002, &v), 0);
	t_is("they count no more", fail(j, "192.0.2.1", 1003, &v), 0);
	t_is("what came after it", v.failures, 1);
	fail(j, "192.0.2.1", 1003, &v);
	t_is("is a ban", fail(j, "192.0.2.1", 1003, &v), 1);
	fail(j, "192.0.2.2", 1000, &v);
	fail(j, "192.0.2.2", 1001, &v);
	t_is("somebody else", fail(j, "192.0.2.2", 1002, &v), 1);
	jail_free(j);
}

/* So many that twice as many are none, in 32 bits. */
static void test_countless_attempts(void)
{
	struct world w = { .bad = "192.0.2.1", .past = { 1, wall_from_s(10) } };
	struct jail_policy p = policy_of(&w);
	struct failure f = { .count = 1u << 31, .when = wall_from_s(100) };
	struct jail *j;
	struct verdict v;

	p.escalation = (struct escalation){ .increment = true, .factor = 1 };
	j = open_jail(&p);
	ipaddr_parse(w.bad, strlen(w.bad), &f.addr);
	t_is("of a known offender, in one line", jail_note(j, &f, &v), 1);
	jail_free(j);
}

static void test_networks(void)
{
	struct world w = { .bad = "2001:db8:0:1::/64", .past = { 1, { 0 } } };
	struct jail_policy p = policy_of(&w);
	struct jail *j;
	struct verdict v;

	p.count_prefix6 = 64;
	j = open_jail(&p);
	t_is("one", fail(j, "2001:db8:0:1::1", 1, &v), 0);
	t_is("a neighbour", fail(j, "2001:db8:0:1:ffff::", 2, &v), 0);
	t_is("another network", fail(j, "2001:db8:0:2::1", 2, &v), 0);
	t_is("another neighbour", fail(j, "2001:db8:0:1:1:2:3:4", 3, &v), 1);
	t_str("the network", v.id, "2001:db8:0:1::/64");
	t_is("has a past", v.earlier, 1);
	t_is("IPv4 one by one", fail(j, "192.0.2.1", 1, &v), 0);
	t_is("IPv4 two", fail(j, "192.0.2.2", 1, &v), 0);
	t_is("IPv4 alone", v.failures, 1);
	jail_free(j);
}

static void test_attempts_by_hand(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct jail *j = open_jail(&p);
	struct failure f = { .id = "x", .id_len = 1, .count = 2 };
	struct verdict v;

	t_is("two at once", jail_note(j, &f, &v), 0);
	t_is("and two", jail_note(j, &f, &v), 1);
	t_is("are four", v.failures, 4);
	jail_free(j);
}

static void test_recidive(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct jail *j;
	struct verdict v;
	struct window_lines lines;
	struct ipaddr who;

	p.name = "recidive";
	p.bantime_us = BANTIME_FOREVER;
	j = open_jail(&p);
	ipaddr_parse("192.0.2.1", 9, &who);
	t_is("one ban", jail_note_ban(j, "sshd", &who, wall_from_s(1), &v), 0);
	t_is("another jail's", jail_note_ban(j, "asterisk", &who, wall_from_s(2), &v), 0);
	t_is("its own does not count", jail_note_ban(j, "recidive", &who, wall_from_s(3), &v), 0);
	t_is("a third", jail_note_ban(j, "sshd", &who, wall_from_s(4), &v), 1);
	t_is("for ever", v.bantime_us, BANTIME_FOREVER);
	lines = window_kept_lines(v.lines);
	t_ok("with evidence", lines.n && lines.v[0].len == strlen("[sshd] Ban 192.0.2.1") &&
	     !memcmp(lines.v[0].text, "[sshd] Ban 192.0.2.1", lines.v[0].len));
	jail_free(j);
}

/* What the first line says of the sender; -1: there is none. */
static int is_line_proven(const struct verdict *v)
{
	struct window_lines lines = window_kept_lines(v->lines);

	return lines.n ? lines.v[0].proven : -1;
}

static void test_proof(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct jail *j;
	struct verdict v;

	p.wants_proof = true;
	j = open_jail(&p);
	t_is("an honest mistake", note(j, "192.0.2.1", 1, true, &v), 0);
	t_is("a forged failure", note(j, "192.0.2.1", 2, false, &v), 0);
	t_is("another", note(j, "192.0.2.1", 3, false, &v), 0);
	t_is("do not add up with it", v.failures, 2);
	t_is("three forged ones", note(j, "192.0.2.1", 4, false, &v), 1);
	t_ok("prove nothing", v.unproven);
	t_ok("as their lines say", is_line_proven(&v) == 0);
	t_is("two mistakes", note(j, "192.0.2.1", 5, true, &v), 0);
	t_is("three", note(j, "192.0.2.1", 6, true, &v), 1);
	t_ok("are proven", !v.unproven && is_line_proven(&v) == 1);
	jail_free(j);
}

static void test_any_evidence(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct jail *j = open_jail(&p);
	struct verdict v;

	note(j, "192.0.2.1", 1, true, &v);
	note(j, "192.0.2.1", 2, false, &v);
	t_is("all count alike", note(j, "192.0.2.1", 3, false, &v), 1);
	t_ok("and nobody asks", !v.unproven);
	t_ok("there is one window", !jail_unproven(j));
	p.wants_proof = true;
	t_is("until a reload", jail_set_policy(j, &p), 0);
	note(j, "192.0.2.1", 1, false, &v);
	note(j, "192.0.2.1", 2, false, &v);
	t_is("three forged ones", note(j, "192.0.2.1", 3, false, &v), 1);
	t_ok("are no ban any more", v.unproven);
	jail_free(j);
}

static void test_success(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	struct ipaddr who, other;
	struct jail *j;
	struct verdict v;

	p.wants_proof = true;
	j = open_jail(&p);
	ipaddr_parse("192.0.2.1", 9, &who);
	ipaddr_parse("192.0.2.2", 9, &other);
	note(j, "192.0.2.1", 1, true, &v);
	note(j, "192.0.2.1", 2, true, &v);
	note(j, "192.0.2.2", 2, false, &v);
	t_ok("failures are forgotten", jail_succeeded(j, &who));
	t_ok("those without proof, too", jail_succeeded(j, &other));
	t_ok("once", !jail_succeeded(j, &who));
	t_is("begins anew", note(j, "192.0.2.1", 3, true, &v), 0);
	t_is("with one", v.failures, 1);
	jail_free(j);
}

/* As many forged senders as there may be ids at all push nobody out. */
static void test_forged_crowd(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w);
	char id[IPADDR_TEXT];
	struct jail *j;
	struct verdict v;

	p.wants_proof = true;
	p.window.max_ids = 2;
	j = open_jail(&p);
	note(j, "192.0.2.1", 1, true, &v);
	for (int i = 0; i < 40000; i++) {
		snprintf(id, sizeof(id), "10.0.%d.%d", i >> 8, i & 255);
		note(j, id, 1, false, &v);
	}
	t_is("not all are kept", (int64_t)window_stats(jail_unproven(j)).ids, 16384);
	t_is("two of somebody real", note(j, "192.0.2.1", 2, true, &v), 0);
	t_is("are still two", v.failures, 2);
	jail_free(j);
}

static void test_policies(void)
{
	struct world w = { 0 };
	struct jail_policy p = policy_of(&w), bad = p;
	struct jail *j = open_jail(&p);
	struct verdict v;

	bad.window.maxretry = 0;
	t_is("a bad policy", jail_new(&(struct jail *){ NULL }, &bad), -EINVAL);
	fail(j, "192.0.2.1", 1, &v);
	fail(j, "192.0.2.1", 2, &v);
	t_is("changes nothing", jail_set_policy(j, &bad), -EINVAL);
	bad = p;
	bad.count_prefix4 = 33;
	t_is("nor does this one", jail_set_policy(j, &bad), -EINVAL);
	p.name = "ssh2";
	p.bantime_us = 5;
	t_is("a new one", jail_set_policy(j, &p), 0);
	t_str("has a name", jail_name(j), "ssh2");
	t_is("the counts stay", fail(j, "192.0.2.1", 3, &v), 1);
	t_is("and it is used", v.bantime_us, 5);
	jail_free(j);
	jail_free(NULL);
}

int main(void)
{
	test_a_ban();
	test_ids_that_are_no_addresses();
	test_known_offender();
	test_answered_failures();
	test_countless_attempts();
	test_networks();
	test_attempts_by_hand();
	test_recidive();
	test_proof();
	test_any_evidence();
	test_success();
	test_forged_crowd();
	test_policies();
	return t_done();
}
