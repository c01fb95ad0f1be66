// SPDX-License-Identifier: GPL-2.0-or-later
/* The three forms of a notice, and what is none. */
#include <errno.h>

#include "../t.h"
#include "event/notice.h"

static const struct {
	const char *what, *text;
	int ret;
	const char *jail, *who;
	bool success, proven;
	double when;			/* 0: none */
	const char *line;		/* NULL: not compared */
} cases[] = {
	/* ---- our own form ---- */
	{ "the least", "{\"jail\":\"web\",\"ip\":\"192.0.2.1\"}", 0, "web", "192.0.2.1",
	  false, false, 0, "failure of 192.0.2.1" },
	{ "everything", "{\"jail\":\"pbx\",\"ip\":\"2001:db8::1\",\"what\":\"success\",\"time\":"
	  "1764000000.5,\"transport\":\"tls\",\"proven\":false,\"user\":\"100\",\"text\":\"ok\"}",
	  0, "pbx", "2001:db8::1", true, true, 1764000000.5,
	  "success of 2001:db8::1 by tls as \"100\": ok" },
	{ "udp proves nothing", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"transport\":\"UDP\"}", 0, "a",
	  "192.0.2.1", false, false, 0, "failure of 192.0.2.1 by UDP" },
	{ "unless the sender says so", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"transport\":\"udp\","
	  "\"proven\":true}", 0, "a", "192.0.2.1", false, true, 0, NULL },
	{ "a script's number for true", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"proven\":\"1\"}", 0,
	  "a", "192.0.2.1", false, true, 0, NULL },
	{ "null is the same as nothing", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"user\":null,"
	  "\"time\":null}", 0, "a", "192.0.2.1", false, false, 0, "failure of 192.0.2.1" },
	{ "members that nobody knows", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"x\":{\"y\":[1]}}", 0,
	  "a", "192.0.2.1", false, false, 0, NULL },
	{ "a line end in a name is no line end", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"user\":"
	  "\"x\\ny\\u001b\"}", 0, "a", "192.0.2.1", false, false, 0,
	  "failure of 192.0.2.1 as \"x?y?\"" },
	{ "IPv4 in IPv6 is IPv4", "{\"jail\":\"a\",\"ip\":\"::ffff:192.0.2.1\"}", 0, "a",
	  "192.0.2.1", false, false, 0, NULL },
	{ "blanks around it", " \n{\"jail\":\"a\",\"ip\":\"192.0.2.1\"}\n", 0, "a", "192.0.2.1",
	  false, false, 0, NULL },
	{ "no jail", "{\"ip\":\"192.0.2.1\"}", -EINVAL },
	{ "an empty one", "{\"jail\":\"\",\"ip\":\"192.0.2.1\"}", -EINVAL },
	{ "no address", "{\"jail\":\"a\"}", -EINVAL },
	{ "a name for an address", "{\"jail\":\"a\",\"ip\":\"example.com\"}", -EINVAL },
	{ "a network", "{\"jail\":\"a\",\"ip\":\"192.0.2.0/24\"}", -EINVAL },
	{ "a number for an address", "{\"jail\":\"a\",\"ip\":3221225985}", -EINVAL },
	{ "a member twice", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"ip\":\"192.0.2.2\"}", -EINVAL },
	{ "another what", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"what\":\"attack\"}", -EINVAL },
	{ "another transport", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"transport\":\"quic\"}",
	  -EINVAL },
	{ "no time", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"time\":\"now\"}", -EINVAL },
	{ "a time that is none", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"time\":-1}", -EINVAL },
	{ "two objects", "{\"jail\":\"a\",\"ip\":\"192.0.2.1\"}{}", -EINVAL },
	{ "half an object", "{\"jail\":\"a\",\"ip\":\"192.0.2", -EINVAL },
	{ "an array", "[{\"jail\":\"a\",\"ip\":\"192.0.2.1\"}]", -EINVAL },
	{ "nothing", "", -EINVAL },
	{ "blanks", " \n", -EINVAL },
	{ "some text", "hello", -EINVAL },
	/* ---- OpenSIPS 3 ---- */
	{ "pike", "{\"jsonrpc\":\"2.0\",\"method\":\"E_PIKE_BLOCKED\",\"params\":{\"ip\":"
	  "\"192.0.2.1\"}}", 0, "opensips", "192.0.2.1", false, false, 0,
	  "failure of 192.0.2.1: E_PIKE_BLOCKED" },
	{ "a script's own", "{\"jsonrpc\":\"2.0\",\"method\":\"E_AUTH\",\"params\":{\"ip\":"
	  "\"192.0.2.1\",\"jail\":\"pbx\",\"transport\":\"tcp\",\"user\":\"bob\",\"proven\":0}}", 0,
	  "pbx", "192.0.2.1", false, true, 0, "failure of 192.0.2.1 by tcp as \"bob\": E_AUTH" },
	{ "parameters without names", "{\"jsonrpc\":\"2.0\",\"method\":\"E_X\",\"params\":"
	  "[\"192.0.2.1\"]}", -EINVAL },
	{ "none at all", "{\"jsonrpc\":\"2.0\",\"method\":\"E_X\"}", -EINVAL },
	/* ---- OpenSIPS 1 and 2 ---- */
	{ "pike of old", "E_PIKE_BLOCKED\nip::192.0.2.1\n\n", 0, "opensips", "192.0.2.1", false,
	  false, 0, "failure of 192.0.2.1: E_PIKE_BLOCKED" },
	{ "a script's own", "E_AUTH\nuser::bob\nip::2001:db8::1\ntransport::tls\njail::pbx\n\n", 0,
	  "pbx", "2001:db8::1", false, true, 0, "failure of 2001:db8::1 by tls as \"bob\": E_AUTH" },
	{ "without the empty line", "E_X\nip::192.0.2.1", 0, "opensips", "192.0.2.1", false, false,
	  0, NULL },
	{ "quotes: only the address is believed", "E_X\nuser::\"a\nproven::1\n\"\nip::192.0.2.1\n\n",
	  0, "opensips", "192.0.2.1", false, false, 0, NULL },
	{ "an address in a name", "E_X\nuser::\"a\nip::198.51.100.9\n\"\nip::192.0.2.1\n\n",
	  -EINVAL },
	{ "an address twice", "E_X\nip::198.51.100.9\nip::192.0.2.1\n\n", -EINVAL },
	{ "no address", "E_X\nuser::bob\n\n", -EINVAL },
	{ "only a name", "E_X", -EINVAL },
};

int main(void)
{
	char big[NOTICE_MAX + 64], buf[IPADDR_TEXT];
	struct notice n;
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int ret = notice_parse(cases[i].text, strlen(cases[i].text), &n, &why);

		t_is(cases[i].what, ret, cases[i].ret);
		t_is(cases[i].what, why != NULL, ret != 0);
		if (ret || cases[i].ret)
			continue;
		t_str(cases[i].what, n.jail, cases[i].jail);
		t_str(cases[i].what, ipaddr_format(&n.who, buf), cases[i].who);
		t_is(cases[i].what, n.success, cases[i].success);
		t_is(cases[i].what, n.proven, cases[i].proven);
		t_is(cases[i].what, n.timed, cases[i].when > 0);
		t_is(cases[i].what, n.when.us, (int64_t)(cases[i].when * 1e6));
		if (cases[i].line)
			t_str(cases[i].what, n.text, cases[i].line);
	}
	memset(big, 'x', sizeof(big));
	memcpy(big, "{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"text\":\"", 37);
	memcpy(big + NOTICE_MAX - 2, "\"}", 2);
	t_is("as long as may be", notice_parse(big, NOTICE_MAX, &n, &why), 0);
	t_is("its text is cut", (int64_t)strlen(n.text), NOTICE_TEXT - 1);
	t_is("longer", notice_parse(big, sizeof(big), &n, &why), -EINVAL);
	t_is("a NUL in a line", notice_parse("E_X\nip::192.0.2.1\0\n", 18, &n, &why), -EINVAL);
	t_is("a NUL in JSON", notice_parse("{\"jail\":\"a\",\"ip\":\"192.0.2.1\",\"text\":"
					   "\"\\u0000\"}", 45, &n, &why), -EINVAL);
	return t_done();
}
