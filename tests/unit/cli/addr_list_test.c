// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of addresses as people have them. */
#include "cli/addr_list.h"

#include <stdlib.h>

#include "../t.h"

struct seen { struct str text; };

static void row(void *ctx, json_t *row)
{
	struct seen *s = ctx;
	const json_t *left = json_object_get(row, "for");
	const char *reason = json_string_value(json_object_get(row, "reason"));

	str_puts(&s->text, json_string_value(json_object_get(row, "address")));
	if (left)
		str_printf(&s->text, " for %g", json_number_value(left));
	if (reason)
		str_printf(&s->text, " \"%s\"", reason);
	str_putc(&s->text, '|');
	json_decref(row);
}

static void plain(void *ctx, const char *address)
{
	struct seen *s = ctx;

	str_printf(&s->text, "%s|", address);
}

static void bad(void *ctx, size_t line, const char *what)
{
	struct seen *s = ctx;

	str_printf(&s->text, "BAD %zu %s|", line, what);
}

static const struct { const char *name, *text, *want; } cases[] = {
	{ "nothing", "", "" },
	{ "plain lines", "192.0.2.1\n2001:db8::1\r\n\n  192.0.2.0/24\t\n",
	  "192.0.2.1|2001:db8::1|192.0.2.0/24|" },
	{ "comments", "# a list\n; another\n192.0.2.1 # bad\n192.0.2.2;SBL1\n", "192.0.2.1|192.0.2.2|" },
	{ "no address", "192.0.2.256\nhello\n", "BAD 1 192.0.2.256|BAD 2 hello|" },
	{ "more than an address", "192.0.2.1 192.0.2.2\n", "BAD 1 192.0.2.1 192.0.2.2|" },
	{ "other spellings", "::ffff:192.0.2.1\n192.0.2.77/255.255.255.0\n", "192.0.2.1|192.0.2.0/24|" },
	{ "a range", "192.0.2.1-192.0.2.8\n", "192.0.2.1|192.0.2.2/31|192.0.2.4/30|192.0.2.8|" },
	{ "a range of one", "192.0.2.1-192.0.2.1\n", "192.0.2.1|" },
	{ "a whole network as a range", "192.0.2.0-192.0.2.255\n", "192.0.2.0/24|" },
	{ "the last addresses", "255.255.255.254-255.255.255.255\n", "255.255.255.254/31|" },
	{ "a range of IPv6", "2001:db8::-2001:db8::1:ffff\n", "2001:db8::/111|" },
	{ "everything is two networks", "0.0.0.0-255.255.255.255\n", "0.0.0.0/1|128.0.0.0/1|" },
	{ "everything of IPv6", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n", "::/1|8000::/1|" },
	{ "a range backwards", "192.0.2.8-192.0.2.1\n", "BAD 1 192.0.2.8-192.0.2.1|" },
	{ "a range of two families", "192.0.2.8-2001:db8::\n", "BAD 1 192.0.2.8-2001:db8::|" },
	{ "ipset save", "create bad hash:net family inet hashsize 1024 maxelem 65536 timeout 600\n"
	  "add bad 192.0.2.1 timeout 580\nadd bad 192.0.2.0/24 timeout 0\n"
	  "add bad 2001:db8::1\nadd bad 192.0.2.2 timeout 5 comment \"a \\ b, c\" packets 1 bytes 2\n",
	  "192.0.2.1 for 580|192.0.2.0/24 for -1|2001:db8::1|192.0.2.2 for 5 \"a \\ b, c\"|" },
	{ "ipset with ports", "add bad 192.0.2.1,tcp:22\nadd bad\n",
	  "BAD 1 192.0.2.1,tcp:22|BAD 2 add|" },
	{ "nft list set", "table inet f2b-table {\n\tset addr-set-sshd {\n\t\ttype ipv4_addr\n"
	  "\t\tflags interval,timeout\n\t\ttimeout 1h\n\t\telements = { 192.0.2.1, 192.0.2.4/30,\n"
	  "\t\t\t     192.0.2.9-192.0.2.10 timeout 1d2h expires 1h30m5s500ms,\n"
	  "\t\t\t     192.0.2.20 comment \"x, } y\" counter packets 0 bytes 0 }\n\t}\n}\n",
	  "192.0.2.1|192.0.2.4/30|192.0.2.9 for 5405.5|192.0.2.10 for 5405.5|192.0.2.20 \"x, } y\"|" },
	{ "nft commands", "add table inet t\nadd set inet t s { type ipv4_addr; }\nadd element inet t s { 192.0.2.1, 192.0.2.2 timeout 90s }\n192.0.2.3\n",
	  "192.0.2.1|192.0.2.2 for 90|192.0.2.3|" },
	{ "an empty set", "elements = { }\n192.0.2.3\n", "192.0.2.3|" },
	{ "a brace that closes later", "elements = {\n192.0.2.1\n}\n192.0.2.2\n", "192.0.2.1|192.0.2.2|" },
	{ "a strange element", "elements = { 192.0.2.1 . 22, x }\n", "BAD 1 192.0.2.1 . 22|BAD 1 x|" },
	{ "words without a value", "add bad 192.0.2.1 timeout\nelements = { 192.0.2.1 comment }\n",
	  "BAD 1 add|BAD 2 192.0.2.1 comment |" },
	{ "a strange time", "elements = { 192.0.2.1 timeout soon, 192.0.2.2 timeout 1w,\n"
	  "192.0.2.3 timeout 5sm, 192.0.2.4 timeout 1e400 }\n",
	  "192.0.2.1|192.0.2.2|192.0.2.3|192.0.2.4|" },
	{ "our own", "{\"address\":\"192.0.2.1\",\"for\":5,\"reason\":\"x\"}\n", "192.0.2.1 for 5 \"x\"|" },
	{ "not our own", "{\"address\":\"x\"}\n{\"a\n{}\n",
	  "BAD 1 {\"address\":\"x\"}|BAD 2 {\"a|BAD 3 {}|" },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen s = { { 0 } };
		struct addr_list l = { .row = row, .plain = plain, .bad = bad, .ctx = &s };
		FILE *f = fmemopen((char *)cases[i].text, strlen(cases[i].text) + 1, "r");

		if (!*cases[i].text) {
			fclose(f);
			f = fopen("/dev/null", "r");
		}
		t_is(cases[i].name, addr_list_read(&l, f), 0);
		t_str(cases[i].name, s.text.s ? s.text.s : "", cases[i].want);
		fclose(f);
		str_fini(&s.text);
	}
	return t_done();
}
