// SPDX-License-Identifier: GPL-2.0-or-later
/* How configurations write a peer, and what is none. */
#include "../t.h"
#include "trust/peer.h"

static const struct {
	const char *text, *net, *host;	/* neither: it is no peer */
	bool srv;
} rows[] = {
	{ "192.0.2.1", "192.0.2.1", "", true },
	{ " 192.0.2.1 ", "192.0.2.1", "", true },
	{ "192.0.2.1:5060", "192.0.2.1", "", false },
	{ "192.0.2.9/29", "192.0.2.8/29", "", true },
	{ "192.0.2.9/255.255.255.0", "192.0.2.0/24", "", true },
	{ "2001:db8::1", "2001:db8::1", "", true },
	{ "2001:db8::/32", "2001:db8::/32", "", true },
	{ "[2001:db8::1]", "2001:db8::1", "", true },
	{ "[2001:db8::1]:5061", "2001:db8::1", "", true },
	{ "sip:[2001:db8::1]:5061;transport=tls", "2001:db8::1", "", true },
	{ "sip:192.0.2.1", "192.0.2.1", "", true },
	{ "SIPS:192.0.2.1:5061;lr?x=y", "192.0.2.1", "", false },
	{ "sip:user:p%40ss@Sip.Example.COM", NULL, "sip.example.com", true },
	{ "sip:a;b=c@example.com;lr", NULL, "example.com", true },
	{ "example.com.", NULL, "example.com", true },
	{ "example.com:5062", NULL, "example.com", false },
	{ "localhost", NULL, "localhost", true },
	{ "\"A <b>\" <sip:example.com;lr>", NULL, "example.com", true },
	{ "\"A\" <sip:x@example.com;lr>;q=1", NULL, "example.com", true },
	{ "a_b-c.example", NULL, "a_b-c.example", true },
	{ "", NULL, NULL, false },
	{ "sip:", NULL, NULL, false },
	{ "192.0.2", NULL, NULL, false },
	{ "192.0.2.256", NULL, NULL, false },
	{ "192.0.2.1/33", NULL, NULL, false },
	{ "192.0.2.1:", NULL, NULL, false },
	{ "192.0.2.1:0", NULL, NULL, false },
	{ "192.0.2.1:65536", NULL, NULL, false },
	{ "[2001:db8::1", NULL, NULL, false },
	{ "[2001:db8::1]x", NULL, NULL, false },
	{ "example..com", NULL, NULL, false },
	{ ".example.com", NULL, NULL, false },
	{ "-example.com", NULL, NULL, false },
	{ "exa mple.com", NULL, NULL, false },
	{ "${PROVIDER}", NULL, NULL, false },
	{ "example.com/24", NULL, NULL, false },
	{ "ex\xc3\xa4mple.com", NULL, NULL, false },
};

static void check_row(size_t i)
{
	char text[IPADDR_TEXT];
	struct trust_peer p;
	int err = trust_peer_parse(rows[i].text, strlen(rows[i].text), &p);

	if (!rows[i].net && !rows[i].host) {
		t_ok(rows[i].text, err != 0);
		return;
	}
	t_is(rows[i].text, err, 0);
	if (rows[i].net) {
		t_str(rows[i].text, ipaddr_format(&p.net, text), rows[i].net);
		return;
	}
	t_is(rows[i].text, p.net.family, 0);
	t_str(rows[i].text, p.host, rows[i].host);
	t_is(rows[i].text, p.srv, rows[i].srv);
}

static void check_long_name(void)
{
	char name[300];
	struct trust_peer p;

	memset(name, 'a', sizeof(name));
	t_is("253 letters", trust_peer_parse(name, 253, &p), 0);
	t_ok("254 letters", trust_peer_parse(name, 254, &p) != 0);
}

static const struct { const char *net; bool nobody, private; } meanings[] = {
	{ "0.0.0.0", true, false }, { "0.1.2.3", true, false },
	{ "224.0.0.1", true, false }, { "255.255.255.255", true, false },
	{ "::", true, false }, { "ff02::1", true, false },
	{ "10.1.2.3", false, true }, { "172.31.0.0/16", false, true },
	{ "172.32.0.1", false, false }, { "192.168.0.0/16", false, true },
	{ "192.168.0.0/15", false, false }, { "100.127.0.1", false, true },
	{ "100.128.0.1", false, false }, { "127.0.0.1", false, true },
	{ "169.254.1.1", false, true }, { "fd00::1", false, true },
	{ "fe80::1", false, true }, { "::1", false, true },
	{ "198.51.100.1", false, false }, { "2001:db8::1", false, false },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(i);
	check_long_name();
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		struct ipaddr net;

		ipaddr_parse_net(meanings[i].net, strlen(meanings[i].net), &net);
		t_is(meanings[i].net, trust_is_nobody(&net), meanings[i].nobody);
		t_is(meanings[i].net, trust_is_private(&net), meanings[i].private);
	}
	return t_done();
}
