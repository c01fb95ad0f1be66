// SPDX-License-Identifier: GPL-2.0-or-later
/* sip-ports, sip-limits, sip-signatures: what they may say, and what it means. */
#include "pbx/sip_settings.h"

#include <errno.h>
#include <stdio.h>

#include "../t.h"

static struct text texts[8];

static struct texts of(const char *const *words)
{
	struct texts t = { texts, 0 };

	for (; words[t.n]; t.n++)
		texts[t.n] = (struct text){ words[t.n], "xdpban.conf", 3 };
	return t;
}

/* How many of them are wrong; what is right is in @r. */
static size_t read_as(struct sip_rules *r, const char *option, const char *const *words)
{
	struct config_settings c = { 0 };
	struct diag d = { 0 };
	size_t wrong;
	int err;

	if (streq(option, "ports"))
		c.sip_ports = of(words);
	else if (streq(option, "limits"))
		c.sip_limits = of(words);
	else
		c.sip_signatures = of(words);
	err = sip_rules_read(r, &c, &d);
	wrong = d.count[DIAG_ERROR];
	t_is("and says so", err, wrong ? -EINVAL : 0);
	diag_fini(&d);
	return wrong;
}

static void test_ports(void)
{
	static const char *const good[] = { "5060", "5070-5080", "65535", NULL };
	static const char *const bad[] = { "0", "x", "5080-5070", "70000", "5060-", "5060x", "", NULL };
	struct sip_rules r;

	t_is("ports", (int64_t)read_as(&r, "ports", good), 0);
	t_is("three", (int64_t)r.limits.n_ports, 3);
	t_ok("one", r.limits.ports[0].first == 5060 && r.limits.ports[0].last == 5060);
	t_ok("a range", r.limits.ports[1].first == 5070 && r.limits.ports[1].last == 5080);
	t_is("no ports", (int64_t)read_as(&r, "ports", bad), 7);
}

static void test_limits(void)
{
	static const char *const good[] = {
		"register=2.5/40", "all-invite=5000/6000", "known=0", "penalty=0.1/2",
		"answer=3/4", "all-suspect=1/1", NULL,
	};
	static const char *const bad[] = {
		"register", "register=", "register=1", "register=1/", "register=-1/5",
		"dance=1/1", "register=1/0", "register=1/5x", NULL,
	};
	struct sensor_settings plain;
	struct sip_rules r;

	sensor_defaults(&plain);
	t_is("limits", (int64_t)read_as(&r, "limits", good), 0);
	t_ok("of each", r.limits.source[SIP_REGISTER].per_s == 2.5 &&
	     r.limits.source[SIP_REGISTER].burst == 40);
	t_ok("of all", r.limits.all[SIP_INVITE].burst == 6000);
	t_ok("none", r.limits.known.per_s == 0);
	t_ok("of who has no proof", r.limits.penalty.burst == 2);
	t_ok("of those with credentials", r.limits.source[SIP_BUCKET_ANSWER].burst == 4);
	t_ok("of suspects", r.limits.all[SIP_BUCKET_SUSPECT].burst == 1);
	t_ok("others stay", r.limits.source[SIP_OPTIONS].burst == plain.source[SIP_OPTIONS].burst);
	t_is("no limits", (int64_t)read_as(&r, "limits", bad), 8);
	t_ok("change nothing", r.limits.source[SIP_REGISTER].burst == plain.source[SIP_REGISTER].burst);
}

static void test_signatures(void)
{
	static const char *const good[] = {
		"drop agent friendly-scanner", "slow  line sip:100@", "count agent a b c", NULL,
	};
	static const char *const bad[] = {
		"drop", "drop agent", "drop friendly-scanner", "ban agent x", "dropagent x",
		"drop agent 123456789012345678901234567890123", "", NULL,
	};
	struct sip_rules r;

	t_is("signatures", (int64_t)read_as(&r, "signatures", good), 0);
	t_is("three", (int64_t)r.n_signatures, 3);
	t_str("a text", r.signatures[0].text, "friendly-scanner");
	t_is("what to do", r.signatures[0].action, SIP_DROP);
	t_is("where", r.signatures[1].where, SIP_FIRST_LINE);
	t_str("with blanks", r.signatures[2].text, "a b c");
	t_is("no signatures", (int64_t)read_as(&r, "signatures", bad), 7);
}

int main(void)
{
	test_ports();
	test_limits();
	test_signatures();
	return t_done();
}
