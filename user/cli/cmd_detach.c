// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * detach - take the packet program off an interface, our rules out of a packet
 * filter, or all that we ever put into the kernel.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "attach/ladder.h"
#include "out.h"
#include "xdp/xdp_attach.h"
#include "xdp/xdp_place.h"

static const char *const filters[] = { "nftables", "iptables" };

/* -ENOENT: there are none, which is not said. */
static int remove_rules(const char *name)
{
	int err = enforcer_remove(name);

	if (!err)
		printf("%s: our rules are out, and the bans in them\n", name);
	return err;
}

static int detach(const char *pin, const char *ifname)
{
	int err = xdp_detach(pin, ifname);

	if (!err)
		printf("%s: detached; bans stay in the maps\n", ifname);
	return err;
}

/* ---- everything ----------------------------------------------------------------- */

struct tally {
	size_t done;
	int err;			/* the first one */
};

static void count(struct tally *t, int err)
{
	t->done += !err;
	if (err != -ENOENT && !t->err)
		t->err = err;
}

/* The maps last: as long as a program is on an interface it needs them. */
static void detach_everywhere(const char *pin, struct tally *t)
{
	struct xdp_link *links;
	size_t n;
	int err = xdp_links(pin, &links, &n);

	if (err) {
		count(t, err);
		cli_fail("detach: cannot look into '%s': %s%s", pin, strerror(-err),
			 err == -EACCES ? "; run this as root" : "");
		return;
	}
	for (size_t i = 0; i < n; i++)
		count(t, detach(pin, links[i].ifname));
	free(links);
	if (t->err)
		return;
	err = xdp_place_clear(pin);
	if (!err)
		printf("%s: removed, and the bans in it\n", pin);
	count(t, err);
}

static int detach_all(struct cli *c)
{
	struct tally t = { 0 };
	int status = out_ask_quietly(c, json_pack("{s:s}", "verb", "ping"), NULL, NULL);

	if (status > 0)
		return status;
	if (!status)
		return cli_fail("detach: the daemon is running and would put everything back; "
				"stop it first (systemctl disable --now xdpban)");
	detach_everywhere(c->opt[OPT_PIN], &t);
	for (size_t i = 0; i < ARRAY_SIZE(filters) && !t.err; i++)
		count(&t, remove_rules(filters[i]));
	if (t.err)
		return EXIT_FAILED;
	if (!t.done)
		puts("nothing of xdpban is in the kernel");
	return EXIT_DONE;
}

int cmd_detach(struct cli *c, int argc, char **argv)
{
	bool rules = false;
	int err;

	if (!argc == !c->opt[OPT_ALL])
		return cli_usage("detach: name an interface, nftables or iptables, or say "
				 "--all");
	if (!argc)
		return detach_all(c);
	/* No interface is named so. */
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		rules |= streq(argv[0], filters[i]);
	err = rules ? remove_rules(argv[0]) : detach(c->opt[OPT_PIN], argv[0]);
	if (err == -ENOENT && rules)
		return cli_fail("detach: there are no rules of xdpban in %s", argv[0]);
	if (err == -ENOENT)
		return cli_fail("detach: xdpban is not attached to %s", argv[0]);
	return err ? EXIT_FAILED : EXIT_DONE;
}
