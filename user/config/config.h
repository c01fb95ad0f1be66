/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config - the whole configuration, read once, as structs that never change.
 * The language is Fail2ban's (jail.conf, filter.d, action.d); the settings of
 * the daemon itself come from fail2ban.conf and xdpban.conf.  What is wrong is
 * reported with its place, all of it in one run, and costs only the jail it is
 * in.  Nothing here knows regular expressions, log files or the kernel: a
 * regex is text, a log path may be a glob that nobody has expanded yet.
 *
 * Every pointer below is owned by the struct config and dies with it.
 * Durations are seconds; bantime < 0 means for ever.
 */
#pragma once
#include <stdio.h>

#include "base/diag.h"
#include "base/log.h"

struct formula;		/* base/formula.h */

struct texts {
	const struct text *v;
	size_t n;
};

/* A parameter in brackets, or an option of an action: name and final value. */
struct config_param {
	const char *name;
	struct text value;
};

struct config_params {
	const struct config_param *v;
	size_t n;
};
/* The value, or NULL. */
const char *config_param(const struct config_params *p, const char *name);

/* ---- filters ---------------------------------------------------------------- */

enum config_usedns { USEDNS_WARN, USEDNS_YES, USEDNS_NO, USEDNS_RAW };

struct config_filter {
	const char *name;		/* "sshd"; NULL: the jail brings its own */
	struct text prefregex;		/* .s NULL: none */
	struct texts failregex;		/* no empty lines */
	struct texts ignoreregex;
	struct texts datepattern;	/* none: the default templates */
	struct texts journalmatch;	/* one for each line, not yet split */
	int maxlines;			/* 1: no line buffer */
	enum config_usedns usedns;
};

/* ---- actions ---------------------------------------------------------------- */

struct config_ports {
	uint16_t first, last;
};

/* What a ban shuts: these ports of these protocols. */
struct config_scope {
	const struct config_ports *ports;	/* sorted, disjoint */
	size_t n_ports;				/* 0: every port */
	const uint8_t *protocols;		/* IPPROTO_*, sorted */
	size_t n_protocols;			/* 0: every protocol */
};

struct config_action {
	const char *name;		/* unique in its jail (actname) */
	const char *file;		/* name in action.d */
	struct text where;		/* its line in the jail */
	bool native;			/* a firewall: xdpban bans by itself */
	bool reversed;			/* a firewall that lets through whom it
					 * bans: not native, and not ours to do */
	struct config_scope scope;	/* if native */
	struct config_params parameters;	/* as the jail gives them */
	/*
	 * Of an action that is a command: actionban and so on, and the
	 * parameters they use, with static tags replaced and <ip> and the like
	 * still in place; "x?family=inet6" is the form of x for one family.
	 */
	struct config_params options;
};

/* ---- jails ------------------------------------------------------------------ */

enum config_backend {
	LOG_AUTO, LOG_POLLING, LOG_INOTIFY, LOG_SYSTEMD,
	LOG_AMI,		/* security events of Asterisk's manager interface */
	/* No log: */
	LOG_BANS,		/* the bans of all other jails are its failures */
	LOG_SENSOR,		/* what the SIP sensor sees */
	LOG_EVENTS,		/* what other programs report to us */
};

/* Those who read lines, which a filter must understand, come first. */
static inline bool backend_reads_log(enum config_backend b)
{
	return b < LOG_BANS;
}

/* What a failure must be like to lead to a ban (decide/jail.h). */
enum config_evidence {
	EVIDENCE_AUTO,		/* proven for SIP while the sensor runs, else any */
	EVIDENCE_ANY, EVIDENCE_PROVEN,
};

struct config_logpath {
	struct text path;		/* may be a glob */
	bool tail;			/* first start: at the end, not at the begin */
};

struct config_increment {
	bool on;
	bool overalljails;
	double factor;			/* 1 */
	const struct formula *formula;	/* never NULL in a jail that is loaded */
	struct text formula_text;
	const int *multipliers;		/* used instead of the formula */
	size_t n_multipliers;
	double maxtime;			/* 0: no cap */
	double rndtime;			/* 0: nothing added */
};

struct config_ignorecache {
	struct text key;		/* with tags; .s NULL: no cache */
	int max_count;
	double max_time;
};

struct config_jail {
	const char *name;
	struct text where;		/* .s is the name, at its section header */
	bool enabled;
	bool loaded;			/* false: only name and enabled are set */
	bool broken;			/* an error costs this jail; do not start it */

	enum config_backend backend;
	struct config_params backend_options;	/* systemd[journalpath=...] */
	bool journal_instead;		/* LOG_SYSTEMD since there was no log file */
	const struct config_logpath *logpaths;
	size_t n_logpaths;
	struct text logencoding;	/* "auto" */
	struct text logtimezone;	/* .s NULL: local time */
	bool skip_if_nologs;
	bool systemd_if_nologs;
	struct config_filter filter;

	int evidence;			/* enum config_evidence */
	bool sip;			/* its failures come by SIP, so often by UDP */
	int maxretry;
	int maxmatches;
	double findtime;
	double bantime;
	struct config_increment increment;

	bool ignoreself;
	struct texts ignoreip;		/* addresses, networks, names, file:PATH */
	struct text ignorecommand;	/* .s NULL: none */
	struct config_ignorecache ignorecache;

	const struct config_action *actions;
	size_t n_actions;
};

/* ---- settings of the daemon: one row of settings.c for each ------------------ */

enum config_xdp_mode { CONFIG_XDP_AUTO, CONFIG_XDP_NATIVE, CONFIG_XDP_GENERIC };
enum config_enforcer { ENFORCE_AUTO, ENFORCE_XDP, ENFORCE_NFTABLES, ENFORCE_IPTABLES };
enum config_when_full { WHEN_FULL_REFUSE, WHEN_FULL_REPLACE };
enum config_tristate { TRI_AUTO, TRI_YES, TRI_NO };
enum config_ami_auth { AMI_AUTH_MD5, AMI_AUTH_PLAIN };

struct config_settings {
	struct texts interfaces;
	enum config_xdp_mode mode;
	enum config_enforcer backend;
	int confine;			/* 0: off */
	int max_bans;
	enum config_when_full when_full;
	int max_tracked;
	int max_allow;
	double max_delay;		/* a line waits so long to be read; 0: for ever */
	int ipv6_prefix;		/* IPv6 is counted by networks of this length */
	int aggregate;			/* banned addresses that ban their network; 0: off */
	double aggregate_within;
	double aggregate_bantime;
	int aggregate_prefix4, aggregate_prefix6;
	struct texts trust;		/* "auto", "off", "KIND:PATH" */
	int trust_prefix4, trust_prefix6;
	enum log_level loglevel;
	struct text logtarget;		/* "stderr", "syslog" or a path */
	struct text dbfile;		/* .s NULL: in the state directory */
	double dbpurgeage;
	int dbmaxmatches;
	enum config_tristate allowipv6;

	/* The SIP sensor; what its words mean is pbx/sip_settings.h's. */
	int sip_sensor;			/* 0: off */
	struct texts sip_ports, sip_limits, sip_signatures;
	int sip_sources;		/* with a standing of their own, at a time */
	double sip_known_for;		/* after a login */
	int sip_known_calls;		/* that are answered, without a login; 0: never */
	double sip_known_apart;		/* each so long after the one before */
	double sip_limit_time, sip_limit_max;	/* of a limit for lack of proof */
	int sip_siege;			/* 0: only by hand */
	int sip_siege_above, sip_siege_below;	/* messages a second */
	double sip_siege_calm;		/* seconds below, and a siege ends */

	/* Asterisk's manager interface; .s of the host NULL: not used. */
	struct text ami_host, ami_user, ami_secret_file;
	int ami_port;			/* 0: the usual one */
	enum config_tristate ami_tls;	/* AUTO: unless it is on this machine */
	struct text ami_tls_ca, ami_tls_fingerprint;	/* .s NULL: none */
	enum config_ami_auth ami_auth;
	/* Events that programs report. */
	struct text events_group;	/* who may, beside root; .s NULL: nobody */
	struct text events_udp;		/* "ADDRESS:PORT"; .s NULL: no such socket */
	struct texts events_udp_peers;	/* beside this machine */
	int events_rate;		/* a second */
};

/* ---- loading ------------------------------------------------------------------ */

struct config_options {
	const char *dir;		/* --config */
	bool disabled_too;		/* load the disabled jails as well */
	const char *jail;		/* load this one even if disabled, or NULL */
	/*
	 * Look whether there are log files, for the daemon: a jail with
	 * backend = auto, a journalmatch and not one file becomes one that
	 * reads the journal, with the filter that is for journal lines.
	 */
	bool look_for_logs;
};

struct pool;
struct loaded_ini;

struct config {
	const char *dir;
	struct config_settings settings;
	const struct config_jail *jails;	/* in the order of the files */
	size_t n_jails;
	const struct loaded_ini *files;		/* what was read: config_has_read() */
	struct pool *pool;			/* owns all of the above */
};

/*
 * Read everything below @o->dir.  Problems go to @d: an error in a jail marks
 * it broken, an error in a disabled jail is only a warning.  NULL only when
 * there is nothing to read at all, or no memory (@d says which).
 */
struct config *config_load(const struct config_options *o, struct diag *d);
void config_free(struct config *c);		/* NULL is fine */

/* The jail, enabled or not, loaded or not; NULL if there is none. */
const struct config_jail *config_find_jail(const struct config *c, const char *name);

/* What the setting @name means, for people, into @out; false: there is none. */
struct str;
bool config_explain(const char *name, struct str *out);
/* Offer all settings to a guess. */
struct guess;
void config_guess(struct guess *near);
/* All of them, with what each is; a heading, for those after it, has @doc NULL. */
typedef void setting_fn(void *ctx, const char *name, const char *doc);
void config_each_setting(setting_fn *fn, void *ctx);

/* One of the jail's log files exists now. */
bool config_has_log(const struct config_jail *j);

/* True when @path (as it was found, not canonical) was read for @c. */
bool config_has_read(const struct config *c, const char *path);

/*
 * For `test`: @what is a filter's name (below @dir/filter.d), the path of a
 * filter file, either with parameters in brackets, the name of a jail of @dir,
 * or else a regular expression.  The result is a jail named "test" whose
 * filter, usedns, logtimezone and so on are those of @what.
 */
struct config *config_load_filter(const char *dir, const char *what, bool journal,
				  struct diag *d);

/* Write the effective configuration in a form that reads back to the same. */
int config_print(const struct config *c, FILE *f);	/* 0 or -errno */
