// SPDX-License-Identifier: GPL-2.0-or-later
/* What comes from no log counts like what does, with its grade. */
#include <errno.h>

#include "../t.h"
#include "regex/regex.h"
#include "lanes/lane.h"

#define NOW_S	1700000000

struct scene {
	struct config_jail jail;
	struct regex_env *env;
	struct lane *lane;
	struct now now;
	int verdicts;
	bool unproven;
	uint32_t failures;
	char text[64];			/* of the first line of the last verdict */
};

static void on_verdict(void *ctx, struct lane *lane, const struct verdict *v,
		       const struct now *now)
{
	struct scene *s = ctx;
	struct window_lines lines = window_kept_lines(v->lines);
	struct window_line none = { .text = "" }, first = lines.n ? lines.v[0] : none;
	size_t len = first.len < sizeof(s->text) ? first.len : 0;

	(void)lane, (void)now;
	s->verdicts++;
	s->unproven = v->unproven;
	s->failures = v->failures;
	memcpy(s->text, first.text, len);
	s->text[len] = '\0';
}

static void begin(struct scene *s, enum config_evidence evidence, bool sip, bool graded)
{
	struct diag d = { 0 };

	*s = (struct scene){
		.jail = { .name = "sip-sensor", .loaded = true, .backend = LOG_SENSOR,
			  .evidence = evidence, .sip = sip, .maxretry = 3, .maxmatches = 3,
			  .findtime = 600, .bantime = 600 },
		.env = regex_env_new(),
		.now = { { NS_PER_S }, { NOW_S * US_PER_S } },
	};
	struct lane_params p = {
		.conf = &s->jail, .env = s->env, .max_ids = 100, .graded = graded,
		.ops = { .verdict = on_verdict, .ctx = s },
	};

	t_is("a lane", lane_new(&s->lane, &p, s->now.wall, &d), 0);
	diag_fini(&d);
}

static void end(struct scene *s)
{
	lane_free(s->lane);
	regex_env_free(s->env);
}

static int report(struct scene *s, const char *who, double when, bool proven)
{
	struct report r = {
		.when = wall_from_s(when), .text = "REGISTER refused (403)", .len = 22,
		.proven = proven,
	};

	ipaddr_parse(who, strlen(who), &r.who);
	return lane_report(s->lane, &r, &s->now);
}

static int succeed(struct scene *s, const char *who)
{
	struct report r = { .when = s->now.wall, .what = REPORT_SUCCESS };

	ipaddr_parse(who, strlen(who), &r.who);
	return lane_report(s->lane, &r, &s->now);
}

/* Three forged failures: is that a ban? */
static void test_evidence(void)
{
	static const struct {
		const char *what;
		enum config_evidence evidence;
		bool sip, graded, unproven;
	} cases[] = {
		{ "sshd", EVIDENCE_AUTO, false, true, false },
		{ "asterisk with the sensor", EVIDENCE_AUTO, true, true, true },
		{ "asterisk without it", EVIDENCE_AUTO, true, false, false },
		{ "evidence = any", EVIDENCE_ANY, true, true, false },
		{ "evidence = proven", EVIDENCE_PROVEN, false, false, true },
	};
	struct scene s;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin(&s, cases[i].evidence, cases[i].sip, cases[i].graded);
		t_is("one", report(&s, "192.0.2.1", NOW_S, false), 0);
		t_is("two", report(&s, "192.0.2.1", NOW_S, false), 0);
		t_is("enough", report(&s, "192.0.2.1", NOW_S, false), 1);
		t_is(cases[i].what, s.unproven, cases[i].unproven);
		t_is("a verdict", s.verdicts, 1);
		t_is("of three", s.failures, 3);
		t_str("for a reason", s.text, "REGISTER refused (403)");
		t_is("limits", (int64_t)lane_stats(s.lane)->limits, cases[i].unproven);
		end(&s);
	}
}

static void test_proven(void)
{
	struct scene s;

	begin(&s, EVIDENCE_PROVEN, true, true);
	report(&s, "192.0.2.1", NOW_S, false);
	report(&s, "192.0.2.1", NOW_S, true);
	t_is("grades do not add up", report(&s, "192.0.2.1", NOW_S, false), 0);
	report(&s, "192.0.2.1", NOW_S, true);
	t_is("three proofs", report(&s, "192.0.2.1", NOW_S, true), 1);
	t_ok("are a ban", s.verdicts == 1 && !s.unproven);
	t_is("counted", (int64_t)lane_stats(s.lane)->proven, 3);
	end(&s);
}

static void test_success(void)
{
	struct scene s;

	begin(&s, EVIDENCE_PROVEN, true, true);
	report(&s, "192.0.2.1", NOW_S, true);
	report(&s, "192.0.2.1", NOW_S, true);
	report(&s, "192.0.2.1", NOW_S, false);
	t_is("a success clears", succeed(&s, "192.0.2.1"), 1);
	t_is("what there is", succeed(&s, "192.0.2.1"), 0);
	t_is("is counted", (int64_t)lane_stats(s.lane)->successes, 1);
	t_is("it begins anew", report(&s, "192.0.2.1", NOW_S, true), 0);
	t_is("nobody banned", s.verdicts, 0);
	end(&s);
}

static void test_times(void)
{
	struct scene s;

	begin(&s, EVIDENCE_ANY, true, true);
	report(&s, "192.0.2.1", NOW_S - 601, true);
	t_is("older than findtime: not counted", (int64_t)lane_stats(s.lane)->timeless, 1);
	report(&s, "192.0.2.1", NOW_S - 600, true);
	report(&s, "192.0.2.1", NOW_S + 100000, true);
	t_is("from the future: counts now", report(&s, "192.0.2.1", NOW_S, true), 1);
	end(&s);
}

static void test_allowed(void)
{
	static const struct text words[] = { { "192.0.2.0/24" } };
	struct diag d = { 0 };
	struct scene s;
	struct lane_params p;

	begin(&s, EVIDENCE_ANY, true, true);
	lane_free(s.lane);
	s.jail.ignoreip = (struct texts){ words, 1 };
	p = (struct lane_params){
		.conf = &s.jail, .env = s.env, .max_ids = 100,
		.ops = { .verdict = on_verdict, .ctx = &s },
	};
	t_is("a lane", lane_new(&s.lane, &p, s.now.wall, &d), 0);
	for (int i = 0; i < 5; i++)
		report(&s, "192.0.2.1", NOW_S, true);
	t_is("who may", (int64_t)lane_stats(s.lane)->allowed, 5);
	t_is("is not banned", s.verdicts, 0);
	diag_fini(&d);
	end(&s);
}

int main(void)
{
	test_evidence();
	test_proven();
	test_success();
	test_times();
	test_allowed();
	return t_done();
}
