// SPDX-License-Identifier: GPL-2.0-or-later
#include "acl.h"

#include <errno.h>
#include <stdlib.h>

void acl_fini(struct acl *a)
{
	free(a->rules);
	*a = (struct acl){ 0 };
}

static void add_rule(struct acl *a, struct trust_reading *r, const struct acl_rule *rule)
{
	size_t size = a->size ? a->size * 2 : 8;
	struct acl_rule *v = a->rules;

	if (a->n >= ACL_MAX_RULES) {
		r->refused++;
		return;
	}
	if (a->n == a->size) {
		v = realloc(v, size * sizeof(*v));
		if (!v) {
			r->err = -ENOMEM;
			return;
		}
		a->rules = v;
		a->size = size;
	}
	a->rules[a->n++] = *rule;
}

void acl_add(struct acl *a, struct trust_reading *r, const struct trust_place *at,
	     const char *text, bool permit)
{
	char quoted[TRUST_QUOTE];
	size_t len;

	for (; *text; text += len + (text[len] == ',')) {
		struct acl_rule rule = { .permit = permit, .file = at->file, .line = at->line };
		size_t n;

		len = strcspn(text, ",");
		n = len;
		while (n && (*text == ' ' || *text == '\t'))
			text++, len--, n--;
		while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
			n--;
		if (n && *text == '!') {
			rule.permit = !permit;
			text++, len--, n--;
		}
		if (n && ipaddr_parse_net(text, n, &rule.net))
			trust_warn(r, at->file, at->line, "%s: \"%s\" is no network",
				   at->role, trust_quote(text, quoted));
		else if (n)
			add_rule(a, r, &rule);
	}
}

/* The first rule that counts for @family behind "deny everybody"; n: none does. */
static size_t begin(const struct acl *a, uint8_t family)
{
	size_t at = a->n;

	if (a->order == ACL_LONGEST)
		return a->closed ? 0 : a->n;
	for (size_t i = 0; i < a->n; i++)
		if (a->rules[i].net.family == family && !a->rules[i].net.prefix)
			at = a->rules[i].permit ? a->n : i + 1;
	return at;
}

enum fate { NAMED, DENIED, HOLED };

/* What the denials that count more than rule @i make of it. */
static enum fate fate_of(const struct acl *a, size_t i, size_t first)
{
	const struct ipaddr *net = &a->rules[i].net;
	enum fate fate = NAMED;

	for (size_t k = a->order == ACL_LAST ? i + 1 : first; k < a->n; k++) {
		const struct acl_rule *deny = &a->rules[k];

		if (deny->permit)
			continue;
		if (ipaddr_equal(&deny->net, net) ||
		    (a->order == ACL_LAST && ipaddr_contains(&deny->net, net)))
			return DENIED;
		if (ipaddr_contains(net, &deny->net))
			fate = HOLED;
	}
	return fate;
}

static void name_rule(const struct acl *a, size_t i, size_t first, struct trust_reading *r,
		      const struct trust_place *of)
{
	const struct acl_rule *rule = &a->rules[i];
	struct trust_place at = { rule->file, rule->line, of->role, of->name };
	char net[IPADDR_TEXT];

	switch (fate_of(a, i, first)) {
	case NAMED:
		trust_add_reach(r, &at, &rule->net);
		break;
	case HOLED:
		trust_warn(r, at.file, at.line, "%s: \"%s\" is not trusted, as a part of it "
			   "is denied", at.role, ipaddr_format(&rule->net, net));
		break;
	case DENIED:
		break;
	}
}

void acl_name(const struct acl *a, struct trust_reading *r, const struct trust_place *at)
{
	size_t first4 = begin(a, 4), first6 = begin(a, 6);

	if (!trust_may(r, (uint64_t)a->n * a->n))
		return;
	for (size_t i = 0; i < a->n; i++) {
		const struct acl_rule *rule = &a->rules[i];
		size_t first = rule->net.family == 4 ? first4 : first6;

		/* Everybody is nobody: FreeSWITCH's lists may say so too. */
		if (rule->permit && i >= first && rule->net.prefix)
			name_rule(a, i, first, r, at);
	}
}
