// SPDX-License-Identifier: GPL-2.0-or-later
/* import - take over the configuration and the bans of a Fail2ban. */
#include <stdio.h>
#include <sys/stat.h>

#include "offline/takeover.h"
#include "ban_lists.h"

struct talk {
	bool json;
	size_t count[TAKEOVER_NOTE + 1];
};

static const char *const words[] = { "copied", "replaced", "kept", "failed", "note" };

/* Copied files are the rule, and many: they are only counted. */
static void say(void *ctx, enum takeover_kind kind, const char *path, const char *text)
{
	struct talk *t = ctx;

	t->count[kind]++;
	if (t->json) {
		json_t *row = json_pack("{s:s, s:s*, s:s*}", "what", words[kind], "path",
					path, "text", text);

		out_json(row);
		json_decref(row);
	} else if (kind != TAKEOVER_COPIED) {
		fprintf(kind == TAKEOVER_FAILED ? stderr : stdout, "%s: %s%s%s\n",
			words[kind], path ? path : "", path && text ? ": " : "",
			text ? text : "");
	}
}

static void print_left_out(size_t n, const char *why)
{
	if (n)
		printf(", %zu left out %s", n, why);
}

static void summarize(const struct talk *t, const struct takeover *r)
{
	if (t->json) {
		printf("{\"summary\": {\"copied\": %zu, \"replaced\": %zu, \"kept\": %zu, "
		       "\"failed\": %zu, \"bans\": %zu, \"ended\": %zu, \"homeless\": %zu, "
		       "\"bad\": %zu}}\n", t->count[TAKEOVER_COPIED],
		       t->count[TAKEOVER_REPLACED], t->count[TAKEOVER_KEPT],
		       t->count[TAKEOVER_FAILED], r->bans, r->ended, r->homeless, r->bad);
		return;
	}
	printf("%zu files copied, %zu replaced, %zu kept, %zu failed\n",
	       t->count[TAKEOVER_COPIED], t->count[TAKEOVER_REPLACED],
	       t->count[TAKEOVER_KEPT], t->count[TAKEOVER_FAILED]);
	printf("%zu bans taken over", r->bans);
	print_left_out(r->ended, "that are over");
	print_left_out(r->homeless, "of jails that do not run here");
	print_left_out(r->bad, "of what is no address");
	putchar('\n');
}

/* What is left to do; Fail2ban's own files are as they were, for the way back. */
static void print_next(const char *from)
{
	printf("\nWhat is left:\n"
	       "  xdpban check                       what does not work here, as file:line\n"
	       "  systemctl disable --now fail2ban   %s stays as it is\n"
	       "  xdpban attach eth0                 or what your interface is called\n"
	       "  systemctl enable --now xdpban\n", from);
}

int cmd_import(struct cli *c, int argc, char **argv)
{
	struct stat st;
	struct talk talk = { .json = c->json };
	struct takeover_options o = {
		.from = argc ? argv[0] : "/etc/fail2ban", .config = c->opt[OPT_CONFIG],
		.state = c->opt[OPT_STATE], .say = say, .ctx = &talk,
	};
	struct takeover result;
	int err, status;

	/* Bans that `export` wrote; or any other list of addresses. */
	if (argc && (streq(argv[0], "-") || (!stat(argv[0], &st) && !S_ISDIR(st.st_mode))))
		return ban_list_file(c, "ban_many", argv[0]);
	status = out_ask_quietly(c, json_pack("{s:s}", "verb", "ping"), NULL, NULL);
	if (status > 0)
		return status;
	if (!status)
		return cli_fail("import: the daemon is running, and has its bans in memory; "
				"stop it first (systemctl stop xdpban)");
	err = takeover_run(&o, &result);
	summarize(&talk, &result);
	if (!err && !c->json)
		print_next(o.from);
	return err ? EXIT_FAILED : EXIT_DONE;
}
