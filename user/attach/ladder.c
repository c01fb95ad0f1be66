// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach/ladder.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "netfilter/netfilter.h"
#include "xdp/xdp_open.h"

struct step {
	enum enforcer_kind kind;
	const char *name;	/* for people */
	int (*open)(struct enforcer **out, const struct enforcer_params *p);
	int (*look)(struct enforcer **out);	/* NULL: by its pins */
	int (*remove)(void);	/* -ENOENT: nothing of it is there */
};

static const struct step ladder[] = {
	{ ENFORCER_XDP, "xdp", enforcer_open_xdp, NULL, NULL },
	{ ENFORCER_NFTABLES, "nftables", enforcer_open_nft, enforcer_look_nft,
	  enforcer_remove_nft },
	{ ENFORCER_IPTABLES, "iptables+ipset", enforcer_open_ipset, enforcer_look_ipset,
	  enforcer_remove_ipset },
	{ ENFORCER_IPTABLES, "iptables", enforcer_open_iptables, enforcer_look_iptables,
	  enforcer_remove_iptables },
};

/* Refusals by the kernel, in an operator's words. */
static const char *reason(int err)
{
	switch (-err) {
	case EPERM: case EACCES:
		return "not allowed";
	case EOPNOTSUPP: case EPROTONOSUPPORT: case ENOSYS: case EINVAL:
		return "this kernel has no such thing";
	case ENOENT:
		return "its program is not installed";
	case ENODEV:	/* what mount(2) says of a file system that is not there */
		return "no BPF file system is mounted";
	default:
		return strerror(-err);
	}
}

static void add_reason(struct enforcer_choice *c, const char *name, const char *text)
{
	size_t len = strlen(c->why);

	snprintf(c->why + len, sizeof(c->why) - len, "%s%s: %s", len ? "; " : "", name, text);
}

static void clean_below(size_t taken)
{
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++)
		/* The two with iptables have one chain. */
		if (ladder[i].kind != ladder[taken].kind && ladder[i].remove &&
		    !ladder[i].remove())
			log_notice("enforce: took out what %s was left with; %s drops "
				   "the banned now", ladder[i].name, ladder[taken].name);
}

static bool is_candidate(const struct step *s, const struct enforcer_choice *c)
{
	if (c->kind == ENFORCER_IPTABLES_ONLY)
		return streq(s->name, "iptables");
	if (c->kind != ENFORCER_AUTO)
		return s->kind == c->kind;
	return s->kind != ENFORCER_XDP || !c->not_xdp;
}

int enforcer_open(struct enforcer **out, const struct enforcer_params *p,
		  struct enforcer_choice *c)
{
	int err = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		if (!is_candidate(&ladder[i], c))
			continue;
		err = ladder[i].open(out, p);
		if (!err) {
			clean_below(i);
			return 0;
		}
		/* Another daemon has it: what is enforced must not be doubled. */
		if (err == -EBUSY)
			return err;
		add_reason(c, ladder[i].name, reason(err));
	}
	log_err("enforce: nothing can drop packets here (%s)", c->why);
	return err;
}

int enforcer_open_left(struct enforcer **out, const char *pin)
{
	int err = enforcer_open_pinned(out, pin);

	for (size_t i = 0; i < ARRAY_SIZE(ladder) && err == -ENOENT; i++)
		if (ladder[i].look && !ladder[i].look(out))
			err = 0;
	return err;
}

int enforcer_remove(const char *name)
{
	int ret = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		int err;

		if (!ladder[i].remove || !starts_with(ladder[i].name, name))
			continue;
		err = ladder[i].remove();
		if (ret == -EINVAL || ret == -ENOENT || (err && err != -ENOENT))
			ret = err;
	}
	if (ret && ret != -EINVAL && ret != -ENOENT)
		log_err("%s: cannot take out our rules: %s", name, strerror(-ret));
	return ret;
}
