// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole configurations: how they are read, what they cost when they are wrong. */
#include "fixture.h"

#define FILES_MAX 6

/* ---- what is wrong, and what it costs ---------------------------------------------- */

static const struct {
	const char *what;
	struct tree_file files[FILES_MAX];
	const char *problems[8];
	const char *broken;		/* names of broken jails, blank-separated */
} faults[] = {
	{ "nothing is wrong", { { "jail.conf", "[a]\nenabled = 1\n" R } }, { NULL }, "" },
	{ "an error costs its jail only",
	  { { "jail.conf", "[a]\nenabled = 1\nbantime = x\n" R "[b]\nenabled = 1\n" R } },
	  { "jail.conf:3: \"bantime = x\": not a time, from \"x\" on (units are s m h d w mo y)" },
	  "a " },
	{ "a disabled jail only gets a warning",
	  { { "jail.conf", "[a]\nbantime = 1 +\n" R } },
	  { "jail.conf:2: \"bantime = 1 +\": not a time, something is missing" }, "a " },
	{ "a bad line costs its jail",
	  { { "jail.conf", "[a]\nenabled = 1\n" R "foo\n[b]\nenabled = 1\n" R } },
	  { "jail.conf:4: \"foo\": not a section and not an option: there is no \"=\"" }, "a " },
	{ "in [DEFAULT] it costs them all",
	  { { "jail.conf", "[DEFAULT]\nfoo\n[a]\n" R "[b]\n" R } },
	  { "jail.conf:2: \"foo\": not a section and not an option: there is no \"=\"" }, "a b " },
	{ "all errors in one run",
	  { { "jail.conf", "[a]\nenabled = 1\nfindtime = 0\nbackend = foo\nbantime.factor = 0\n"
	      "bantime.formula = ban.\nbantime.multipliers = 1 x\nignorecache = x\n" R } },
	  { "jail.conf:4: \"backend = foo\": not one of auto, polling, pyinotify, systemd, ami, bans, sensor, events",
	    "jail.conf:3: \"findtime = 0\": it must be between 1 and 31557600000",
	    "jail.conf:5: \"bantime.factor = 0\": not a positive number",
	    "jail.conf:6: \"bantime.formula = ban.\": neither a number nor a name that formulas "
	    "know, at column 1: \"ban.\"",
	    "jail.conf:7: \"bantime.multipliers = 1 x\": not a list of whole numbers",
	    "jail.conf:8: \"cache[x]\": a parameter is written name=value; at column 7, before "
	    "\"x]\"" }, "a " },
	{ "numbers fall back, with a warning",
	  { { "jail.conf", "[a]\nenabled = maybe\nmaxretry = five\nmaxmatches = -1\n" R } },
	  { "jail.conf:2: \"enabled = maybe\": neither yes nor no, taken as no",
	    "jail.conf:3: \"maxretry = five\": not a whole number; 5 is used",
	    "jail.conf:4: \"maxmatches = -1\": it must be between 0 and 1000000; 5 is used" }, "" },
	{ "a misspelt option",
	  { { "jail.conf", "[a]\nmaxrety = 3\nfind-time = 3\nmy_var = 3\n" R } },
	  { "jail.conf:2: \"maxrety\" is not an option of a jail (did you mean \"maxretry\"?)",
	    "jail.conf:3: \"find-time\" is not an option of a jail (did you mean \"findtime\"?)" },
	  "" },
	{ "a variable that looks like one",
	  { { "jail.conf", "[a]\nmaxretry2 = 3\nmaxretry = %(MaxRetry2)s\n" R } }, { NULL }, "" },
	{ "no such filter",
	  { { "jail.conf", "[DEFAULT]\nfilter = %(__name__)s\n[sshdd]\nenabled = 1\n" },
	    { "filter.d/sshd.conf", "[Definition]\n" R } },
	  { "jail.conf:3: \"sshdd\": there is no such filter in filter.d (did you mean "
	    "\"sshd\"?)" }, "sshdd " },
	{ "a broken filter costs who uses it",
	  { { "jail.conf", "[a]\nenabled = 1\nfilter = bad\n[b]\nenabled = 1\nfilter = bad[x=1]\n"
	      "[c]\nenabled = 1\nfilter = good\n" },
	    { "filter.d/bad.conf", "[Definition]\n" R "oops\n" },
	    { "filter.d/good.conf", "[Definition]\n" R } },
	  { "filter.d/bad.conf:3: \"oops\": not a section and not an option: there is no \"=\"" },
	  "a b " },
	{ "the line of a regex that refers to nothing",
	  { { "jail.conf", "[a]\nenabled = 1\nfilter = x\n" },
	    { "filter.d/x.conf", "[Definition]\nfailregex = one <HOST>\n  # no\n  two %(no)s\n" } },
	  { "filter.d/x.conf:4: \"%(no)s\" refers to an option that is not set" }, "a " },
	{ "a tag that leads to itself",
	  { { "jail.conf", "[a]\nenabled = 1\nfilter = x\n" },
	    { "filter.d/x.conf", "[Definition]\nfailregex = a <b>\nb = <c>\nc = <b>\n" } },
	  { "filter.d/x.conf:2: \"<b>\" in \"failregex\": the tag leads back to itself, or there "
	    "are too many of them" }, "a " },
	{ "a tag that is itself",
	  { { "jail.conf", "[a]\nenabled = 1\nfilter = x\n" },
	    { "filter.d/x.conf", "[Definition]\nfailregex = a\n  <failregex>\n" } },
	  { "filter.d/x.conf:3: \"<failregex>\" in \"failregex\": the option refers to itself" },
	  "a " },
	{ "no such action",
	  { { "jail.conf", "[a]\nenabled = 1\naction = mail\n  iptables[port=ssh]\n" R } },
	  { "jail.conf:3: \"mail\": there is no such action in action.d" }, "a " },
	{ "no such port",
	  { { "jail.conf", "[a]\nenabled = 1\naction = iptables[port=\"http,htps\"]\n" R } },
	  { "jail.conf:3: \"htps\" is not a port, a service or a range first:last (did you mean "
	    "\"https\"?)" }, "a " },
	{ "no such protocol",
	  { { "jail.conf", "[a]\nenabled = 1\naction = iptables[protocol=tpc]\n" R } },
	  { "jail.conf:3: \"tpc\" is not a protocol" }, "a " },
	{ "a jail without a regex",
	  { { "jail.conf", "[a]\nenabled = 1\n" } },
	  { "jail.conf:1: jail \"a\" has no failregex: it will never find anything" }, "" },
	{ "the name --all",
	  { { "jail.conf", "[--all]\n" R } },
	  { "jail.conf:1: \"--all\": the name of a jail must not begin with \"-\"" }, "--all " },
	{ "one action twice",
	  { { "jail.conf", "[a]\naction = iptables\n  iptables\n" R } },
	  { "jail.conf:3: \"iptables\" is used twice in this jail: give one of them another "
	    "\"actname\"" }, "" },
	{ "settings of ours are strict",
	  { { "jail.conf", "[a]\n" R }, { "xdpban.conf", "[xdpban]\nmode = fast\nmax-ban = 3\n"
	      "max-bans = 0\n[other]\n" } },
	  { "xdpban.conf:5: \"[other]\" is not a section of xdpban.conf (did you mean "
	    "\"[xdpban]\"?)",
	    "xdpban.conf:3: \"max-ban\" is not an option of xdpban (did you mean \"max-bans\"?)",
	    "xdpban.conf:2: \"mode = fast\": not one of auto, native, generic",
	    "xdpban.conf:4: \"max-bans = 0\": it must be between 1 and 16777216" }, "" },
	{ "those of Fail2ban are not",
	  { { "jail.conf", "[a]\n" R }, { "fail2ban.conf", "[Definition]\nlogleve = 3\nmy = 1\n"
	      "socket = /x\nloglevel = INFO\n" } },
	  { "fail2ban.conf:2: \"logleve\" is not an option of Fail2ban (did you mean "
	    "\"loglevel\"?)" }, "" },
};

static void test_faults(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		char broken[256] = "";
		struct fixture f;

		load(&f, faults[i].files, FILES_MAX);
		tree_problems_are(faults[i].what, &f.d, f.dir, faults[i].problems);
		for (size_t k = 0; k < f.c->n_jails; k++)
			if (f.c->jails[k].broken)
				snprintf(broken + strlen(broken), 64, "%s ", f.c->jails[k].name);
		t_str(faults[i].what, broken, faults[i].broken);
		drop(&f);
	}
}

static void test_levels(void)
{
	struct fixture f;

	load_jail(&f, "[a]\nbantime = x\n" R "[b]\nenabled = 1\nbantime = y\n" R);
	t_is("enabled first, as an error", f.d.entries[0].level, DIAG_ERROR);
	t_is("its line", f.d.entries[0].line, 6);
	t_is("disabled as a warning", f.d.entries[1].level, DIAG_WARNING);
	drop(&f);
}

/* ---- files ---------------------------------------------------------------------------------------- */

static void test_order(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[a]\nmaxretry = 1\nfindtime = 1\nbantime = 1\nmaxmatches = 1\n" R },
		{ "jail.d/b.conf", "[a]\nmaxretry = 2\nfindtime = 2\nbantime = 2\n[b]\n" R },
		{ "jail.d/a.conf", "[a]\nmaxretry = 3\n[c]\n" R },
		{ "jail.local", "[a]\nfindtime = 4\nbantime = 4\n" },
		{ "jail.d/z.local", "[a]\nbantime = 5\n" },
		{ "jail.d/.hidden.conf", "[a]\nbantime = 6\n" },
		{ "jail.d/b.conf~", "[a]\nbantime = 7\n" },
	};
	const struct config_jail *j;
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	j = jail(&f, "a");
	t_is("jail.conf", j->maxmatches, 1);
	t_is("the last of jail.d", j->maxretry, 2);
	t_is("jail.local", (int64_t)j->findtime, 4);
	t_is("jail.d/*.local", (int64_t)j->bantime, 5);
	t_str("jails in the order of the files", f.c->jails[1].name, "c");
	t_is("the header that came first", j->where.line, 1);
	t_ok("place", strstr(j->where.file, "/jail.conf"));
	drop(&f);
}

static void test_includes(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[INCLUDES]\nbefore = sub/one.conf\n         missing.conf\n"
		  "after = last.conf\n[a]\n" R "maxretry = %(one)s\nfindtime = %(two)s\n" },
		{ "sub/one.conf", "[INCLUDES]\nbefore = two.conf\n[DEFAULT]\none = 1\ntwo = 1\n" },
		{ "sub/one.local", "[DEFAULT]\none = 8\n" },
		{ "sub/two.conf", "[INCLUDES]\nbefore = ../jail.conf\n         one.conf\n[DEFAULT]\n"
		  "two = 2\none = 2\n" },
		{ "last.conf", "[a]\nbantime = 9\n" },
	};
	const struct config_jail *j;
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	t_is("a loop is no problem", (int64_t)f.d.n, 0);
	j = jail(&f, "a");
	t_is("a .local beside an include", j->maxretry, 8);
	t_is("the file itself comes after what it includes", (int64_t)j->findtime, 1);
	t_is("after", (int64_t)j->bantime, 9);
	t_ok("what was read", config_has_read(f.c, j->where.file));
	t_ok("what was not", !config_has_read(f.c, "/missing.conf"));
	drop(&f);
}

/* Bytes that are no UTF-8, a byte order mark, a file that is no text. */
static void test_bytes(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "\xef\xbb\xbf[a]\nenabled = 1\nfilter = latin\n[b]\nenabled = 1\n" R },
		{ "filter.d/latin.conf", "[Definition]\n# gr\xfc\xdf\nfailregex = \xe4 <HOST>\n" },
		{ "jail.d/dir.conf/file", "" },
	};
	static const char *const problems[] = {
		"filter.d/latin.conf:2: this is not UTF-8, it is read as Latin-1", NULL };
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	tree_problems_are("bytes", &f.d, f.dir, problems);
	t_str("Latin-1", jail(&f, "a")->filter.failregex.v[0].s, "\xc3\xa4 <HOST>");
	t_ok("sound", !jail(&f, "a")->broken);
	drop(&f);
}

static void test_nul(void)
{
	char *dir = tree_make((const struct tree_file[]){ { "jail.conf", "[a]\n" R } }, 1), path[64];
	struct config_options o = { .dir = dir };
	struct diag d = { 0 };
	struct config *c;
	FILE *file;

	snprintf(path, sizeof(path), "%s/jail.local", dir);
	file = fopen(path, "w");
	fwrite("[a]\nx = \0\n", 1, 11, file);
	fclose(file);
	c = config_load(&o, &d);
	t_str("NUL", tree_problem(&d, dir, 0), "jail.local:2: a NUL byte: this is not a text file");
	t_ok("costs all it may concern", c && c->jails[0].broken);
	config_free(c);
	diag_fini(&d);
	tree_remove(dir);
}

/* ---- settings, and nothing at all ------------------------------------------------------------------- */

static void test_settings(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[DEFAULT]\nbackend = systemd\nmode = aggressive\n[a]\n" R
		  "[xdpban]\nmax-bans = 7\n" },
		{ "fail2ban.conf", "[DEFAULT]\nloglevel = DEBUG\ndbpurgeage = 2d\n"
		  "logtarget = /var/log/fail2ban.log\ndbfile = /x\nallowipv6 = no\n[Definition]\n" },
		{ "xdpban.conf", "[xdpban]\ninterfaces = eth0, eth1\nmode = generic\n"
		  "backend = nftables\ndbfile = /y\nmax-bans = 5\n" },
		{ "xdpban.local", "[xdpban]\nmode = native\n" },
	};
	const struct config_settings *s;
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	t_is("no problem", (int64_t)f.d.n, 0);
	s = &f.c->settings;
	t_is("interfaces", (int64_t)s->interfaces.n, 2);
	t_str("the second", s->interfaces.v[1].s, "eth1");
	t_is("override", s->mode, CONFIG_XDP_NATIVE);
	t_is("backend is not the jails'", s->backend, ENFORCE_NFTABLES);
	t_is("from fail2ban.conf", s->loglevel, LOG_LEVEL_DEBUG);
	t_is("age", (int64_t)s->dbpurgeage, 172800);
	t_is("IPv6", s->allowipv6, TRI_NO);
	t_str("not its log", s->logtarget.s, "stderr");
	t_str("nor its database", s->dbfile.s, "/y");
	t_is("a jail file's section counts last", s->max_bans, 7);
	t_is("and is no jail", (int64_t)f.c->n_jails, 1);
	drop(&f);
}

static void test_nothing(void)
{
	struct config_options o = { .dir = "/none/at/all" };
	struct diag d = { 0 };
	struct config *c = config_load(&o, &d);
	char *dir = tree_make(NULL, 0);

	t_ok("no directory", !c && d.n == 1);
	diag_fini(&d);
	o.dir = dir;
	c = config_load(&o, &d);
	t_ok("no jail.conf", c && !c->n_jails && d.count[DIAG_ERROR] == 1);
	config_free(c);
	diag_fini(&d);
	tree_remove(dir);
}

static void test_lazy(void)
{
	char *dir = tree_make((const struct tree_file[]){
		{ "jail.conf", "[a]\nenabled = 1\n" R "[b]\n" R "[c]\nbantime = x\n" R } }, 1);
	struct config_options o = { .dir = dir, .jail = "b" };
	struct diag d = { 0 };
	struct config *c = config_load(&o, &d);

	t_is("all are listed", (int64_t)c->n_jails, 3);
	t_ok("enabled: loaded", c->jails[0].loaded);
	t_ok("asked for: loaded", config_find_jail(c, "b")->loaded);
	t_ok("others are not, nor complained about", !c->jails[2].loaded && !d.n);
	config_free(c);
	diag_fini(&d);
	tree_remove(dir);
}

int main(void)
{
	test_faults();
	test_levels();
	test_order();
	test_includes();
	test_bytes();
	test_nul();
	test_settings();
	test_nothing();
	test_lazy();
	return t_done();
}
