// SPDX-License-Identifier: GPL-2.0-or-later
/* status, get and set of fail2ban-client. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "f2b.h"

/* ---- status ---------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int status_of_all(struct f2b *f)
{
	json_t *s = f2b_ask_one(f, json_pack("{s:s}", "verb", "status"));
	const json_t *jails = json_object_get(s, "jails"), *j;
	size_t n = json_array_size(jails), i;
	const char **names = calloc(n + 1, sizeof(*names));

	if (!s || !names) {
		json_decref(s);
		free(names);
		return F2B_FAILED;
	}
	json_array_foreach(jails, i, j)
		names[i] = out_str(j, "name");
	qsort(names, n, sizeof(*names), by_name);
	printf("Status\n|- Number of jail:\t%zu\n`- Jail list:\t", n);
	for (i = 0; i < n; i++)
		printf("%s%s", i ? ", " : "", names[i]);
	putchar('\n');
	free(names);
	json_decref(s);
	return F2B_OK;
}

static const json_t *find_jail(const json_t *status, const char *name)
{
	const json_t *jails = json_object_get(status, "jails"), *j;
	size_t i;

	json_array_foreach(jails, i, j)
		if (streq(out_str(j, "name"), name))
			return j;
	return NULL;
}

static json_t *get_value(struct f2b *f, const char *jail, const char *option)
{
	json_t *row = f2b_ask_one(f, json_pack("{s:s, s:s, s:s}", "verb", "get",
					       "jail", jail, "option", option));
	json_t *value = json_incref(json_object_get(row, "value"));

	json_decref(row);
	return value;
}

static void print_joined(const json_t *list, const char *separator)
{
	const json_t *it;
	size_t i;

	json_array_foreach(list, i, it) {
		fputs(i ? separator : "", stdout);
		out_text(json_string_value(it));
	}
}

/* Of a jail that reads a journal; several lines of journalmatch are or-ed. */
static void print_sources(struct f2b *f, const char *jail)
{
	json_t *matches = get_value(f, jail, "journalmatch");
	json_t *paths = get_value(f, jail, "logpath");

	if (json_array_size(matches)) {
		printf("|  `- Journal matches:\t");
		print_joined(matches, " + ");
	} else {
		printf("|  `- File list:\t");
		print_joined(paths, " ");
	}
	putchar('\n');
	json_decref(matches);
	json_decref(paths);
}

int f2b_status(struct f2b *f, int argc, char **argv)
{
	const json_t *j;
	json_t *s;
	int err;

	if (!argc)
		return status_of_all(f);
	if (argc > 2)
		return f2b_refuse("Invalid command (no status)");
	f->why[0] = '\0';
	s = f2b_ask_one(f, json_pack("{s:s, s:s}", "verb", "status", "jail", argv[0]));
	j = find_jail(s, argv[0]);
	if (!j) {
		json_decref(s);
		return f->why[0] ? f2b_no_jail(argv[0]) : F2B_FAILED;
	}
	printf("Status for the jail: %s\n|- Filter\n", argv[0]);
	printf("|  |- Currently failed:\t%.0f\n", out_num(j, "watched"));
	printf("|  |- Total failed:\t%.0f\n", out_num(j, "found"));
	print_sources(f, argv[0]);
	printf("`- Actions\n   |- Currently banned:\t%.0f\n", out_num(j, "banned"));
	printf("   |- Total banned:\t%.0f\n   `- Banned IP list:\t", out_num(j, "bans_total"));
	json_decref(s);
	err = f2b_print_banned_line(f, argv[0]);
	return err ? F2B_FAILED : F2B_OK;
}

/* ---- get ---------------------------------------------------------------------------- */

static void print_tree(const char *title, const char *none, const json_t *list)
{
	size_t n = json_array_size(list), i;
	const json_t *it;

	puts(n ? title : none);
	json_array_foreach(list, i, it) {
		fputs(i + 1 < n ? "|- " : "`- ", stdout);
		out_text(json_string_value(it));
		putchar('\n');
	}
}

static void print_ignoreip(const char *jail, const json_t *v)
{
	(void)jail;
	print_tree("These IP addresses/networks are ignored:",
		   "No IP address/network is ignored", v);
}

static void print_logpath(const char *jail, const json_t *v)
{
	(void)jail;
	print_tree("Current monitored log file(s):", "No file is currently monitored", v);
}

static void print_regexes(const char *jail, const json_t *v)
{
	size_t n = json_array_size(v), i;
	const json_t *it;

	(void)jail;
	puts(n ? "The following regular expression are defined:" :
	     "No regular expression is defined");
	json_array_foreach(v, i, it)
		printf("%s [%zu]: %s\n", i + 1 < n ? "|-" : "`-", i, json_string_value(it));
}

static void print_journalmatch(const char *jail, const json_t *v)
{
	(void)jail;
	if (!json_array_size(v)) {
		puts("No journal match filter set");
		return;
	}
	puts("Current match filter:");
	print_joined(v, " + ");
	putchar('\n');
}

static void print_datepattern(const char *jail, const json_t *v)
{
	(void)jail;
	printf("Current date pattern set to: ");
	if (json_array_size(v))
		print_joined(v, "\n");
	else
		printf("Default Detectors");
	putchar('\n');
}

static void print_encoding(const char *jail, const json_t *v)
{
	(void)jail;
	printf("Current log encoding is set to:\n%s\n", json_string_value(v));
}

static void print_actions(const char *jail, const json_t *v)
{
	if (!json_array_size(v)) {
		printf("No actions for jail %s\n", jail);
		return;
	}
	printf("The jail %s has the following actions:\n", jail);
	print_joined(v, ", ");
	putchar('\n');
}

/* Numbers, words and truths, as Python prints them. */
static void print_plain(const char *jail, const json_t *v)
{
	(void)jail;
	if (json_is_boolean(v))
		puts(json_is_true(v) ? "True" : "False");
	else if (json_is_number(v))
		printf("%.15g\n", json_number_value(v));
	else
		puts(json_string_value(v));
}

static const struct getter {
	const char *name;
	void (*print)(const char *jail, const json_t *value);
} getters[] = {
	{ "maxretry", print_plain }, { "findtime", print_plain }, { "bantime", print_plain },
	{ "maxmatches", print_plain }, { "maxlines", print_plain },
	{ "usedns", print_plain }, { "ignoreself", print_plain },
	{ "ignorecommand", print_plain }, { "ignoreip", print_ignoreip },
	{ "logpath", print_logpath }, { "logencoding", print_encoding },
	{ "journalmatch", print_journalmatch }, { "datepattern", print_datepattern },
	{ "failregex", print_regexes }, { "ignoreregex", print_regexes },
	{ "actions", print_actions },
};

static int print_option(struct f2b *f, const char *jail, const struct getter *g)
{
	json_t *value = get_value(f, jail, g->name);

	if (!value)
		return F2B_FAILED;
	g->print(jail, value);
	json_decref(value);
	return F2B_OK;
}

static const struct getter *find_getter(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
		if (streq(name, getters[i].name))
			return &getters[i];
	return NULL;
}

/* False after saying why: no daemon, or no such jail. */
static bool check_jail(struct f2b *f, const char *jail)
{
	f->why[0] = '\0';
	if (f2b_has_jail(f, jail))
		return true;
	if (f->why[0])
		f2b_no_jail(jail);
	return false;
}

int f2b_get(struct f2b *f, const char *jail, int argc, char **argv)
{
	const struct getter *g = find_getter(argv[0]);

	if (!check_jail(f, jail))
		return F2B_FAILED;
	if (streq(argv[0], "banned"))
		return f2b_get_banned(f, jail, argc - 1, argv + 1);
	if (streq(argv[0], "banip"))
		return f2b_get_banip(f, jail, argc - 1, argv + 1);
	if (!g)
		return f2b_refuse("Invalid command (no get action or not yet implemented)");
	return print_option(f, jail, g);
}

/* ---- set ---------------------------------------------------------------------------- */

/* What is answered to a change is how it is now. */
static int set_option(struct f2b *f, const char *jail, const char *option, const char *shown,
		      int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		int err = f2b_ask(f, json_pack("{s:s, s:s, s:s, s:s}", "verb", "set",
					       "jail", jail, "option", option,
					       "value", argv[i]), NULL, NULL);

		if (err == -EREMOTEIO)
			return f2b_refuse("%s", f->why);
		if (err)
			return F2B_FAILED;
	}
	return print_option(f, jail, find_getter(shown));
}

int f2b_set(struct f2b *f, const char *jail, int argc, char **argv)
{
	static const struct { const char *option, *shown; } setters[] = {
		{ "maxretry", "maxretry" }, { "findtime", "findtime" },
		{ "bantime", "bantime" }, { "maxmatches", "maxmatches" },
		{ "addignoreip", "ignoreip" }, { "delignoreip", "ignoreip" },
	};

	if (!check_jail(f, jail))
		return F2B_FAILED;
	if (streq(argv[0], "banip"))
		return f2b_banip(f, jail, argc - 1, argv + 1);
	if (streq(argv[0], "unbanip"))
		return f2b_unbanip(f, jail, argc - 1, argv + 1);
	for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
		if (streq(argv[0], setters[i].option))
			return set_option(f, jail, argv[0], setters[i].shown,
					  argc - 1, argv + 1);
	return f2b_refuse("Invalid command '%s' (no set action or not yet implemented)",
			  argv[0]);
}
