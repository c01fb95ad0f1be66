// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables of Kamailio's and OpenSIPS' db_text: a file for each table in one
 * directory.  The first line names the columns, "id(int,auto) grp(int) ...", the
 * others are rows with ":" between values and a backslash before special ones.
 */
#include <string.h>

#include "readers.h"

enum { MAX_COLUMNS = 32 };

/* Where a table has its peers. */
static const struct place_in {
	const char *module, *table, *column, *mask, *role;
} places[] = {
	{ "permissions", "address", "ip_addr", "mask", "permissions address" },	/* Kamailio */
	{ "permissions", "address", "ip", "mask", "permissions address" },	/* OpenSIPS */
	{ "permissions", "trusted", "src_ip", NULL, "permissions trusted" },
	{ "dispatcher", "dispatcher", "destination", NULL, "dispatcher" },
	{ "drouting", "dr_gateways", "address", NULL, "drouting gateway" },
	{ "lcr", "lcr_gw", "ip_addr", NULL, "lcr gateway" },
	{ "lcr", "lcr_gw", "hostname", NULL, "lcr gateway" },
	{ "uac", "uacreg", "auth_proxy", NULL, "uac registration" },
	{ "uac_registrant", "registrant", "registrar", NULL, "registrant" },
	{ "uac_registrant", "registrant", "proxy", NULL, "registrant" },
};

/* Columns by number, -1: there is none. */
struct columns { int peer, mask, name; };

static struct columns find_columns(char *header, const struct place_in *p)
{
	struct columns c = { -1, -1, -1 };
	char *save = NULL;
	int i = 0;

	for (char *w = strtok_r(header, " \t\r", &save); w;
	     w = strtok_r(NULL, " \t\r", &save), i++) {
		w[strcspn(w, "(")] = '\0';
		if (streq(w, p->column))
			c.peer = i;
		else if (p->mask && streq(w, p->mask))
			c.mask = i;
		else if (streq(w, "grp") || streq(w, "setid") || streq(w, "gwid") ||
			 streq(w, "l_uuid"))
			c.name = i;
	}
	return c;
}

/* Cut a row at its colons, and undo the escapes, in place. */
static int split(char *row, char *values[])
{
	char *out = row;
	int n = 0;

	values[n++] = row;
	for (char *s = row; *s; s++) {
		if (*s == ':' && n < MAX_COLUMNS) {
			*out++ = '\0';
			values[n++] = out;
		} else if (*s == '\\' && s[1]) {
			*out++ = *++s;
		} else if (*s != '\r') {
			*out++ = *s;
		}
	}
	*out = '\0';
	return n;
}

static void take_row(struct trust_reading *r, const struct trust_text *text, char *row,
		     const struct columns *c, const struct place_in *p)
{
	char *values[MAX_COLUMNS];
	struct trust_place at = { text->file, text->line, p->role, "" };
	int n = split(row, values);

	if (c->peer >= n || !*values[c->peer])
		return;
	if (c->name >= 0 && c->name < n)
		at.name = values[c->name];
	/* "any" takes calls from everybody, which names nobody. */
	if (!streq(values[c->peer], "any"))
		trust_add_masked(r, &at, values[c->peer],
				 c->mask >= 0 && c->mask < n ? values[c->mask] : "");
}

static void read_table(struct trust_reading *r, const char *dir, const struct place_in *p)
{
	char path[TRUST_PATH], *line;
	struct trust_text text;
	struct columns c;

	if (trust_load(r, trust_path(dir, p->table, path), NULL, &text))
		return;
	line = trust_line(&text);
	c = find_columns(line ? line : path, p);
	while (!r->err && c.peer >= 0 && (line = trust_line(&text)))
		if (*line)
			take_row(r, &text, line, &c, p);
	trust_text_fini(&text);
}

void trust_read_tables(struct trust_reading *r, const char *dir, const char *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!module || streq(places[i].module, module))
			read_table(r, dir, &places[i]);
}

void trust_read_dbtext(struct trust_reading *r, const char *dir)
{
	trust_read_tables(r, dir, NULL);
}
