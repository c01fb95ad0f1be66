// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main - the table of verbs and the table of options.
 * Dispatch, arity, usage and help all come from their rows, so a verb cannot
 * be documented differently from how it works.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/guess.h"
#include "base/str.h"
#include "config/timespan.h"
#include "offline/check.h"
#include "f2b.h"

#define OPT(o)	(1u << (o))
/* Every verb takes these; several instances can live on one box with them. */
#define COMMON	(OPT(OPT_HELP) | OPT(OPT_CONFIG) | OPT(OPT_SOCKET) | \
		 OPT(OPT_STATE) | OPT(OPT_PIN))

static const struct opt_row {
	const char *name, *arg, *help;
} opt_rows[OPT_N] = {
	[OPT_HELP]	= { "help", NULL, "show this help" },
	[OPT_JSON]	= { "json", NULL, "print JSON, one object a line" },
	[OPT_CONFIG]	= { "config", "DIR", "configuration (" DEFAULT_CONFIG ")" },
	[OPT_SOCKET]	= { "socket", "PATH", "control socket (" DEFAULT_SOCKET ")" },
	[OPT_STATE]	= { "state", "DIR", "database (" DEFAULT_STATE ")" },
	[OPT_PIN]	= { "pin", "DIR", "pinned maps (" DEFAULT_PIN ")" },
	[OPT_FOREGROUND]= { "foreground", NULL, "log to standard error" },
	[OPT_MODE]	= { "mode", "MODE", "auto, native or generic XDP (auto)" },
	[OPT_JAIL]	= { "jail", "NAME", "of this jail, or in its name" },
	[OPT_ALL]	= { "all", NULL, "every ban; with detach, all that is in the kernel" },
	[OPT_FOR]	= { "for", "TIME", "how long: 1h, 2d, -1 for ever (the jail's bantime)" },
	[OPT_REASON]	= { "reason", "TEXT", "why, to be shown by list and why" },
	[OPT_FILE]	= { "file", "FILE", "a list of them; - is standard input" },
	[OPT_ENDING]	= { "ending", "TIME", "only those that end within this time" },
	[OPT_SORT]	= { "sort", "KEY", "by address, jail, since, end, packets or bytes" },
	[OPT_LIMIT]	= { "limit", "N", "only the first N" },
	[OPT_FORMAT]	= { "format", "FORM", "json, plain, ipset or nft (json)" },
	[OPT_LIMITED]	= { "limited", NULL, "who is limited for lack of proof, not banned" },
	[OPT_PRINT]	= { "print", NULL, "the effective configuration, to read back" },
	[OPT_EXPLAIN]	= { "explain", "LINE", "why this line does or does not match" },
	[OPT_NOW]	= { "now", "SECONDS", "pretend that it is this time (epoch)" },
	[OPT_JOURNAL]	= { "journal", NULL, "lines are a journal's: without time stamp" },
};

static const struct verb {
	const char *name, *args, *help;
	int min, max;		/* arguments; max -1: any number */
	unsigned int opts;	/* beside COMMON */
	verb_fn *run;
} verbs[] = {
	{ "run", "", "the daemon", 0, 0, OPT(OPT_FOREGROUND), cmd_run },
	{ "attach", "IF", "drop the banned on this interface", 1, 1,
	  OPT(OPT_JSON) | OPT(OPT_MODE), cmd_attach },
	{ "detach", "IF|BACKEND | --all", "take our program off it, or our rules out", 0, 1,
	  OPT(OPT_ALL), cmd_detach },
	{ "list", "[ADDR[/LEN]]", "bans, with what they dropped", 0, 1,
	  OPT(OPT_JSON) | OPT(OPT_JAIL) | OPT(OPT_ENDING) | OPT(OPT_SORT) |
	  OPT(OPT_LIMIT) | OPT(OPT_LIMITED), cmd_list },
	{ "ban", "ADDR[/LEN]... | --file FILE", "ban by hand", 0, -1,
	  OPT(OPT_JSON) | OPT(OPT_FOR) | OPT(OPT_JAIL) | OPT(OPT_REASON) |
	  OPT(OPT_FILE), cmd_ban },
	{ "unban", "ADDR[/LEN]... | --file FILE | --all", "lift bans", 0, -1,
	  OPT(OPT_JSON) | OPT(OPT_ALL) | OPT(OPT_JAIL) | OPT(OPT_FILE), cmd_unban },
	{ "export", "[ADDR[/LEN]]", "bans in a form to keep or to hand on", 0, 1,
	  OPT(OPT_JAIL) | OPT(OPT_FORMAT), cmd_export },
	{ "why", "ADDR[/LEN]", "why an address is banned, or is not", 1, 1,
	  OPT(OPT_JSON), cmd_why },
	{ "trust", "[list | check | add PEER | del PEER]", "who is never banned, as the PBX "
	  "says", 0, 2, OPT(OPT_JSON) | OPT(OPT_REASON), cmd_trust },
	{ "event", "JAIL ADDR [MEMBER=VALUE]...", "report somebody to a jail, from a script",
	  2, -1, 0, cmd_event },
	{ "get", "JAIL [OPTION]", "settings of a jail that runs", 1, 2,
	  OPT(OPT_JSON), cmd_get },
	{ "set", "JAIL OPTION VALUE...", "change one until the next reload", 3, -1,
	  OPT(OPT_JSON), cmd_set },
	{ "siege", "[on|off|auto]", "only trusted and known sources speak SIP", 0, 1,
	  OPT(OPT_JSON) | OPT(OPT_FOR), cmd_siege },
	{ "status", "[JAIL]", "what is enforced, what is read, what is wrong", 0, 1,
	  OPT(OPT_JSON), cmd_status },
	{ "check", "", "read the whole configuration, print every problem", 0, 0,
	  OPT(OPT_JSON) | OPT(OPT_PRINT), cmd_check },
	{ "import", "[DIR | FILE]", "take over a Fail2ban, or bans that were exported", 0, 1,
	  OPT(OPT_JSON), cmd_import },
	{ "test", "FILTER LOG|-", "what a filter finds in a log", 1, 2,
	  OPT(OPT_JSON) | OPT(OPT_NOW) | OPT(OPT_JOURNAL) | OPT(OPT_EXPLAIN), cmd_test },
	{ "replay", "LOG...", "which bans would follow from logs", 1, -1,
	  OPT(OPT_JSON) | OPT(OPT_NOW) | OPT(OPT_JAIL), cmd_replay },
	{ "reload", "", "read the configuration again; on any error keep the old", 0, 0,
	  OPT(OPT_JSON), cmd_reload },
	{ "version", "", "show the version and what it was built with", 0, 0,
	  0, cmd_version },
};

/* What is @wide columns or longer gets a line of its own. */
static void print_row(FILE *f, int wide, const char *left, const char *help)
{
	if ((int)strlen(left) > wide)
		fprintf(f, "  %s\n  %*s %s\n", left, wide, "", help);
	else
		fprintf(f, "  %-*s %s\n", wide, left, help);
}

static void print_options(FILE *f, unsigned int opts)
{
	for (int o = 0; o < OPT_N; o++) {
		const struct opt_row *row = &opt_rows[o];
		char left[40];

		if (!(opts & OPT(o)))
			continue;
		snprintf(left, sizeof(left), "%s--%s%s%s", o == OPT_HELP ? "-h, " : "",
			 row->name, row->arg ? " " : "", row->arg ? row->arg : "");
		print_row(f, 18, left, row->help);
	}
}

static void print_help(FILE *f)
{
	fputs("usage: xdpban VERB [ARGUMENTS] [OPTIONS]\n"
	      "Drop attackers at the network card, as the logs report them.\n\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		char left[48];

		snprintf(left, sizeof(left), "%s %s", verbs[i].name, verbs[i].args);
		print_row(f, 34, left, verbs[i].help);
	}
	fputs("\n\"xdpban help VERB\" shows the options of a verb, \"xdpban help settings\" "
	      "what can\nbe configured, \"xdpban help SETTING\" one of that; \"man xdpban\" "
	      "explains it all.\nEvery verb takes:\n", f);
	print_options(f, COMMON);
}

static void print_usage(FILE *f, const struct verb *v)
{
	fprintf(f, "usage: xdpban %s%s%s%s\n", v->name, *v->args ? " " : "", v->args,
		v->opts ? " [OPTIONS]" : "");
}

static void print_verb_help(const struct verb *v)
{
	print_usage(stdout, v);
	printf("%s\n\n", v->help);
	if (v->opts) {
		print_options(stdout, v->opts);
		putchar('\n');
	}
	puts("Options of every verb:");
	print_options(stdout, COMMON);
}

/* NULL: there is none, and @near has what may have been meant. */
static const struct verb *find_verb(const char *name, struct guess *near)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (streq(name, verbs[i].name))
			return &verbs[i];
		guess_try(near, verbs[i].name);
	}
	return NULL;
}

/* Words of other programs that people type here, and what they mean by them. */
static const struct { const char *word, *instead; } others[] = {
	{ "start", "systemctl start xdpban, or xdpban run" },
	{ "stop", "systemctl stop xdpban; bans stand meanwhile" },
	{ "restart", "systemctl restart xdpban, or xdpban reload" },
	{ "banip", "xdpban ban" }, { "block", "xdpban ban" }, { "add", "xdpban ban" },
	{ "unbanip", "xdpban unban" }, { "unblock", "xdpban unban" }, { "del", "xdpban unban" },
	{ "delete", "xdpban unban" }, { "banned", "xdpban list" }, { "show", "xdpban list" },
	{ "bans", "xdpban list" }, { "jails", "xdpban status" },
	{ "info", "xdpban status" }, { "regex", "xdpban test" },
	{ "ignore", "xdpban trust add, or ignoreip in jail.local" },
	{ "allow", "xdpban trust add, or ignoreip in jail.local" },
	{ "whitelist", "xdpban trust add, or ignoreip in jail.local" },
	{ "top", "watch -n 1 xdpban list --sort packets --limit 20" },
	{ "watch", "watch -n 1 xdpban list --sort packets --limit 20" },
};

static int unknown_verb(const char *name, const struct guess *near)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (streq(name, others[i].word))
			return cli_usage("there is no verb '%s'; what you want may be: %s",
					 name, others[i].instead);
	if (near->best)
		return cli_usage("there is no verb '%s' (did you mean '%s'?); see xdpban --help",
				 name, near->best);
	return cli_usage("there is no verb '%s'; see xdpban --help", name);
}

static int find_option(const struct verb *v, const char *name, size_t len)
{
	for (int o = 0; o < OPT_N; o++)
		if ((COMMON | v->opts) & OPT(o) && strlen(opt_rows[o].name) == len &&
		    !memcmp(opt_rows[o].name, name, len))
			return o;
	return -1;
}

static int unknown_option(const struct verb *v, const char *given)
{
	struct guess near = guess_init(given + strspn(given, "-"));

	for (int o = 0; o < OPT_N; o++)
		if ((COMMON | v->opts) & OPT(o))
			guess_try(&near, opt_rows[o].name);
	if (near.best)
		return cli_usage("%s: there is no option '%s' (did you mean '--%s'?)", v->name,
				 given, near.best);
	return cli_usage("%s: there is no option '%s'; see xdpban %s --help", v->name, given,
			 v->name);
}

/*
 * Take the options out of @argv, wherever they stand, and close the gaps; what
 * is left is counted in @argc.  Names are exact: an abbreviation in somebody's
 * script would change its meaning when an option is added.  "--" ends them.
 */
static int parse_options(struct cli *c, const struct verb *v, int *argc, char **argv)
{
	int kept = 0, i;

	for (i = 0; i < *argc && !streq(argv[i], "--"); i++) {
		const char *name = argv[i] + 2, *value = strchr(argv[i], '=');
		size_t len = value ? (size_t)(value++ - name) : strlen(argv[i]) - 2;
		int o;

		if (argv[i][0] != '-' || !argv[i][1]) {	/* "-" is a file */
			argv[kept++] = argv[i];
			continue;
		}
		o = streq(argv[i], "-h") ? OPT_HELP :
		    starts_with(argv[i], "--") ? find_option(v, name, len) : -1;
		if (o < 0)
			return unknown_option(v, argv[i]);
		if (opt_rows[o].arg && !value)
			value = ++i < *argc ? argv[i] : NULL;
		else if (!opt_rows[o].arg && value)
			return cli_usage("%s: option '--%s' takes no value", v->name,
					 opt_rows[o].name);
		if (opt_rows[o].arg && !value)
			return cli_usage("%s: option '--%s' needs a value: %s", v->name,
					 opt_rows[o].name, opt_rows[o].arg);
		c->opt[o] = value ? value : "";
	}
	for (i++; i < *argc; i++)
		argv[kept++] = argv[i];
	*argc = kept;
	return 0;
}

/* Too few arguments, or too many: which, and what there should be. */
static int wrong_number(const struct verb *v, int argc, char **argv)
{
	if (argc < v->min)
		cli_usage("%s: something is missing", v->name);
	else
		cli_usage("%s: '%s' is too much", v->name, argv[v->max]);
	print_usage(stderr, v);
	return EXIT_USAGE;
}

/* What is no time was mistyped, whatever the daemon would make of it. */
static int check_times(const struct verb *v, const struct cli *c)
{
	static const enum cli_opt times[] = { OPT_FOR, OPT_ENDING };

	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		const char *text = c->opt[times[i]];
		double seconds;

		if (text && (timespan_parse(text, &seconds, NULL) ||
			     (seconds < 0 && seconds != -1)))
			return cli_usage("%s: --%s '%s' is not a time such as 10m, 1h or 2d",
					 v->name, opt_rows[times[i]].name, text);
	}
	return EXIT_DONE;
}

static int run_verb(const struct verb *v, int argc, char **argv)
{
	struct cli c = { .opt = {
		[OPT_CONFIG] = DEFAULT_CONFIG, [OPT_SOCKET] = DEFAULT_SOCKET,
		[OPT_STATE] = DEFAULT_STATE, [OPT_PIN] = DEFAULT_PIN,
	} };
	int status = parse_options(&c, v, &argc, argv);

	if (status)
		return status;
	if (c.opt[OPT_HELP]) {
		print_verb_help(v);
		return EXIT_DONE;
	}
	c.json = c.opt[OPT_JSON];
	if (argc < v->min || (v->max >= 0 && argc > v->max))
		return wrong_number(v, argc, argv);
	status = check_times(v, &c);
	return status ? status : v->run(&c, argc, argv);
}

/* A link of that name makes us answer in its words. */
static bool is_fail2ban_client(const char *self)
{
	static const char name[] = "fail2ban-client";
	size_t len = self ? strlen(self) : 0;

	return len >= sizeof(name) - 1 && streq(self + len - (sizeof(name) - 1), name);
}

static bool help_setting(const char *name)
{
	struct str text = { 0 };
	bool known = check_explain(name, &text);

	if (known)
		fputs(text.s ? text.s : "", stdout);
	str_fini(&text);
	return known;
}

static void print_setting(void *ctx, const char *name, const char *doc)
{
	(void)ctx;
	if (doc)
		print_row(stdout, 22, name, doc);
	else
		printf("%s\n", name);
}

static int help_settings(void)
{
	check_settings(print_setting, NULL);
	return EXIT_DONE;
}

static int unknown_topic(const char *name, const struct guess *near)
{
	if (near->best)
		return cli_usage("there is no verb and no setting '%s' (did you mean '%s'?)",
				 name, near->best);
	return cli_usage("there is no verb and no setting '%s'; see xdpban --help", name);
}

/* "help", "help VERB", "help settings", "help SETTING", "-h". */
static int help(int argc, char **argv)
{
	const struct verb *v;
	struct guess near;

	if (!argc) {
		print_help(stdout);
		return EXIT_DONE;
	}
	near = guess_init(argv[0]);
	v = find_verb(argv[0], &near);
	if (v) {
		print_verb_help(v);
		return EXIT_DONE;
	}
	if (streq(argv[0], "settings"))
		return help_settings();
	if (help_setting(argv[0]))
		return EXIT_DONE;
	check_guess(&near);
	return unknown_topic(argv[0], &near);
}

/* Of any verb, and how many words it takes with its value; 0: it is none. */
static int option_words(const char *word)
{
	size_t len = strcspn(word, "=");

	if (!starts_with(word, "--"))
		return 0;
	for (int o = 0; o < OPT_N; o++)
		if (strlen(opt_rows[o].name) == len - 2 &&
		    !memcmp(opt_rows[o].name, word + 2, len - 2))
			return opt_rows[o].arg && !word[len] ? 2 : 1;
	return 0;
}

/* Options may stand before the verb, too: bring it to the front. */
static void verb_first(int argc, char **argv)
{
	int i = 1, words;
	char *verb;

	while (i < argc && !streq(argv[i], "--help") && (words = option_words(argv[i])))
		i += words;
	if (i >= argc || i == 1)
		return;
	verb = argv[i];
	memmove(argv + 2, argv + 1, (size_t)(i - 1) * sizeof(*argv));
	argv[1] = verb;
}

/* What could not be written was not said: a full disk is no success. */
static int said(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	return status ? status : cli_fail("cannot write all of it: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	const struct verb *v;
	struct guess near;

	if (is_fail2ban_client(argv[0]))
		return f2b_main(argc, argv);

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	verb_first(argc, argv);
	if (streq(argv[1], "-h") || streq(argv[1], "--help") || streq(argv[1], "help"))
		return help(argc - 2, argv + 2);
	if (streq(argv[1], "--version") || streq(argv[1], "-V"))
		argv[1] = (char *)"version";
	near = guess_init(argv[1]);
	v = find_verb(argv[1], &near);
	return v ? said(run_verb(v, argc - 2, argv + 2)) : unknown_verb(argv[1], &near);
}
