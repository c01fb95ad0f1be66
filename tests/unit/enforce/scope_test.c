// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets of ports and protocols. */
#include <errno.h>
#include <stdlib.h>

#include "../t.h"
#include "base/str.h"
#include "enforce/enforcer.h"

static const struct {
	const char *what;
	uint8_t protocols[4];		/* 0 ends */
	uint16_t ports[8][2];		/* { 0, 0 } ends */
	const char *want;
} cases[] = {
	{ "everything", { 0 }, { { 0 } }, "all" },
	{ "a protocol", { 6 }, { { 0 } }, "tcp" },
	{ "protocols", { 17, 6, 1, 50 }, { { 0 } }, "icmp+tcp+udp+50" },
	{ "a port", { 17 }, { { 5060, 5060 } }, "udp/5060" },
	{ "a port of any protocol", { 0 }, { { 22, 22 } }, "all/22" },
	{ "ranges", { 6, 17 }, { { 10000, 20000 }, { 5060, 5061 } },
	  "tcp+udp/5060-5061,10000-20000" },
	{ "ports are sorted", { 6 }, { { 443, 443 }, { 22, 22 }, { 80, 80 } }, "tcp/22,80,443" },
	{ "neighbours are joined", { 6 }, { { 80, 80 }, { 82, 82 }, { 81, 81 } }, "tcp/80-82" },
	{ "overlaps are joined", { 6 }, { { 10, 20 }, { 30, 40 }, { 15, 35 } }, "tcp/10-40" },
	{ "one that swallows others", { 6 }, { { 10, 11 }, { 20, 21 }, { 30, 31 }, { 5, 25 } },
	  "tcp/5-25,30-31" },
	{ "one that is there already", { 6 }, { { 10, 20 }, { 12, 13 } }, "tcp/10-20" },
	{ "the first and the last", { 6 }, { { 65535, 65535 }, { 1, 1 } }, "tcp/1,65535" },
	{ "up to the last", { 6 }, { { 65534, 65534 }, { 65535, 65535 } }, "tcp/65534-65535" },
	{ "all of them", { 132 }, { { 1, 40000 }, { 40001, 65535 } }, "sctp/1-65535" },
};

static void check_full(void)
{
	struct enforce_scope s = { 0 };

	for (uint16_t i = 0; i < ENFORCE_PORTS; i++)
		t_is("a port", enforce_scope_ports(&s, 10 * i + 10, 10 * i + 10), 0);
	t_is("one more", enforce_scope_ports(&s, 1000, 1000), -E2BIG);
	t_is("one more in between", enforce_scope_ports(&s, 15, 15), -E2BIG);
	t_is("one more in front", enforce_scope_ports(&s, 1, 1), -E2BIG);
	t_is("nothing was changed", s.n_ports, ENFORCE_PORTS);
	t_is("a neighbour fits", enforce_scope_ports(&s, 161, 161), 0);
	t_is("one that joins two", enforce_scope_ports(&s, 11, 19), 0);
	t_is("makes room", s.n_ports, ENFORCE_PORTS - 1);
	t_is("for another", enforce_scope_ports(&s, 1000, 1000), 0);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct enforce_scope s = { 0 };
		struct str text = { 0 };

		for (int j = 0; j < 4 && cases[i].protocols[j]; j++)
			enforce_scope_protocol(&s, cases[i].protocols[j]);
		for (int j = 0; cases[i].ports[j][1]; j++)
			t_is(cases[i].what, enforce_scope_ports(&s, cases[i].ports[j][0],
							       cases[i].ports[j][1]), 0);
		enforce_scope_format(&s, &text);
		t_str(cases[i].what, text.s, cases[i].want);
		str_fini(&text);
	}
	check_full();
	return t_done();
}
