// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole configurations: what they say, what they cost when they are wrong. */
#include "config/config.h"

#include "base/formula.h"
#include "tree.h"

#define FILES_MAX 6

struct fixture {
	char *dir;
	struct diag d;
	struct config *c;
};

static void load(struct fixture *f, const struct tree_file *files, size_t n)
{
	struct config_options o = { .disabled_too = true };

	*f = (struct fixture){ .dir = tree_make(files, n) };
	o.dir = f->dir;
	f->c = config_load(&o, &f->d);
	t_ok("there is a configuration", f->c != NULL);
}

static void load_jail(struct fixture *f, const char *text)
{
	const struct tree_file files[] = { { "jail.conf", text } };

	load(f, files, 1);
}

static void drop(struct fixture *f)
{
	config_free(f->c);
	diag_fini(&f->d);
	tree_remove(f->dir);
}

static const struct config_jail *jail(struct fixture *f, const char *name)
{
	static const struct config_jail none;
	const struct config_jail *j = config_find_jail(f->c, name);

	t_ok(name, j != NULL);
	return j ? j : &none;
}

/* ---- what is wrong, and what it costs ---------------------------------------------- */

#define R	"failregex = x <HOST>\n"	/* what a jail needs */

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

/* ---- what a jail says ------------------------------------------------------------------- */

static void test_defaults(void)
{
	struct fixture f;
	const struct config_jail *j;

	load_jail(&f, "[a]\n" R);
	j = jail(&f, "a");
	t_ok("off", !j->enabled && j->loaded && !j->broken);
	t_is("maxretry", j->maxretry, 5);
	t_is("maxmatches", j->maxmatches, 5);
	t_is("findtime", (int64_t)j->findtime, 600);
	t_is("bantime", (int64_t)j->bantime, 600);
	t_is("backend", j->backend, LOG_AUTO);
	t_ok("no increment", !j->increment.on && j->increment.formula);
	t_is("formula", (int64_t)formula_eval(j->increment.formula, 600, 2, 1), 2400);
	t_ok("self is ignored", j->ignoreself);
	t_ok("nothing else", !j->ignoreip.n && !j->ignorecommand.s && !j->ignorecache.key.s);
	t_ok("the journal if there are no files", j->systemd_if_nologs && !j->skip_if_nologs);
	t_str("encoding", j->logencoding.s, "auto");
	t_str("zone", j->logtimezone.s, NULL);
	t_is("lines", j->filter.maxlines, 1);
	t_is("names", j->filter.usedns, USEDNS_WARN);
	t_is("one action", (int64_t)j->n_actions, 1);
	t_ok("which shuts everything", j->actions[0].native && !j->actions[0].scope.n_ports &&
	     !j->actions[0].scope.n_protocols);
	drop(&f);
}

static void test_options(void)
{
	static const char text[] =
		"[a]\nenabled = ON\nbackend = systemd[journalpath=\"/x\", rotated=1]\n"
		"logpath = /var/log/a b.log\n  /var/log/*.log tail\n  /c head\n"
		"maxretry = 3\nfindtime = 1d 12h\nbantime = -1\nmaxmatches = 0\nusedns = NO\n"
		"bantime.increment = yes\nbantime.factor = 60 * 2\nbantime.multipliers = 1 2 4\n"
		"bantime.maxtime = 5w\nbantime.rndtime = 8m\nbantime.overalljails = true\n"
		"ignoreself = false\nignoreip = 127.0.0.1/8 ::1,host.example\n  file:/etc/ok\n"
		"ignorecommand = /bin/check <ip>\nlogtimezone = UTC+0200\nlogencoding = utf-8\n"
		"ignorecache = key=\"<ip>,<F-USER>\", max-count=7, max-time=2m\n"
		"skip_if_nologs = 1\nsystemd_if_nologs = 0\nmaxlines = 7\n"
		"journalmatch = _COMM=a + _COMM=b\n  _COMM=c\ndatepattern = ^%%Y\n\n  {NONE}\n" R;
	const struct config_jail *j;
	struct fixture f;

	load_jail(&f, text);
	j = jail(&f, "a");
	t_is("no problem", (int64_t)f.d.n, 0);
	t_ok("on", j->enabled);
	t_is("backend", j->backend, LOG_SYSTEMD);
	t_str("its parameter", config_param(&j->backend_options, "journalpath"), "/x");
	t_str("one it has not", config_param(&j->backend_options, "path"), NULL);
	t_is("paths", (int64_t)j->n_logpaths, 3);
	t_str("a path with a blank", j->logpaths[0].path.s, "/var/log/a b.log");
	t_ok("head unless it says tail", !j->logpaths[0].tail && j->logpaths[1].tail &&
	     !j->logpaths[2].tail);
	t_str("without the word", j->logpaths[2].path.s, "/c");
	t_is("its own line", j->logpaths[2].path.line, 6);
	t_is("findtime", (int64_t)j->findtime, 129600);
	t_ok("for ever", j->bantime < 0);
	t_is("no matches kept", j->maxmatches, 0);
	t_is("names", j->filter.usedns, USEDNS_NO);
	t_is("factor", (int64_t)j->increment.factor, 120);
	t_is("multipliers", (int64_t)j->increment.n_multipliers, 3);
	t_is("the last one", j->increment.multipliers[2], 4);
	t_is("maxtime", (int64_t)j->increment.maxtime, 5 * 604800);
	t_is("rndtime", (int64_t)j->increment.rndtime, 480);
	t_ok("switches", j->increment.on && j->increment.overalljails && !j->ignoreself &&
	     j->skip_if_nologs && !j->systemd_if_nologs);
	t_is("allowlist", (int64_t)j->ignoreip.n, 4);
	t_str("last entry", j->ignoreip.v[3].s, "file:/etc/ok");
	t_str("command", j->ignorecommand.s, "/bin/check <ip>");
	t_str("zone", j->logtimezone.s, "UTC+0200");
	t_str("cache key", j->ignorecache.key.s, "<ip>,<F-USER>");
	t_is("cache size", j->ignorecache.max_count, 7);
	t_is("cache time", (int64_t)j->ignorecache.max_time, 120);
	t_is("maxlines", j->filter.maxlines, 7);
	t_is("journal matches", (int64_t)j->filter.journalmatch.n, 2);
	t_is("date patterns", (int64_t)j->filter.datepattern.n, 2);
	t_str("percent", j->filter.datepattern.v[0].s, "^%Y");
	drop(&f);
}

/* ---- scopes ------------------------------------------------------------------------------- */

static const struct {
	const char *action, *scope;	/* "PORTS PROTOCOLS", "-": every one; NULL: not native */
} scopes[] = {
	{ "iptables-multiport[port=\"ssh,80\", protocol=tcp]", "22,80 6" },
	{ "iptables-multiport[port=\"80:90,85:95,96\", protocol=\"tcp,udp\"]", "80-96 6,17" },
	{ "iptables-multiport[port=\"0:65535\", protocol=tcp]", "- 6" },
	{ "iptables-multiport[port=\"1:65535\"]", "- -" },
	{ "iptables-multiport[port=\"5060,5061\", protocol=all]", "5060-5061 -" },
	{ "iptables[type=multiport, port=\"10, 20\"]", "10,20 -" },
	{ "iptables[type=allports, port=ssh, protocol=tcp]", "- -" },
	{ "iptables-allports[port=ssh, protocol=tcp]", "- -" },
	{ "iptables-ipset-proto6-allports[port=ssh]", "- -" },
	{ "nftables[type=multiport, port=\"http,https\", protocol=\"tcp\"]", "80,443 6" },
	{ "nftables[type=custom, port=1]", "- -" },
	{ "firewallcmd-ipset[actiontype=<allports>, port=1]", "- -" },
	{ "firewallcmd-rich-rules[port=\"ftp-data,53\"]", "20,53 -" },
	{ "xdpban[port=\"sip,5061\", protocol=\"udp,sctp,47\"]", "5060-5061 17,47,132" },
	{ "xdpban", "- -" }, { "ufw[application=x]", "- -" }, { "route", "- -" },
	{ "shorewall-ipset-proto6[port=1]", "- -" }, { "apf", "- -" }, { "csf", "- -" },
	{ "pf[port=22]", "22 -" }, { "npf", "- -" }, { "osx-ipfw[port=22]", "22 -" },
	{ "hostsdeny", "- -" }, { "symbiosis-blacklist-allports", "- -" },
	{ "mail.py", NULL }, { "cloudflare", NULL }, { "nginx-block-map", NULL },
};

static const char *spell_scope(const struct config_action *a)
{
	static char out[256];
	size_t n = 0;

	for (size_t i = 0; i < a->scope.n_ports; i++) {
		const struct config_ports *p = &a->scope.ports[i];

		n += (size_t)snprintf(out + n, sizeof(out) - n,
				      p->first == p->last ? "%s%d" : "%s%d-%d",
				      i ? "," : "", p->first, p->last);
	}
	n += (size_t)snprintf(out + n, sizeof(out) - n, a->scope.n_ports ? " " : "- ");
	for (size_t i = 0; i < a->scope.n_protocols; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%d", i ? "," : "",
				      a->scope.protocols[i]);
	snprintf(out + n, sizeof(out) - n, a->scope.n_protocols ? "" : "-");
	return out;
}

static void test_scopes(void)
{
	struct tree_file files[] = {
		{ "jail.conf", NULL }, { "action.d/cloudflare.conf", "[Definition]\n" },
		{ "action.d/nginx-block-map.conf", "[Definition]\n" },
	};
	char text[512];
	struct fixture f;

	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		const struct config_jail *j;

		snprintf(text, sizeof(text), "[a]\n" R "action = %s\n", scopes[i].action);
		files[0].text = text;
		load(&f, files, ARRAY_SIZE(files));
		j = jail(&f, "a");
		t_is(scopes[i].action, (int64_t)f.d.n, 0);
		t_is(scopes[i].action, (int64_t)j->n_actions, 1);
		t_is(scopes[i].action, j->actions[0].native, scopes[i].scope != NULL);
		if (j->actions[0].native)
			t_str(scopes[i].action, spell_scope(&j->actions[0]), scopes[i].scope);
		drop(&f);
	}
}

/* What the action's own file says counts too; the jail's parameters win. */
static void test_scope_from_file(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[a]\n" R "action = iptables-mine\n  iptables-mine[port=80, name=b]\n"
		  "  iptables-all[name=c]\n" },
		{ "action.d/iptables-mine.conf", "[Definition]\ntype = multiport\n[Init]\n"
		  "port = 22\nprotocol = tcp\n" },
		{ "action.d/iptables-all.conf", "[Definition]\ntype = allports\n" },
	};
	const struct config_jail *j;
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	j = jail(&f, "a");
	t_is("actions", (int64_t)j->n_actions, 3);
	t_str("of the file", spell_scope(&j->actions[0]), "22 6");
	t_str("name", j->actions[0].name, "iptables-mine");
	t_str("of the jail", spell_scope(&j->actions[1]), "80 6");
	t_str("its own name", j->actions[1].name, "iptables-mine-b");
	t_str("type", spell_scope(&j->actions[2]), "- -");
	drop(&f);
}

/* ---- commands of other actions ---------------------------------------------------------------- */

static void test_commands(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[a]\nbantime = 1h\n" R
		  "action = mail[dest=\"me, you\", host=h, cmd?family=inet6=\"own\"]\n"
		  "  other[cmd=both]\n" },
		{ "action.d/mail.conf", "[INCLUDES]\nbefore = common.conf\n[Definition]\n"
		  "actionban = <cmd> to <dest> for <ip> <bantime> <matches> %(bantime)s\n"
		  "            from <name>@<host><br><nobody>\n"
		  "norestored = 1\n[Init]\ndest = root\ncmd = ping\nhost = x\n"
		  "[Init?family=inet6]\ncmd = ping6\nopt = <dest>6\n" },
		{ "action.d/other.conf", "[Definition]\nactionban = <cmd> <ip>\n[Init]\ncmd = a\n"
		  "[Init?family=inet6]\ncmd = b\n" },
		{ "action.d/common.conf", "[Definition]\nactionstop = stop <actname>\n" },
	};
	const struct config_params *p;
	struct fixture f;

	load(&f, files, ARRAY_SIZE(files));
	t_is("no problem", (int64_t)f.d.n, 0);
	p = &jail(&f, "a")->actions[0].options;
	t_str("static tags are replaced, others stay", config_param(p, "actionban"),
	      "<cmd> to me, you for <ip> <bantime> <matches> 1h\nfrom a@h<br><nobody>");
	t_str("included", config_param(p, "actionstop"), "stop mail");
	t_str("flag", config_param(p, "norestored"), "1");
	t_str("for one family, from the jail", config_param(p, "cmd?family=inet6"), "own");
	t_str("for the other", config_param(p, "cmd"), "ping");
	t_str("tags in it", config_param(p, "opt?family=inet6"), "me, you6");
	t_str("not set", config_param(p, "actionstart"), NULL);
	p = &jail(&f, "a")->actions[1].options;
	t_str("a parameter covers both families", config_param(p, "actionban"), "both <ip>");
	t_str("so the other form is gone", config_param(p, "cmd?family=inet6"), NULL);
	drop(&f);
}

/* ---- filters ------------------------------------------------------------------------------------ */

static const struct tree_file filter_files[] = {
	{ "jail.conf", "[DEFAULT]\nmode = normal\nfilter = %(__name__)s[mode=%(mode)s]\n"
	  "[x]\n[j]\nfilter = x[mode=more, a=\"param <b>\"]\nbackend = systemd\nmaxlines = 4\n"
	  "ignoreregex = %(known/a)s\n[k]\nfilter = x\nfailregex = %(known/failregex)s\n  own <HOST>\n"
	  "[l]\nfilter = y\n" },
	{ "filter.d/x.conf", "[INCLUDES]\nbefore = common.conf\n[Definition]\n"
	  "prefregex = ^<lt_<logtype>/pre>(<F-CONTENT>.*</F-CONTENT>)$\n"
	  "failregex = <re-<mode>>\n            ^<a> <HOST> <Unknown> < b> <>\n"
	  "re-normal = normal\nre-more = more\n          <re-normal>\nmode = normal\na = file %%\n"
	  "[Init]\nb = init\nmaxlines = 9\n" },
	{ "filter.d/common.conf", "[DEFAULT]\npfx = app\n[lt_file]\npre = f-%(pfx)s\n"
	  "[lt_journal]\npre = j-%(pfx)s\n" },
	{ "filter.d/x.local", "[DEFAULT]\npfx = local\n" },
	{ "filter.d/y.conf", "[Definition]\nfailregex = a <HOST>\n" },
	{ "filter.d/y.d/2.conf", "[Definition]\nfailregex = <known/failregex>\n  b\n" },
};

static void test_filter(void)
{
	const struct config_filter *x;
	struct fixture f;

	load(&f, filter_files, ARRAY_SIZE(filter_files));
	t_is("no problem", (int64_t)f.d.n, 0);
	x = &jail(&f, "x")->filter;
	t_str("section by tag", x->prefregex.s, "^f-local(<F-CONTENT>.*</F-CONTENT>)$");
	t_is("regexes", (int64_t)x->failregex.n, 2);
	t_str("tag in a tag", x->failregex.v[0].s, "normal");
	t_is("the line it stands in", x->failregex.v[0].line, 7);
	t_str("others stay", x->failregex.v[1].s, "^file % <HOST> <Unknown> < b> <>");
	t_is("its line", x->failregex.v[1].line, 6);
	t_is("[Init]", x->maxlines, 9);
	x = &jail(&f, "j")->filter;
	t_str("journal", x->prefregex.s, "^j-local(<F-CONTENT>.*</F-CONTENT>)$");
	t_is("regexes", (int64_t)x->failregex.n, 3);
	t_str("second line of a tag", x->failregex.v[1].s, "normal");
	t_is("its line", x->failregex.v[1].line, 7);
	t_str("tag in a parameter", x->failregex.v[2].s, "^param init <HOST> <Unknown> < b> <>");
	t_str("known value of the filter", x->ignoreregex.v[0].s, "param init");
	t_is("the jail wins", x->maxlines, 4);
	x = &jail(&f, "k")->filter;
	t_is("extended", (int64_t)x->failregex.n, 3);
	t_str("the filter's own", x->failregex.v[0].s, "normal");
	t_ok("from its file", strstr(x->failregex.v[0].file, "filter.d/x.conf"));
	t_str("one more", x->failregex.v[2].s, "own <HOST>");
	t_is("in the jail", x->failregex.v[2].line, 13);
	x = &jail(&f, "l")->filter;
	t_str("layers by tag", x->failregex.v[0].s, "a <HOST>");
	t_str("second layer", x->failregex.v[1].s, "b");
	drop(&f);
}

static void test_named_filter(void)
{
	char *dir = tree_make(filter_files, ARRAY_SIZE(filter_files)), path[256];
	static const struct { const char *what; bool journal; const char *first; } cases[] = {
		{ "x", false, "^f-local" }, { "x[mode=more]", true, "^j-local" },
		{ "x[logtype=journal]", false, "^j-local" }, { "j", false, "^j-local" },
	};
	struct config *c;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		c = config_load_filter(dir, cases[i].what, cases[i].journal, NULL);
		t_is(cases[i].what, c && c->n_jails == 1, 1);
		t_ok(cases[i].what, c && starts_with(c->jails->filter.prefregex.s, cases[i].first));
		config_free(c);
	}
	snprintf(path, sizeof(path), "%s/filter.d/y.conf", dir);
	c = config_load_filter("/none", path, false, NULL);
	t_str("by path", c ? c->jails->filter.failregex.v[0].s : "", "a <HOST>");
	config_free(c);
	c = config_load_filter(dir, "^Failed .* from <HOST>$", false, NULL);
	t_str("literally", c ? c->jails->filter.failregex.v[0].s : "", "^Failed .* from <HOST>$");
	t_ok("sound", c && !c->jails->broken);
	config_free(c);
	tree_remove(dir);
}

/* No log file: the journal, with the filter for it, unless the jail says no. */
static void test_no_logs(void)
{
	static const struct tree_file files[] = {
		{ "jail.conf", "[DEFAULT]\nenabled = 1\nfilter = x\nlogpath = /none/*.log\n"
		  "maxretry = 7\n[a]\n[b]\nlogpath = /none\n  /dev/nul?\n[c]\nsystemd_if_nologs = no\n"
		  "[d]\nbackend = polling\n[e]\njournalmatch =\n[f]\nenabled = 0\n" },
		{ "filter.d/x.conf", "[Definition]\nfailregex = <logtype> <HOST>\n"
		  "journalmatch = _COMM=x\n" },
	};
	static const char names[] = "abcdef";
	char *dir = tree_make(files, ARRAY_SIZE(files));
	struct config_options o = { .dir = dir, .look_for_logs = true, .disabled_too = true };
	struct diag d = { 0 };
	struct config *c = config_load(&o, &d);

	for (size_t i = 0; names[i]; i++) {
		const char name[] = { names[i], 0 };
		const struct config_jail *j = config_find_jail(c, name);

		t_is(name, j->backend == LOG_SYSTEMD, i == 0);
		t_is(name, j->journal_instead, i == 0);
		t_is(name, config_has_log(j), i == 1);
		t_str(name, j->filter.failregex.v[0].s, i ? "file <HOST>" : "journal <HOST>");
		t_is("the rest stays", j->maxretry, 7);
	}
	t_str("it is told", tree_problem(&d, dir, 0), "jail.conf:4: jail \"a\": there is no log "
	      "file, it reads the journal");
	t_is("once", (int64_t)d.n, 1);
	config_free(c);
	diag_fini(&d);
	o.look_for_logs = false;
	c = config_load(&o, NULL);
	t_is("only when asked", config_find_jail(c, "a")->backend, LOG_AUTO);
	config_free(c);
	tree_remove(dir);
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
	test_defaults();
	test_options();
	test_scopes();
	test_scope_from_file();
	test_commands();
	test_filter();
	test_named_filter();
	test_no_logs();
	test_order();
	test_includes();
	test_bytes();
	test_nul();
	test_settings();
	test_nothing();
	test_lazy();
	return t_done();
}
