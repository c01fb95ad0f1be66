// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/ssh_ports.h"

#include <glob.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define LINES_MAX	4096	/* of one file */
#define DEPTH_MAX	4	/* files that include files */
#define DEFAULT_PORT	22

struct reading {
	struct ssh_ports ports;		/* of Port */
	struct ssh_ports own;		/* of ListenAddress, with a port of its own */
	bool listens, without;		/* ListenAddress is there; one has no port */
	bool read;			/* at least one file was */
};

static void add(struct ssh_ports *p, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (end != text && !*end && port && port <= UINT16_MAX && p->n < SSH_PORTS_MAX)
		p->v[p->n++] = (uint16_t)port;
}

/* "192.0.2.1:22", "[::1]:22", "host:22"; a bare IPv6 address has more colons. */
static void add_listen(struct reading *r, const char *text)
{
	const char *colon = strrchr(text, ':');
	bool port = colon && (*text == '[' ? colon[-1] == ']' : strchr(text, ':') == colon);

	r->listens = true;
	if (port)
		add(&r->own, colon + 1);
	else
		r->without = true;
}

static void read_file(struct reading *r, const char *path, int depth);

/* A pattern; relative ones are below /etc/ssh. */
static void include(struct reading *r, const char *pattern, int depth)
{
	char path[512];
	glob_t g;

	if (depth >= DEPTH_MAX || snprintf(path, sizeof(path), "%s%s", *pattern == '/' ? "" :
					   "/etc/ssh/", pattern) >= (int)sizeof(path))
		return;
	if (!glob(path, 0, NULL, &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			read_file(r, g.gl_pathv[i], depth + 1);
	globfree(&g);
}

static void read_line(struct reading *r, char *line, int depth)
{
	static const char blanks[] = " \t\r\n=\"";
	char *rest, *key = strtok_r(line, blanks, &rest), *value;

	if (!key || *key == '#')
		return;
	while ((value = strtok_r(NULL, blanks, &rest)) && *value != '#') {
		if (!strcasecmp(key, "Port"))
			add(&r->ports, value);
		else if (!strcasecmp(key, "ListenAddress"))
			add_listen(r, value);
		else if (!strcasecmp(key, "Include"))
			include(r, value, depth);
		if (strcasecmp(key, "Include"))
			break;		/* "ListenAddress ADDRESS rdomain X" */
	}
}

static void read_file(struct reading *r, const char *path, int depth)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return;
	r->read = true;
	for (int i = 0; i < LINES_MAX && getline(&line, &size, f) > 0; i++)
		read_line(r, line, depth);
	free(line);
	fclose(f);
}

void ssh_ports_read(const char *path, struct ssh_ports *out)
{
	struct reading r = { .read = false };

	read_file(&r, path, 0);
	*out = r.own;
	if (!r.read || (r.listens && !r.without))
		return;
	if (!r.ports.n)
		r.ports.v[r.ports.n++] = DEFAULT_PORT;
	for (size_t i = 0; i < r.ports.n && out->n < SSH_PORTS_MAX; i++)
		out->v[out->n++] = r.ports.v[i];
}

static bool shuts(const struct config_scope *s, uint16_t port)
{
	bool tcp = !s->n_protocols, it = !s->n_ports;

	for (size_t i = 0; i < s->n_protocols; i++)
		tcp |= s->protocols[i] == IPPROTO_TCP;
	for (size_t i = 0; i < s->n_ports; i++)
		it |= port >= s->ports[i].first && port <= s->ports[i].last;
	return it && (tcp || !s->n_ports);
}

uint16_t ssh_ports_left_open(const struct ssh_ports *ports, const struct config_jail *jail)
{
	for (size_t i = 0; i < ports->n; i++) {
		bool shut = false, bans = false;

		for (size_t a = 0; a < jail->n_actions; a++) {
			bans |= jail->actions[a].native;
			shut |= jail->actions[a].native &&
				shuts(&jail->actions[a].scope, ports->v[i]);
		}
		if (bans && !shut)
			return ports->v[i];
	}
	return 0;
}
