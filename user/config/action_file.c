// SPDX-License-Identifier: GPL-2.0-or-later
#include "action_file.h"

#include <errno.h>
#include <fnmatch.h>
#include <strings.h>

#include "ini/definition.h"
#include "options.h"
#include "scope.h"

#define ACTIONS_MAX	64	/* of one jail */

/* Where a firewall action's ports come from. */
enum reach {
	BY_TYPE,	/* `port`, unless its name or type says all ports */
	EVERYTHING,	/* it knows no ports: the whole address is shut out */
};

/*
 * Actions whose only effect is that packets of an address are dropped or
 * refused on this machine.  That is what we do, so no command is run.
 */
static const struct { const char *pattern; enum reach reach; } firewalls[] = {
	{ "xdpban*", BY_TYPE },		{ "iptables*", BY_TYPE },
	{ "ip6tables*", BY_TYPE },	{ "nftables*", BY_TYPE },
	{ "firewallcmd*", BY_TYPE },	{ "pf", BY_TYPE },
	{ "ipfw", BY_TYPE },		{ "osx-ipfw", BY_TYPE },
	{ "ipset*", EVERYTHING },	{ "ufw*", EVERYTHING },
	{ "shorewall*", EVERYTHING },	{ "route", EVERYTHING },
	{ "apf", EVERYTHING },		{ "csf*", EVERYTHING },
	{ "bsd-ipfw", EVERYTHING },	{ "ipfilter", EVERYTHING },
	{ "npf", EVERYTHING },		{ "osx-afctl", EVERYTHING },
	{ "symbiosis-blacklist*", EVERYTHING }, { "hostsdeny", EVERYTHING },
};

static const char *const command_names[] = {
	"actionstart", "actionstart_on_demand", "actionstop", "actionflush",
	"actionreload", "actioncheck", "actionrepair", "actionrepair_on_unban",
	"actionban", "actionprolong", "actionreban", "actionunban", "norestored",
	"timeout", NULL,
};

/* Their values are only known when somebody is banned. */
static const char *const late_tags[] = {
	"matches", "ipmatches", "ipjailmatches", "timeout", "bantime", NULL,
};

const char *config_param(const struct config_params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->v[i].name, name))
			return p->v[i].value.s;
	return NULL;
}

static int find_firewall(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(firewalls); i++)
		if (!fnmatch(firewalls[i].pattern, name, 0))
			return (int)i;
	return -1;
}

/* ---- names ------------------------------------------------------------------------- */

static int set_default(struct loader *l, struct params *p, const char *name,
		       const char *text)
{
	struct value v;

	if (params_get(p, name))
		return 0;
	if (!text || value_make(l->pool, &v, text, p->at))
		return loader_nomem(l);
	return params_set(l, p, name, &v);
}

/* Every action has a name of its own and knows the name of its chain or set. */
static int set_names(struct loader *l, struct params *p, const char *jail)
{
	const struct value *name = params_get(p, "name");
	const char *actname = p->name;
	int err;

	if (name && !streq(name->s, jail))
		actname = starts_with(name->s, jail) ?
			  pool_printf(l->pool, "%s%s", p->name, name->s + strlen(jail)) :
			  pool_printf(l->pool, "%s-%s", p->name, name->s);
	err = set_default(l, p, "name", jail);
	return err ? err : set_default(l, p, "actname", actname);
}

/* ---- scope ------------------------------------------------------------------------- */

/* The text of a parameter of the action, as its file and the jail leave it. */
static int get_text(struct definition *d, const struct params *p, const char *name,
		    struct text *out)
{
	const struct value *mine = params_get(p, name);
	struct value v;
	int got = 1;

	*out = (struct text){ 0 };
	if (d)
		got = definition_get(d, name, &v);
	else if (mine)
		v = *mine;
	else
		return 0;
	if (got > 0)
		*out = text_of(&v);
	return got < 0 ? got : 0;
}

static bool says_all(const struct text *t)
{
	return t->s && (strstr(t->s, "allports") || streq(t->s, "any") ||
			streq(t->s, "custom"));
}

/* type=allports; actiontype=<allports>, before that tag is replaced. */
static int reaches_all(struct definition *d, const struct params *p, bool *all)
{
	const struct value *actiontype = params_get(p, "actiontype");
	struct text type;
	int err = get_text(d, p, "type", &type);

	*all = strstr(p->name, "allports") || says_all(&type) ||
	       (actiontype && strstr(actiontype->s, "allports"));
	return err;
}

static int set_scope(struct loader *l, struct definition *d, const struct params *p,
		     enum reach reach, struct config_action *a)
{
	struct text port, protocol;
	bool all = reach == EVERYTHING;
	int err = all ? 0 : reaches_all(d, p, &all);

	if (err || all)
		return err;
	err = get_text(d, p, "port", &port);
	if (!err)
		err = get_text(d, p, "protocol", &protocol);
	if (!err)
		err = scope_set_ports(l, &a->scope, &port);
	if (!err)
		err = scope_set_protocols(l, &a->scope, &protocol);
	return err;
}

/*
 * A firewall action can be turned round (pass2allow: blocktype=RETURN): then
 * those it "bans" are let in.  Dropping them would be the opposite, so such an
 * action is no ban of ours.
 */
static int find_reversed(struct definition *d, const struct params *p, bool *reversed)
{
	static const char *const through[] = { "RETURN", "ACCEPT", "allow", "pass" };
	struct text type;
	int err = get_text(d, p, "blocktype", &type);

	for (size_t i = 0; !err && type.s && i < ARRAY_SIZE(through); i++)
		*reversed |= !strcasecmp(type.s, through[i]);
	return err;
}

/* ---- commands ------------------------------------------------------------------------ */

static int set_commands(struct loader *l, struct definition *d, const struct params *p,
			struct config_action *a)
{
	struct params all = *p;
	int err = d ? definition_all(d, command_names, &all) : 0;

	return err ? err : params_keep(l, &all, &a->options);
}

/* ---- one action ----------------------------------------------------------------------- */

static bool is_python(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && streq(name + len - 3, ".py");
}

/* Its file; 1, 0: there is none and none is needed, -errno. */
static int open_file(struct loader *l, struct definition *d, const struct params *p,
		     const struct ini_var *outer, size_t n_outer, bool native)
{
	struct definition_spec spec = { .params = p, .outer = outer, .n_outer = n_outer,
					.late = late_tags };
	int got;

	if (is_python(p->name))
		return 0;
	spec.base = pool_printf(l->pool, "action.d/%s", p->name);
	if (!spec.base)
		return loader_nomem(l);
	got = definition_open(l, d, &spec);
	if (got > 0 && d->broken && !native)
		l->errors++;	/* told when the file was read */
	if (got || native)
		return got;
	definition_missing(l, p->at, "action", p->name);
	return -ENOENT;
}

static int load_one(struct loader *l, const char *jail, struct params *p,
		    const struct ini_var *outer, size_t n_outer, struct config_action *a)
{
	int firewall = find_firewall(p->name), got;
	struct definition d, *known;

	*a = (struct config_action){ .file = p->name, .native = firewall >= 0 };
	a->where = (struct text){ p->name, p->at.file, p->at.line };
	got = set_names(l, p, jail);
	if (got)
		return got;
	a->name = params_get(p, "actname")->s;
	got = params_keep(l, p, &a->parameters);
	if (got)
		return got;
	got = open_file(l, &d, p, outer, n_outer, a->native);
	if (got < 0)
		return got;
	known = got ? &d : NULL;
	got = a->native ? find_reversed(known, p, &a->reversed) : 0;
	if (got < 0)
		return got;
	a->native &= !a->reversed;
	if (!a->native)
		return set_commands(l, known, p, a);
	return set_scope(l, known, p, firewalls[firewall].reach, a);
}

/* Two actions of one name are the same one to Fail2ban, and it refuses them. */
static void warn_twice(struct loader *l, const struct config_action *list, size_t n,
		       struct place at)
{
	for (size_t i = 0; i < n; i++)
		if (streq(list[i].name, list[n].name))
			loader_warn(l, at, "\"%s\" is used twice in this jail: give one of "
				    "them another \"actname\"", list[n].name);
}

int actions_load(struct loader *l, const char *jail, const struct value *v,
		 const struct ini_var *outer, size_t n_outer,
		 const struct config_action **out, size_t *n_out)
{
	struct config_action *list = pool_array(l->pool, ACTIONS_MAX, sizeof(*list));
	size_t n = 0, offset = 0;
	int got, one, err = 0;
	struct params p;

	if (!list)
		return loader_nomem(l);
	while ((got = params_next(l, v, &offset, &p))) {
		if (got > 0 && n == ACTIONS_MAX) {
			loader_error(l, p.at, "more than %d actions", ACTIONS_MAX);
			err = -E2BIG;
			break;
		}
		if (got < 0) {
			err = got;
			if (got == -ENOMEM)
				break;
			continue;
		}
		one = load_one(l, jail, &p, outer, n_outer, &list[n]);
		if (one) {
			err = one;
			continue;
		}
		warn_twice(l, list, n, p.at);
		n++;
	}
	*out = list;
	*n_out = n;
	return err;
}
