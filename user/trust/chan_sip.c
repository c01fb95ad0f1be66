// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sip.conf - Asterisk's chan_sip; iax.conf has the same options.
 * A trunk is a peer with a fixed host, or whoever we register with.  A peer
 * whose host is dynamic is a phone, unless it has no secret: then nothing but
 * its access list tells it from others, and that list names it.
 */
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "asterisk.h"
#include "readers.h"

static const char *const keys[] = {
	"type", "host", "permit", "deny", "acl", "register", "outboundproxy", "secret",
	"md5secret", "auth", "inkeys", NULL,
};

/* "sip.example.com:5060,force" and the like. */
static void add_host(struct trust_reading *r, const struct ast_section *s,
		     const struct ast_option *o, const char *role)
{
	const struct trust_place at = ast_place(s, o, role);
	size_t len = strcspn(o->value, ",");
	char *host = strndup(o->value, len);

	if (!host)
		r->err = -ENOMEM;
	else if (*host)
		trust_add(r, &at, host);
	free(host);
}

/*
 * register => [peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/ext][~expiry]
 * A secret may hold "@" and "/", a host neither: it begins behind the last "@".
 */
static void add_registration(struct trust_reading *r, const struct ast_section *s,
			     const struct ast_option *o)
{
	const struct trust_place at = ast_place(s, o, "register");
	const char *host = strrchr(o->value, '@');
	char *copy;

	if (!host) {
		trust_warn(r, o->file, o->line, "this registration names no host: it is "
			   "not covered");
		return;
	}
	copy = strndup(host + 1, strcspn(host + 1, "/~?"));
	if (copy)
		trust_add(r, &at, copy);
	else
		r->err = -ENOMEM;
	free(copy);
}

static bool has_secret(const struct ast_section *s)
{
	static const char *const secrets[] = { "secret", "md5secret", "auth", "inkeys" };

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		const char *v = ast_get(s, secrets[i]);

		if (v && *v)
			return true;
	}
	return false;
}

static bool is_peer(const struct ast_section *s)
{
	return ast_is(s, "type", "peer") || ast_is(s, "type", "friend") ||
	       ast_is(s, "type", "user");
}

static void read_peer(struct trust_reading *r, const struct ast_conf *acls,
		      const struct ast_section *s)
{
	const char *host = ast_get(s, "host");
	bool fixed = host && strcasecmp(host, "dynamic");

	for (size_t i = 0; i < s->n; i++) {
		const struct ast_option *o = &s->options[i];

		/* The last host counts; every other one is history. */
		if (streq(o->key, "host") && fixed && o->value == host)
			add_host(r, s, o, "peer host");
		else if (streq(o->key, "outboundproxy"))
			add_host(r, s, o, "peer outboundproxy");
	}
	if (fixed || !has_secret(s))
		ast_acl_name(r, acls, s, "peer permit");
	if (!host && !ast_is(s, "type", "user"))
		trust_warn(r, s->file, s->line, "peer \"%s\" has no host: it is not covered",
			   s->name);
}

/* [general], and sections that only hold registrations. */
static void read_other(struct trust_reading *r, const struct ast_section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ast_option *o = &s->options[i];

		if (streq(o->key, "register"))
			add_registration(r, s, o);
		else if (streq(o->key, "outboundproxy"))
			add_host(r, s, o, "outboundproxy");
	}
}

void trust_read_chan_sip(struct trust_reading *r, const char *path)
{
	char dir[TRUST_PATH];
	struct ast_conf c, acls;

	trust_dir(path, dir);
	ast_conf_read(&c, r, path, dir, keys);
	ast_acls_read(&acls, r, dir);
	for (const struct ast_section *s = c.first; s && !r->err; s = s->next) {
		if (s->is_template)
			continue;
		if (is_peer(s))
			read_peer(r, &acls, s);
		else
			read_other(r, s);
	}
	ast_conf_fini(&acls);
	ast_conf_fini(&c);
}
