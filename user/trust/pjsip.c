// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pjsip.conf - Asterisk's chan_pjsip, and pjsip_wizard.conf.
 * A trunk is whoever is identified by address, whom we register with, or whom
 * we call at a fixed address.  An endpoint that registers with us is a phone:
 * it proves itself with its password, and its access list is no trust.
 */
#include <errno.h>
#include <stdlib.h>

#include "asterisk.h"
#include "readers.h"

static const char *const keys[] = {
	"type", "match", "match_header", "match_request_uri", "endpoint", "server_uri",
	"outbound_proxy", "contact", "aors", "auth", "outbound_auth", "permit", "deny",
	"acl", "remote_hosts", "sends_registrations", "server_uri_pattern", "identify/match",
	"registration/server_uri", "registration/outbound_proxy", "aor/contact",
	"endpoint/outbound_proxy", NULL,
};

/* An option that names a peer, in sections of a type. */
struct naming {
	const char *type, *key, *role;
	const char *separators;
};

/* A contact may be a list; the "^" of a pattern is an escaped separator there. */
static const struct naming namings[] = {
	{ "identify", "match", "identify match", "," },
	{ "registration", "server_uri", "registration server_uri", "\n" },
	{ "registration", "outbound_proxy", "registration outbound_proxy", "," },
	{ "aor", "contact", "aor contact", "," },
	{ "aor", "outbound_proxy", "aor outbound_proxy", "," },
	{ "endpoint", "outbound_proxy", "endpoint outbound_proxy", "," },
	{ "wizard", "remote_hosts", "wizard remote_hosts", "," },
	{ "wizard", "outbound_proxy", "wizard outbound_proxy", "," },
	{ "wizard", "identify/match", "identify match", "," },
	{ "wizard", "registration/server_uri", "registration server_uri", "\n" },
	{ "wizard", "registration/outbound_proxy", "registration outbound_proxy", "," },
	{ "wizard", "aor/contact", "aor contact", "," },
	{ "wizard", "endpoint/outbound_proxy", "endpoint outbound_proxy", "," },
};

static bool is_type(const struct ast_section *s, const char *type)
{
	return !s->is_template && ast_is(s, "type", type);
}

static void add_peers(struct trust_reading *r, const struct ast_section *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(namings); i++) {
		const struct naming *n = &namings[i];

		for (size_t k = 0; k < s->n && is_type(s, n->type); k++) {
			const struct ast_option *o = &s->options[k];
			const struct trust_place at = ast_place(s, o, n->role);

			if (streq(o->key, n->key))
				trust_add_list(r, &at, o->value, n->separators);
		}
	}
}

/* ---- who is a trunk ---------------------------------------------------------------- */

/* An object of @type named @name that has @key, or NULL. */
static const struct ast_section *find_with(const struct ast_conf *c, const char *name,
					   const char *type, const char *key)
{
	const struct ast_section *s = ast_find(c, name);

	for (; s && trust_may(c->r, 1); s = s->twin)
		if (is_type(s, type) && ast_get(s, key))
			return s;
	return NULL;
}

static bool has_fixed_contact(const struct ast_conf *c, const struct ast_section *endpoint)
{
	const char *aors = ast_get(endpoint, "aors");
	char *copy = aors ? strdup(aors) : NULL, *save = NULL;
	bool found = false;

	for (char *aor = copy ? strtok_r(copy, ", \t", &save) : NULL;
	     aor && !found && trust_may(c->r, 1); aor = strtok_r(NULL, ", \t", &save))
		found = find_with(c, aor, "aor", "contact");
	free(copy);
	return found;
}

/* The endpoints that others speak of, to be found by name. */
struct mention { struct hmap_node node; const char *endpoint; };
struct mentions { struct hmap map; struct mention *v; size_t n; };

static bool is_mentioned(const struct mentions *m, const char *name)
{
	struct hmap_node *node = hmap_first(&m->map, hmap_hash(&m->map, name, strlen(name)));

	for (; node; node = hmap_next(node))
		if (streq(container_of(node, struct mention, node)->endpoint, name))
			return true;
	return false;
}

/* Endpoints with an address of their own: identify match=, registration. */
static int mentions_init(struct mentions *m, const struct ast_conf *c)
{
	m->v = calloc(c->n_sections + 1, sizeof(*m->v));
	if (hmap_init(&m->map) || !m->v)
		return -1;
	for (const struct ast_section *s = c->first; s; s = s->next) {
		struct mention *one = &m->v[m->n];
		bool named = (is_type(s, "identify") && ast_get(s, "match")) ||
			     is_type(s, "registration");

		one->endpoint = named ? ast_get(s, "endpoint") : NULL;
		if (named && !one->endpoint)
			one->endpoint = s->name;
		if (!named)
			continue;
		hmap_insert(&m->map, &one->node, hmap_hash(&m->map, one->endpoint,
							   strlen(one->endpoint)));
		m->n++;
	}
	return 0;
}

static void mentions_fini(struct mentions *m)
{
	hmap_fini(&m->map);
	free(m->v);
}

static void read_endpoint(struct trust_reading *r, const struct ast_conf *c,
			  const struct ast_conf *acls, const struct mentions *m,
			  const struct ast_section *s)
{
	bool fixed = is_mentioned(m, s->name) || has_fixed_contact(c, s);

	if (fixed || !ast_get(s, "auth"))
		ast_acl_name(r, acls, s, "endpoint permit");
	if (!fixed && ast_get(s, "outbound_auth"))
		trust_warn(r, s->file, s->line, "endpoint \"%s\" logs in elsewhere, and "
			   "nothing names its address: it is not covered", s->name);
}

static void read_endpoints(struct trust_reading *r, const struct ast_conf *c,
			   const struct ast_conf *acls)
{
	struct mentions m = { 0 };

	if (mentions_init(&m, c)) {
		r->err = -ENOMEM;
	} else {
		for (const struct ast_section *s = c->first; s; s = s->next) {
			if (is_type(s, "endpoint"))
				read_endpoint(r, c, acls, &m, s);
			else if (is_type(s, "acl"))
				ast_acl_name(r, acls, s, "acl permit");
		}
	}
	mentions_fini(&m);
}

/* ---- what is not covered -------------------------------------------------------------- */

static void warn_of_gaps(struct trust_reading *r, const struct ast_section *s)
{
	if (is_type(s, "identify") && !ast_get(s, "match"))
		trust_warn(r, s->file, s->line, ast_get(s, "match_header") ||
			   ast_get(s, "match_request_uri") ?
			   "identify \"%s\" goes by what a message says, which anybody can "
			   "send: it is not covered" :
			   "identify \"%s\" names no address: it is not covered", s->name);
	if (is_type(s, "registration") && !ast_get(s, "server_uri"))
		trust_warn(r, s->file, s->line, "registration \"%s\" has no server_uri: it "
			   "is not covered", s->name);
}

void trust_read_pjsip(struct trust_reading *r, const char *path)
{
	char dir[TRUST_PATH];
	struct ast_conf c, acls;

	trust_dir(path, dir);
	ast_conf_read(&c, r, path, dir, keys);
	ast_acls_read(&acls, r, dir);
	for (const struct ast_section *s = c.first; s && !r->err; s = s->next) {
		add_peers(r, s);
		warn_of_gaps(r, s);
	}
	if (!r->err)
		read_endpoints(r, &c, &acls);
	ast_conf_fini(&acls);
	ast_conf_fini(&c);
}
