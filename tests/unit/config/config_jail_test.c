// SPDX-License-Identifier: GPL-2.0-or-later
/* What a configuration says of its jails, their actions and filters. */
#include "base/formula.h"
#include "fixture.h"

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

int main(void)
{
	test_defaults();
	test_options();
	test_scopes();
	test_scope_from_file();
	test_commands();
	test_filter();
	test_named_filter();
	test_no_logs();
	return t_done();
}
