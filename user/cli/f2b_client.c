// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of fail2ban-client: options, and which command it is. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "control/ctl_client.h"
#include "offline/check.h"
#include "f2b.h"

#define SPOKEN_VERSION	"1.0.2"	/* whose output ours is */

/* ---- talking to the daemon ------------------------------------------------------ */

int f2b_ask(struct f2b *f, json_t *req, void (*row)(void *ctx, const json_t *row), void *ctx)
{
	const char *path = f->c.opt[OPT_SOCKET];
	int err = ctl_request(path, req, row, ctx, f->why, sizeof(f->why));

	if (err && err != -EREMOTEIO)
		fprintf(stderr, "ERROR   %s socket: %s. Is xdpban running?\n", path,
			strerror(-err));
	return err;
}

static void keep_row(void *ctx, const json_t *row)
{
	json_t **kept = ctx;

	if (!*kept)
		*kept = json_deep_copy(row);
}

json_t *f2b_ask_one(struct f2b *f, json_t *req)
{
	json_t *row = NULL;
	int err = f2b_ask(f, req, keep_row, &row);

	if (!err)
		return row;
	json_decref(row);
	return NULL;
}

int f2b_refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return F2B_FAILED;
}

int f2b_no_jail(const char *jail)
{
	return f2b_refuse("Sorry but the jail '%s' does not exist", jail);
}

bool f2b_has_jail(struct f2b *f, const char *jail)
{
	return !f2b_ask(f, json_pack("{s:s, s:s, s:s}", "verb", "get", "jail", jail,
				     "option", "maxretry"), NULL, NULL);
}

/* ---- small commands --------------------------------------------------------------- */

static int do_ping(struct f2b *f, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (f2b_ask(f, json_pack("{s:s}", "verb", "ping"), NULL, NULL))
		return F2B_FAILED;
	puts("Server replied: pong");
	return F2B_OK;
}

static int do_version(struct f2b *f, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (f2b_ask(f, json_pack("{s:s}", "verb", "ping"), NULL, NULL))
		return F2B_FAILED;
	puts(SPOKEN_VERSION);
	return F2B_OK;
}

static int do_echo(struct f2b *f, int argc, char **argv)
{
	(void)f;
	for (int i = 0; i < argc; i++)
		printf("%s%s", i ? " " : "", argv[i]);
	putchar('\n');
	return F2B_OK;
}

static int do_flushlogs(struct f2b *f, int argc, char **argv)
{
	(void)argc, (void)argv;
	if (f2b_ask(f, json_pack("{s:s}", "verb", "reopen"), NULL, NULL))
		return F2B_FAILED;
	puts("logs: rolled over");
	return F2B_OK;
}

static void say_problem(void *ctx, const json_t *row)
{
	(void)ctx;
	if (json_object_get(row, "problem"))
		fprintf(stderr, "%s\n", out_str(row, "problem"));
}

/* [--restart] [--unban] [--if-exists] [--all] [JAIL]: everything is read anew. */
static int do_reload(struct f2b *f, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (*argv[i] != '-' && !f2b_has_jail(f, argv[i]))
			return F2B_FAILED;
	switch (f2b_ask(f, json_pack("{s:s}", "verb", "reload"), say_problem, NULL)) {
	case 0:
		puts("OK");
		return F2B_OK;
	case -EREMOTEIO:
		return f2b_refuse("%s", f->why);
	default:
		return F2B_FAILED;
	}
}

static int do_get(struct f2b *f, int argc, char **argv)
{
	json_t *s = NULL;
	int status = F2B_OK;

	if (argc >= 2)
		return f2b_get(f, argv[0], argc - 1, argv + 1);
	if (argc)
		s = f2b_ask_one(f, json_pack("{s:s}", "verb", "settings"));
	if (argc && !s)
		return F2B_FAILED;
	if (argc && streq(argv[0], "loglevel"))
		printf("Current logging level is '%s'\n", out_str(s, "loglevel"));
	else if (argc && streq(argv[0], "logtarget"))
		printf("Current logging target is:\n`- %s\n", out_str(s, "logtarget"));
	else if (argc && streq(argv[0], "dbfile") && json_object_get(s, "dbfile"))
		printf("Current database file is:\n`- %s\n", out_str(s, "dbfile"));
	else if (argc && streq(argv[0], "dbpurgeage") && json_object_get(s, "dbfile"))
		printf("Current database purge age is:\n`- %.0fseconds\n",
		       out_num(s, "dbpurgeage"));
	else if (argc && streq(argv[0], "dbmaxmatches"))
		printf("%.0f\n", out_num(s, "dbmaxmatches"));
	else if (argc && starts_with(argv[0], "db"))
		puts("Database currently disabled");
	else
		status = f2b_refuse("Sorry but the command is invalid");
	json_decref(s);
	return status;
}

static int do_set(struct f2b *f, int argc, char **argv)
{
	if (argc < 2)
		return f2b_refuse("Sorry but the command is invalid");
	return f2b_set(f, argv[0], argc - 1, argv + 1);
}

static int do_service(struct f2b *f, int argc, char **argv)
{
	(void)f, (void)argc, (void)argv;
	fputs("ERROR   xdpban is started and stopped by the service manager "
	      "(systemctl start xdpban); reload works here\n", stderr);
	return F2B_FAILED;
}

static const struct command {
	const char *name;
	int (*run)(struct f2b *f, int argc, char **argv);
} commands[] = {
	{ "ping", do_ping }, { "version", do_version }, { "echo", do_echo },
	{ "status", f2b_status }, { "banned", f2b_banned }, { "unban", f2b_unban },
	{ "get", do_get }, { "set", do_set }, { "reload", do_reload },
	{ "flushlogs", do_flushlogs },
	{ "start", do_service }, { "stop", do_service }, { "restart", do_service },
};

/* ---- options ---------------------------------------------------------------------- */

static void print_usage(FILE *out)
{
	fputs("Usage: fail2ban-client [OPTIONS] <COMMAND>\n\n"
	      "xdpban " XDPBAN_VERSION ", which answers as Fail2Ban v" SPOKEN_VERSION
	      " does to:\n\n"
	      "    ping, version, status [JAIL], banned [IP...], unban --all|IP...,\n"
	      "    reload, flushlogs, get loglevel|logtarget|dbfile|dbpurgeage|dbmaxmatches\n"
	      "    get JAIL banned [IP...], banip [SEP|--with-time], logpath, journalmatch,\n"
	      "             ignoreself, ignoreip, ignorecommand, failregex, ignoreregex,\n"
	      "             findtime, bantime, datepattern, usedns, maxretry, maxmatches,\n"
	      "             maxlines, logencoding, actions\n"
	      "    set JAIL banip IP..., unbanip [--report-absent] IP..., maxretry N,\n"
	      "             findtime T, bantime T, maxmatches N, addignoreip IP,\n"
	      "             delignoreip IP\n\n"
	      "Options:\n"
	      "    -s, --socket <FILE>     control socket (" DEFAULT_SOCKET ")\n"
	      "    -t, --test              test the configuration\n"
	      "    -c, --conf <DIR>        the one to be tested (" DEFAULT_CONFIG ")\n"
	      "    -h, --help; -V, --version\n"
	      "Others are taken and ignored.\n", out);
}

/* The value of an option "-c DIR", "-cDIR", "--conf DIR" or "--conf=DIR"; NULL: not it. */
static const char *value_of(const char *letter, const char *word, int *at, int argc, char **argv)
{
	const char *arg = argv[*at];
	size_t len = strlen(word);

	if (starts_with(arg, "--")) {
		if (strncmp(arg + 2, word, len) || (arg[2 + len] && arg[2 + len] != '='))
			return NULL;
		if (arg[2 + len] == '=')
			return arg + 3 + len;
	} else if (arg[0] != '-' || arg[1] != *letter) {
		return NULL;
	} else if (arg[2]) {
		return arg + 2;
	}
	return ++*at < argc ? argv[*at] : "";
}

/* Options that have a value and mean nothing here. */
static bool skip_value(int *at, int argc, char **argv)
{
	static const char *const words[] = {
		"pidfile", "pname", "loglevel", "logtarget", "syslogsocket", "timeout",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (value_of(i ? "\xff" : "p", words[i], at, argc, argv))
			return true;
	return false;
}

static int test_config(struct f2b *f)
{
	struct check_result r;
	struct diag d = { 0 };
	int err = check_config(f->c.opt[OPT_CONFIG], &r, &d);

	puts(err ? "ERROR: test configuration failed" :
	     "OK: configuration test is successful");
	check_result_fini(&r);
	return out_problems(&d, err) ? F2B_FAILED : F2B_OK;
}

/* Gives where the command begins, or -1 when all is done, with *@status. */
static int read_options(struct f2b *f, int argc, char **argv, int *status)
{
	const char *value;
	bool test = false;
	int i;

	*status = F2B_OK;
	for (i = 1; i < argc && *argv[i] == '-'; i++) {
		const char *arg = argv[i];

		if ((value = value_of("s", "socket", &i, argc, argv))) {
			f->c.opt[OPT_SOCKET] = value;
		} else if ((value = value_of("c", "conf", &i, argc, argv))) {
			f->c.opt[OPT_CONFIG] = value;
		} else if (streq(arg, "-h") || streq(arg, "--help")) {
			print_usage(stdout);
			return -1;
		} else if (streq(arg, "-V")) {
			puts(SPOKEN_VERSION);
			return -1;
		} else if (streq(arg, "--version")) {
			puts("xdpban " XDPBAN_VERSION ", answers as Fail2Ban v" SPOKEN_VERSION);
			return -1;
		} else if (streq(arg, "-t") || streq(arg, "--test")) {
			test = true;
		} else {
			skip_value(&i, argc, argv);
		}
	}
	if (!test)
		return i;
	*status = test_config(f);
	return -1;
}

int f2b_main(int argc, char **argv)
{
	struct f2b f = { .c.opt = {
		[OPT_CONFIG] = DEFAULT_CONFIG, [OPT_SOCKET] = DEFAULT_SOCKET,
		[OPT_STATE] = DEFAULT_STATE, [OPT_PIN] = DEFAULT_PIN,
	} };
	int status, at = read_options(&f, argc, argv, &status);

	if (at < 0)
		return status;
	if (at >= argc) {
		print_usage(stdout);
		return F2B_FAILED;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (streq(argv[at], commands[i].name))
			return commands[i].run(&f, argc - at - 1, argv + at + 1);
	return f2b_refuse("Invalid command");
}
