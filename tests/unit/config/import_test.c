// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/import.h"

#include "base/str.h"
#include "../ini/tree.h"

static const struct tree_file theirs[] = {
	{ "jail.conf", "[a]\nenabled = 1\nfailregex = x <HOST>\nlogpath = /var/log/fail2ban.log\n"
	  "action = iptables[port=ssh]\n  mail\n[b]\nenabled = 1\nbantime = x\n[c]\nfoo\n" },
	{ "jail.local", "[a]\nmaxretry = 2\n" },
	{ "jail.d/x.conf", "[a]\n" },
	{ "fail2ban.conf", "[Definition]\ndbfile = /their/bans\n" },
	{ "filter.d/sshd.conf", "theirs\n" }, { "filter.d/common.conf", "theirs\n" },
	{ "filter.d/sshd.local", "[Definition]\n" },
	{ "filter.d/same.conf", "same\n" },
	{ "filter.d/apache.conf", "[Definition]\n" },
	{ "filter.d/ignorecommands/check", "#!/bin/sh\n" },
	{ "action.d/mail.conf", "[Definition]\nactionban = mail\n" },
	{ "action.d/mine.conf", "theirs\n" },
	{ "jail.conf~", "junk" }, { "jail.d/.x.conf.swp", "junk" }, { "a.dpkg-old", "junk" },
};

static const struct tree_file ours[] = {
	{ "jail.conf", "[old]\n" }, { "filter.d/sshd.conf", "#\nfailregex = ours\n" },
	{ "filter.d/common.conf", "ours\n" }, { "filter.d/same.conf", "same\n" }, { "action.d/mine.conf", "ours\n" },
	{ "jail.d/mine.conf", "[mine]\n" },
};

static void remember(void *ctx, enum import_event event, const char *path, const char *text)
{
	static const char *const words[] = { "copied", "replaced", "kept", "failed", "note" };

	str_printf(ctx, "%s%s%s%s%s\n", words[event], path ? " " : "", path ? path : "",
		   text ? ": " : "", text ? text : "");
}

static const char *contents(const char *dir, const char *name)
{
	static char buf[4096];
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	fclose(f);
	return buf;
}

static const char expected[] =
	"copied action.d/mail.conf\n"
	"kept action.d/mine.conf: the one here stays, xdpban's own or yours\n"
	"copied fail2ban.conf\n"
	"copied filter.d/apache.conf\n"
	"replaced filter.d/common.conf: the old one is beside it, as *.before-import\n"
	"copied filter.d/ignorecommands/check\n"
	"kept filter.d/sshd.conf: the one here stays; your .local now changes that one\n"
	"copied filter.d/sshd.local\n"
	"replaced jail.conf: the old one is beside it, as *.before-import\n"
	"copied jail.d/x.conf\n"
	"copied jail.local\n";

static void test_files(void)
{
	char *from = tree_make(theirs, ARRAY_SIZE(theirs)), *to = tree_make(ours, ARRAY_SIZE(ours));
	struct str said = { 0 };
	struct import_options o = { from, to, remember, &said };
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/filter.d/ignorecommands/check", from);
	chmod(path, 0755);
	t_is("import", import_files(&o), 0);
	t_str("what it says", said.s, expected);
	t_str("theirs came", contents(to, "jail.conf"), theirs[0].text);
	t_str("ours is beside it", contents(to, "jail.conf.before-import"), "[old]\n");
	t_str("our filter stays", contents(to, "filter.d/sshd.conf"),
	      "#\nfailregex = ours\n");
	t_str("our own file stays", contents(to, "jail.d/mine.conf"), "[mine]\n");
	t_str("no junk", contents(to, "jail.conf~"), NULL);
	snprintf(path, sizeof(path), "%s/filter.d/ignorecommands/check", to);
	t_is("a program can still be run", !stat(path, &st) && st.st_mode & 0100, 1);
	str_reset(&said);
	t_is("again", import_files(&o), 0);
	t_str("changes nothing", said.s,
	      "kept action.d/mine.conf: the one here stays, xdpban's own or yours\n"
	      "kept filter.d/sshd.conf: the one here stays; your .local now changes that one\n");
	str_fini(&said);
	tree_remove(from);
	tree_remove(to);
}

/* Somebody changed jail.conf after an import: neither may be lost. */
static void test_twice_replaced(void)
{
	char *from = tree_make(theirs, 1), *to = tree_make(ours, 1), path[512];
	struct str said = { 0 };
	struct import_options o = { from, to, remember, &said };
	FILE *f;

	import_files(&o);
	snprintf(path, sizeof(path), "%s/jail.conf", to);
	f = fopen(path, "w");
	fputs("[changed]\n", f);
	fclose(f);
	str_reset(&said);
	t_ok("refused", import_files(&o) < 0);
	t_str("and told", said.s, "failed jail.conf: File exists\n");
	t_str("nothing is lost", contents(to, "jail.conf"), "[changed]\n");
	t_str("nor the first one", contents(to, "jail.conf.before-import"), "[old]\n");
	str_fini(&said);
	tree_remove(from);
	tree_remove(to);
}

static void test_nowhere(void)
{
	struct str said = { 0 };
	struct import_options o = { "/none/at/all", "/tmp/xdpban-test-none", remember, &said };

	t_ok("no Fail2ban", import_files(&o) < 0);
	t_str("and told", said.s, "failed /none/at/all: Not a directory\n");
	str_fini(&said);
}

static void test_notes(void)
{
	char *dir = tree_make(theirs, 11);
	struct config_options o = { .dir = dir };
	struct config *c = config_load(&o, NULL);
	struct str said = { 0 };

	import_notes(c, remember, &said);
	t_ok("jail a", strstr(said.s, "note: jail a: \"iptables\" is done by xdpban itself: "
			      "packets are dropped, not rejected\n"));
	t_ok("its mail", strstr(said.s, "jail a: action \"mail\" is a command"));
	t_ok("its log", strstr(said.s, "it reads \"/var/log/fail2ban.log\""));
	t_ok("its names", strstr(said.s, "2 jails look up host names"));
	t_ok("jail b", strstr(said.s, "jail b: it has errors and will not run"));
	t_ok("jail c is off", !strstr(said.s, "jail c"));
	str_fini(&said);
	config_free(c);
	tree_remove(dir);
}

static const struct tree_file recidives[] = {
	{ "jail.conf", "[DEFAULT]\nenabled = 1\nlogpath = /var/log/fail2ban.log\n"
	  "action = iptables\n[recidive]\nfilter = recidive\n[again]\nfilter = recidive\n"
	  "[off]\nfilter = recidive\nenabled = 0\n[other]\nfailregex = x <HOST>\n" },
	{ "filter.d/recidive.conf", "[Definition]\nfailregex = Ban <HOST>\n" },
	{ "jail.d/own.conf", "" },
};

static void test_mended(void)
{
	char *dir = tree_make(recidives, ARRAY_SIZE(recidives));
	struct config_options o = { .dir = dir };
	struct config *c = config_load(&o, NULL);
	struct str said = { 0 };

	t_is("mended", import_mend(c, remember, &said), 1);
	t_ok("and told", strstr(said.s, "note jail.d/xdpban-import.local: recidive counts"));
	t_ok("what runs with that filter", strstr(contents(dir, "jail.d/xdpban-import.local"),
		"[recidive]\nbackend = bans\nlogpath =\n[again]\nbackend = bans\nlogpath =\n"));
	t_ok("nothing else", !strstr(contents(dir, "jail.d/xdpban-import.local"), "[o"));
	config_free(c);
	c = config_load(&o, NULL);
	str_reset(&said);
	t_is("once", import_mend(c, remember, &said), 0);
	import_notes(c, remember, &said);
	t_ok("who reads that log otherwise", strstr(said.s, "note: jail other: it reads "
						   "\"/var/log/fail2ban.log\""));
	t_ok("not those mended", !strstr(said.s, "again: it reads"));
	t_ok("one line for all of them", strstr(said.s, "note: jails recidive, again, other: "
						       "\"iptables\" is done"));
	str_fini(&said);
	config_free(c);
	tree_remove(dir);
}

static void test_dbfile(void)
{
	static const struct { const char *text, *path; } cases[] = {
		{ "[Definition]\ndbfile = /their/bans\n", "/their/bans" },
		{ "[DEFAULT]\ndbfile = /x\n[Definition]\n", "/x" },
		{ "[Definition]\n", "/var/lib/fail2ban/fail2ban.sqlite3" },
		{ "[Definition]\ndbfile = None\n", NULL },
		{ "[Definition]\ndbfile = :memory:\n", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *dir = tree_make((const struct tree_file[]){ { "fail2ban.conf",
				      cases[i].text } }, 1);
		char *path = import_dbfile(dir);

		t_str(cases[i].text, path, cases[i].path);
		free(path);
		tree_remove(dir);
	}
}

int main(void)
{
	test_files();
	test_twice_replaced();
	test_nowhere();
	test_notes();
	test_mended();
	test_dbfile();
	return t_done();
}
