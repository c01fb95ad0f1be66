// SPDX-License-Identifier: GPL-2.0-or-later
#include "asterisk.h"

#include <stdlib.h>

#include "readers.h"

struct trust_place ast_place(const struct ast_section *s, const struct ast_option *o,
			     const char *role)
{
	return (struct trust_place){ o ? o->file : s->file, o ? o->line : s->line,
				     role, s->name };
}

/* ---- access lists -------------------------------------------------------------- */

void ast_acls_read(struct ast_conf *acls, struct trust_reading *r, const char *dir)
{
	static const char *const keys[] = { "permit", "deny", NULL };
	char path[TRUST_PATH];

	ast_conf_read(acls, r, trust_path(dir, "acl.conf", path), dir, keys);
}

static void name_rules(struct trust_reading *r, const struct ast_section *rules,
		       const struct ast_section *s, const char *role)
{
	const struct trust_place of = ast_place(s, NULL, role);
	struct acl a = { .order = ACL_LAST };

	for (size_t i = 0; i < rules->n && trust_may(r, 1); i++) {
		const struct ast_option *o = &rules->options[i];
		const struct trust_place at = ast_place(s, o, role);
		bool permit = streq(o->key, "permit");

		if (permit || streq(o->key, "deny"))
			acl_add(&a, r, &at, o->value, permit);
	}
	if (a.n)
		acl_name(&a, r, &of);
	acl_fini(&a);
}

void ast_acl_name(struct trust_reading *r, const struct ast_conf *acls,
		  const struct ast_section *s, const char *role)
{
	const char *names = ast_get(s, "acl");
	char *copy, *save = NULL;

	name_rules(r, s, s, role);
	copy = names && acls ? strdup(names) : NULL;
	for (char *name = copy ? strtok_r(copy, ", \t", &save) : NULL;
	     name && trust_may(r, 1); name = strtok_r(NULL, ", \t", &save)) {
		const struct ast_section *rules = ast_find(acls, name);

		if (rules)
			name_rules(r, rules, s, role);
		else
			trust_warn(r, s->file, s->line, "acl.conf has no list \"%s\"", name);
	}
	free(copy);
}

/* ---- all of a directory ---------------------------------------------------------- */

/*
 * Objects that live in a database are not in any file; sorcery.conf says which
 * do ("endpoint = realtime,ps_endpoints").
 */
static void warn_of_databases(struct trust_reading *r, const char *dir)
{
	static const char *const keys[] = { "endpoint", "aor", "identify", "registration",
					    "contact", NULL };
	char path[TRUST_PATH];
	struct ast_conf c;

	ast_conf_read(&c, r, trust_path(dir, "sorcery.conf", path), dir, keys);
	for (const struct ast_section *s = c.first; s; s = s->next)
		for (size_t i = 0; i < s->n; i++) {
			const struct ast_option *o = &s->options[i];

			/* Contacts are where phones are just now: no trust. */
			if (starts_with(o->value, "realtime") && !streq(o->key, "contact"))
				trust_warn(r, o->file, o->line, "pjsip's objects of type %s "
					   "are in a database, which is not read", o->key);
		}
	ast_conf_fini(&c);
}

void trust_read_asterisk(struct trust_reading *r, const char *dir)
{
	static const struct { const char *file; trust_reader_fn *read; } files[] = {
		{ "pjsip.conf", trust_read_pjsip },
		{ "pjsip_wizard.conf", trust_read_pjsip },
		{ "sip.conf", trust_read_chan_sip },
		{ "iax.conf", trust_read_chan_sip },
	};
	char path[TRUST_PATH];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		files[i].read(r, trust_path(dir, files[i].file, path));
	warn_of_databases(r, dir);
}
