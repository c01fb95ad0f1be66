// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/ssh_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "../t.h"

static const struct { const char *what, *text, *ports; } cases[] = {
	{ "nothing said", "# Port 99\nPermitRootLogin no\n", "22" },
	{ "empty", "", "22" },
	{ "another port", "Port 2222\n", "2222" },
	{ "two, in any case, with a comment", "port 22\n  PORT=2222 # moved\n", "22 2222" },
	{ "quoted", "Port \"2022\"\n", "2022" },
	{ "an address alone takes Port", "Port 2222\nListenAddress 192.0.2.1\n", "2222" },
	{ "its own port", "ListenAddress 192.0.2.1:2022\n", "2022" },
	{ "IPv6", "ListenAddress [2001:db8::1]:2022\nListenAddress ::\n", "2022 22" },
	{ "bare IPv6 has no port", "ListenAddress 2001:db8::1\n", "22" },
	{ "one of each", "ListenAddress [::1]:2022\nListenAddress 0.0.0.0\nPort 23\n", "2022 23" },
	{ "routing domains", "ListenAddress 0.0.0.0:24 rdomain red\n", "24" },
	{ "no ports", "Port\nPort x\nPort 0\nPort 65536\nPort -1\n", "22" },
};

static char dir[] = "/tmp/xdpban-ssh-XXXXXX";

static const char *write_file(const char *name, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
	return path;
}

static const char *ports_of(const char *path, struct str *out)
{
	struct ssh_ports p;

	str_reset(out);
	str_puts(out, "");
	ssh_ports_read(path, &p);
	for (size_t i = 0; i < p.n; i++)
		str_printf(out, "%s%u", i ? " " : "", p.v[i]);
	return out->s ? out->s : "";
}

static void test_reading(void)
{
	struct str got = { 0 };
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		t_str(cases[i].what, ports_of(write_file("conf", cases[i].text), &got),
		      cases[i].ports);
	write_file("10-port.conf", "Port 2222\n");
	snprintf(text, sizeof(text), "Include %s/*.conf\nPort 22\n", dir);
	t_str("included", ports_of(write_file("conf", text), &got), "2222 22");
	snprintf(text, sizeof(text), "Include %s/conf\n", dir);
	t_str("including itself ends", ports_of(write_file("conf", text), &got), "22");
	t_str("no sshd", ports_of("/nonexistent/sshd_config", &got), "");
	str_fini(&got);
}

static uint16_t left_open(struct config_scope scope, bool native)
{
	const struct config_action action = { .native = native, .scope = scope };
	const struct config_jail jail = { .actions = &action, .n_actions = 1 };
	const struct ssh_ports ports = { { 22, 2222 }, 2 };

	return ssh_ports_left_open(&ports, &jail);
}

static void test_coverage(void)
{
	static const struct config_ports one[] = { { 22, 22 } },
		both[] = { { 22, 22 }, { 2000, 3000 } };
	static const uint8_t tcp[] = { 6 }, udp[] = { 17 };

	t_is("only 22", left_open((struct config_scope){ one, 1, tcp, 1 }, true), 2222);
	t_is("both", left_open((struct config_scope){ both, 2, tcp, 1 }, true), 0);
	t_is("of all protocols", left_open((struct config_scope){ both, 2, NULL, 0 }, true), 0);
	t_is("of another", left_open((struct config_scope){ both, 2, udp, 1 }, true), 22);
	t_is("every port", left_open((struct config_scope){ .n_ports = 0 }, true), 0);
	t_is("nobody is banned, which check says", left_open((struct config_scope){ one, 1, tcp, 1 }, false), 0);
}

int main(void)
{
	char path[128];

	if (!mkdtemp(dir))
		return 1;
	test_reading();
	test_coverage();
	snprintf(path, sizeof(path), "%s/conf", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/10-port.conf", dir);
	unlink(path);
	rmdir(dir);
	return t_done();
}
