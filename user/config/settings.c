// SPDX-License-Identifier: GPL-2.0-or-later
#include "settings.h"

#include <errno.h>

#include "base/guess.h"
#include "ini/interp.h"

static const char *const mode_words[] = { "auto", "native", "generic", NULL };
static const char *const enforcer_words[] = {
	"auto", "xdp", "nftables", "iptables", "iptables-only", NULL,
};
static const char *const when_full_words[] = { "refuse", "replace", NULL };
static const char *const tristate_words[] = { "auto", "yes", "no", NULL };
static const char *const ami_auth_words[] = { "md5", "plain", NULL };

static const char *const switch_words[] = { "off", "on", NULL };
static const char *const siege_words[] = { "off", "auto", NULL };

/* What scanners call themselves if nobody told them not to. */
#define SIGNATURES \
	"drop agent friendly-scanner\ndrop agent sipvicious\ndrop agent sundayddr\n" \
	"drop agent sipcli\ndrop agent sip-scan\ndrop agent pplsip\n" \
	"drop agent VaxSIPUserAgent\ndrop agent sivus\ndrop agent iWar\n" \
	"drop agent Gulp\nslow agent sipsak\nslow agent smap"

static int set_loglevel(struct loader *l, void *base, const struct value *v)
{
	int level = log_level_parse(v->s);
	char buf[QUOTE_SIZE];

	if (level < 0) {
		loader_error(l, value_place(v, 0), "\"loglevel = %s\": not a level (ERROR, "
			     "WARNING, NOTICE, INFO, DEBUG)", quote(v->s, buf));
		return -EINVAL;
	}
	((struct config_settings *)base)->loglevel = (enum log_level)level;
	return 0;
}

#define AT(field) offsetof(struct config_settings, field)

const struct option_row settings_rows[] = {
	{ .name = "interfaces", .type = OPTION_WORDS, .offset = AT(interfaces),
	  .fallback = "", .doc = "network interfaces to attach to when the daemon starts" },
	{ .name = "mode", .type = OPTION_WORD, .offset = AT(mode), .words = mode_words,
	  .fallback = "auto", .doc = "how: native (in the driver), generic, or what works" },
	{ .name = "backend", .type = OPTION_WORD, .offset = AT(backend),
	  .words = enforcer_words, .fallback = "auto",
	  .doc = "what drops packets: xdp, nftables, iptables, or the first that works" },
	{ .name = "confine", .type = OPTION_WORD, .offset = AT(confine),
	  .words = switch_words, .fallback = "on",
	  .doc = "whether the daemon, once it runs, takes from itself what it never needs" },
	{ .name = "max-bans", .type = OPTION_INT, .offset = AT(max_bans), .min = 1,
	  .max = 1 << 24, .fallback = "262144", .doc = "bans in force at one time" },
	{ .name = "when-full", .type = OPTION_WORD, .offset = AT(when_full),
	  .words = when_full_words, .fallback = "refuse",
	  .doc = "what a ban beyond max-bans does: it is refused, or replaces the one "
		 "that ends soonest" },
	{ .name = "max-tracked", .type = OPTION_INT, .offset = AT(max_tracked), .min = 1,
	  .max = 1 << 24, .fallback = "262144",
	  .doc = "addresses with failures that the jails remember, all together" },
	{ .name = "max-allow", .type = OPTION_INT, .offset = AT(max_allow), .min = 1,
	  .max = 1 << 22, .fallback = "65536", .doc = "entries of everybody's allowlist" },
	{ .name = "max-delay", .type = OPTION_TIME, .offset = AT(max_delay), .min = 0,
	  .max = 1e6, .fallback = "5m",
	  .doc = "of a log that grows faster than it is read, what has waited this long "
		 "is left out; 0: nothing" },
	{ .name = "ipv6-prefix", .type = OPTION_INT, .offset = AT(ipv6_prefix), .min = 32,
	  .max = 128, .fallback = "128",
	  .doc = "count and ban IPv6 by networks of this length; 128: single addresses" },
	{ .name = "aggregate", .type = OPTION_INT, .offset = AT(aggregate), .min = 0,
	  .max = 256, .fallback = "0",
	  .doc = "so many banned addresses of one network ban the network; 0: never" },
	{ .name = "aggregate-within", .type = OPTION_TIME, .offset = AT(aggregate_within),
	  .min = 1, .max = 1e9, .fallback = "1h", .doc = "banned within this time" },
	{ .name = "aggregate-bantime", .type = OPTION_TIME, .offset = AT(aggregate_bantime),
	  .min = -1, .max = 1e11, .fallback = "1d",
	  .doc = "how long a network is banned; -1: for ever" },
	{ .name = "aggregate-prefix4", .type = OPTION_INT, .offset = AT(aggregate_prefix4),
	  .min = 16, .max = 31, .fallback = "24", .doc = "length of such an IPv4 network" },
	{ .name = "aggregate-prefix6", .type = OPTION_INT, .offset = AT(aggregate_prefix6),
	  .min = 32, .max = 127, .fallback = "64", .doc = "length of such an IPv6 network" },
	{ .name = "trust", .type = OPTION_WORDS, .offset = AT(trust), .fallback = "auto",
	  .doc = "where a PBX names its trunks, who are never banned: KIND:PATH, auto "
		 "for the usual places, or off" },
	{ .name = "trust-prefix4", .type = OPTION_INT, .offset = AT(trust_prefix4),
	  .min = 8, .max = 32, .fallback = "16",
	  .doc = "an IPv4 network wider than this is never trusted" },
	{ .name = "trust-prefix6", .type = OPTION_INT, .offset = AT(trust_prefix6),
	  .min = 19, .max = 128, .fallback = "32",
	  .doc = "an IPv6 network wider than this is never trusted" },
	{ .name = "loglevel", .type = OPTION_OTHER, .set = set_loglevel,
	  .fallback = "INFO", .doc = "what is logged" },
	{ .name = "logtarget", .type = OPTION_TEXT, .offset = AT(logtarget),
	  .fallback = "stderr", .doc = "where to: stderr, stdout, syslog or a file" },
	{ .name = "dbfile", .type = OPTION_TEXT, .offset = AT(dbfile), .fallback = "",
	  .doc = "the database; nothing set: xdpban.sqlite3 in the state directory" },
	{ .name = "dbpurgeage", .type = OPTION_TIME, .offset = AT(dbpurgeage), .min = 0,
	  .max = 1e11, .fallback = "1d", .doc = "how long ended bans are remembered" },
	{ .name = "dbmaxmatches", .type = OPTION_INT, .offset = AT(dbmaxmatches), .min = 0,
	  .max = 1e6, .fallback = "10", .doc = "matched lines kept with a ban" },
	{ .name = "allowipv6", .type = OPTION_WORD, .offset = AT(allowipv6),
	  .words = tristate_words, .fallback = "auto", .doc = "no: jails ban no IPv6 address" },

	{ .name = "sip-sensor", .type = OPTION_WORD, .offset = AT(sip_sensor),
	  .words = switch_words, .fallback = "off",
	  .doc = "whether the packet program looks at SIP" },
	{ .name = "sip-ports", .type = OPTION_WORDS, .offset = AT(sip_ports),
	  .fallback = "5060 5061", .doc = "where: ports, or ranges as 5060-5070" },
	{ .name = "sip-limits", .type = OPTION_WORDS, .offset = AT(sip_limits),
	  .fallback = "", .doc = "limits that are not the default: NAME=RATE/BURST" },
	{ .name = "sip-signatures", .type = OPTION_LINES, .offset = AT(sip_signatures),
	  .fallback = SIGNATURES,
	  .doc = "one a line: drop, slow or count, agent or line, and a text" },
	{ .name = "sip-sources", .type = OPTION_INT, .offset = AT(sip_sources), .min = 64,
	  .max = 1 << 22, .fallback = "131072",
	  .doc = "addresses that are trusted, known or limited at one time" },
	{ .name = "sip-known-for", .type = OPTION_TIME, .offset = AT(sip_known_for),
	  .min = 60, .max = 1e9, .fallback = "7d",
	  .doc = "how long an address is known after a login" },
	{ .name = "sip-known-calls", .type = OPTION_INT, .offset = AT(sip_known_calls),
	  .min = 0, .max = 8, .fallback = "4",
	  .doc = "so many answered calls make an address known, too; 0: none do" },
	{ .name = "sip-known-apart", .type = OPTION_TIME, .offset = AT(sip_known_apart),
	  .min = 0, .max = 1e6, .fallback = "15m",
	  .doc = "each of them so long after the one before" },
	{ .name = "sip-limit-time", .type = OPTION_TIME, .offset = AT(sip_limit_time),
	  .min = 1, .max = 1e6, .fallback = "1m",
	  .doc = "how long a sender that nothing proves is limited; doubles each time" },
	{ .name = "sip-limit-max", .type = OPTION_TIME, .offset = AT(sip_limit_max),
	  .min = 1, .max = 1e6, .fallback = "10m", .doc = "no limit is longer" },
	{ .name = "sip-siege", .type = OPTION_WORD, .offset = AT(sip_siege),
	  .words = siege_words, .fallback = "auto",
	  .doc = "whether a siege may begin by itself" },
	{ .name = "sip-siege-above", .type = OPTION_INT, .offset = AT(sip_siege_above),
	  .min = 1, .max = 1e9, .fallback = "5000",
	  .doc = "it begins when so many messages a second are too many for all strangers" },
	{ .name = "sip-siege-below", .type = OPTION_INT, .offset = AT(sip_siege_below),
	  .min = 0, .max = 1e9, .fallback = "1000",
	  .doc = "it ends when fewer than these have come for a while" },
	{ .name = "sip-siege-calm", .type = OPTION_TIME, .offset = AT(sip_siege_calm),
	  .min = 1, .max = 1e6, .fallback = "1m", .doc = "that while" },

	{ .name = "ami-host", .type = OPTION_TEXT, .offset = AT(ami_host), .fallback = "",
	  .doc = "Asterisk's manager interface, for jails with backend = ami" },
	{ .name = "ami-port", .type = OPTION_INT, .offset = AT(ami_port), .min = 0,
	  .max = 65535, .fallback = "0", .doc = "its port; 0: 5038, with TLS 5039" },
	{ .name = "ami-user", .type = OPTION_TEXT, .offset = AT(ami_user), .fallback = "",
	  .doc = "whom we log in as; needs read = security in manager.conf" },
	{ .name = "ami-secret-file", .type = OPTION_TEXT, .offset = AT(ami_secret_file),
	  .fallback = "", .doc = "a file with the password, which only root can read" },
	{ .name = "ami-auth", .type = OPTION_WORD, .offset = AT(ami_auth),
	  .words = ami_auth_words, .fallback = "md5",
	  .doc = "answer a challenge with a hash, or send the password itself" },
	{ .name = "ami-tls", .type = OPTION_WORD, .offset = AT(ami_tls),
	  .words = tristate_words, .fallback = "auto",
	  .doc = "whether to use TLS; auto: unless Asterisk is on this machine" },
	{ .name = "ami-tls-ca", .type = OPTION_TEXT, .offset = AT(ami_tls_ca), .fallback = "",
	  .doc = "who must have signed its certificate; nothing set: whom the system trusts" },
	{ .name = "ami-tls-fingerprint", .type = OPTION_TEXT, .offset = AT(ami_tls_fingerprint),
	  .fallback = "", .doc = "SHA-256 of its certificate; then only this counts" },
	{ .name = "events-group", .type = OPTION_TEXT, .offset = AT(events_group),
	  .fallback = "", .doc = "the group that may report events, beside root" },
	{ .name = "events-udp", .type = OPTION_TEXT, .offset = AT(events_udp), .fallback = "",
	  .doc = "ADDRESS:PORT where events are taken by UDP, too" },
	{ .name = "events-udp-peers", .type = OPTION_WORDS, .offset = AT(events_udp_peers),
	  .fallback = "", .doc = "who may send them, beside this machine" },
	{ .name = "events-rate", .type = OPTION_INT, .offset = AT(events_rate), .min = 1,
	  .max = 1e6, .fallback = "10000", .doc = "events taken in a second; others are lost" },
};
const size_t n_settings_rows = ARRAY_SIZE(settings_rows);

/*
 * Of fail2ban.conf.  Its log file, socket, pid file and database stay
 * Fail2ban's: the two may run side by side while somebody changes over.
 */
static const char *const shared[] = {
	"loglevel", "dbpurgeage", "dbmaxmatches", "allowipv6", NULL,
};
static const char *const fail2ban_own[] = {
	"logtarget", "syslogsocket", "socket", "pidfile", "dbfile", "stacksize", NULL,
};

static bool in_list(const char *const *list, const char *name)
{
	while (*list && !streq(*list, name))
		list++;
	return *list;
}

static bool has(const struct ini *ini, const char *section, const char *name)
{
	const struct ini_section *s = ini_section(ini, section);

	return s && ini_option(ini, s, name);
}

/*
 * Set every row that @section has; faults are reported, reading goes on.  With
 * @only those rows alone, and [DEFAULT] counts; without, it does not: a jail
 * file's [DEFAULT] is about jails.
 */
static int read_section(struct loader *l, const struct ini *ini, const char *section,
			const char *const *only, struct config_settings *out)
{
	struct value v;
	int got;

	for (size_t i = 0; i < n_settings_rows; i++) {
		const char *name = settings_rows[i].name;

		if (only ? !in_list(only, name) : !has(ini, section, name))
			continue;
		got = ini_get(l, ini, section, name, NULL, &v);
		if (got > 0)
			got = option_set(l, &settings_rows[i], out, &v);
		if (got == -ENOMEM)
			return got;
	}
	return 0;
}

static void report_unknown(struct loader *l, const struct ini_option *o, bool ours)
{
	struct guess g = guess_init(o->name);

	for (size_t i = 0; i < n_settings_rows; i++)
		if (ours || in_list(shared, settings_rows[i].name))
			guess_try(&g, settings_rows[i].name);
	if (ours)
		loader_error(l, o->top->value.at[0], g.best ? "\"%s\" is not an option of "
			     "xdpban (did you mean \"%s\"?)" :
			     "\"%s\" is not an option of xdpban", o->name, g.best);
	else if (g.best)
		loader_warn(l, o->top->value.at[0], "\"%s\" is not an option of Fail2ban "
			    "(did you mean \"%s\"?)", o->name, g.best);
}

static void check_names(struct loader *l, const struct ini_section *s, bool ours)
{
	for (const struct ini_option *o = s ? s->first : NULL; o; o = o->next) {
		bool known = !ours && in_list(fail2ban_own, o->name);

		for (size_t i = 0; i < n_settings_rows && !known; i++)
			known = streq(settings_rows[i].name, o->name);
		if (!known)
			report_unknown(l, o, ours);
	}
}

static void check_sections(struct loader *l, const struct ini *ini)
{
	for (const struct ini_section *s = ini->first; s; s = s->next)
		if (!streq(s->name, SETTINGS_SECTION) && !streq(s->name, "INCLUDES"))
			loader_error(l, s->where, "\"[%s]\" is not a section of xdpban.conf "
				     "(did you mean \"[" SETTINGS_SECTION "]\"?)", s->name);
}

static int read_own(struct loader *l, const struct ini *ini, struct config_settings *out)
{
	check_names(l, ini_section(ini, SETTINGS_SECTION), true);
	return read_section(l, ini, SETTINGS_SECTION, NULL, out);
}

int settings_load(struct loader *l, const struct ini *jails, struct config_settings *out)
{
	const struct ini *ini;
	int err = 0, got;

	for (size_t i = 0; i < n_settings_rows && !err; i++)
		err = option_default(l, &settings_rows[i], out);
	if (err)
		return err;
	got = ini_load(l, "fail2ban", &ini);
	if (got > 0) {
		check_names(l, ini_section(ini, "Definition"), false);
		check_names(l, &ini->defaults, false);
		got = read_section(l, ini, "Definition", shared, out);
	}
	if (got < 0)
		return got;
	got = ini_load(l, "xdpban", &ini);
	if (got > 0) {
		check_sections(l, ini);
		got = read_own(l, ini, out);
	}
	if (got >= 0 && jails && ini_section(jails, SETTINGS_SECTION))
		got = read_own(l, jails, out);
	return got < 0 ? got : 0;
}
