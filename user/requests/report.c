// SPDX-License-Identifier: GPL-2.0-or-later
#include "requests/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/jsontext.h"
#include "base/log.h"
#include "base/str.h"
#include "line/framer.h"
#include "regex/regex.h"
#include "xdp/xdp_attach.h"

/* ---- a ban -------------------------------------------------------------------- */

static json_t *scope_text(struct daemon *d, uint16_t scope)
{
	struct enforce_scope s;
	struct str text = { 0 };
	json_t *json;

	if (scope == ENFORCE_SCOPE_ALL || enforcer_scope_get(d->enforcer, scope, &s))
		return json_string("all");
	enforce_scope_format(&s, &text);
	json = json_string(text.s ? text.s : "");
	str_fini(&text);
	return json;
}

static json_t *last_seen(struct daemon *d, const struct enforce_hits *hits)
{
	if (!hits->last_seen.ns)
		return json_null();
	return json_real(wall_to_s(ban_end_wall(hits->last_seen, loop_boot(d->loop),
						loop_wall(d->loop))));
}

/* How many addresses a network has; a single one has no such member. */
static json_t *covers(const struct ipaddr *who)
{
	unsigned int bits = who->family == 4 ? 32 : 128;

	return ipaddr_is_host(who) ? NULL : json_real(ldexp(1, (int)(bits - who->prefix)));
}

json_t *report_ban(struct daemon *d, const struct ban *ban)
{
	boot_t now = loop_boot(d->loop);
	bool ever = ban->until.ns == BOOT_NEVER.ns;
	double left = ban->until.ns > now.ns ? (double)(ban->until.ns - now.ns) / NS_PER_S : 0;
	wall_t until = ban_end_wall(ban->until, now, loop_wall(d->loop));
	struct enforce_hits hits = { 0 };
	char who[IPADDR_TEXT];

	enforcer_hits(d->enforcer, &ban->who, now, &hits);
	return json_pack("{s:s, s:o, s:f, s:o, s:o, s:i, s:i, s:I, s:I, s:o, s:o, s:o*, s:o*}",
			 "address", ipaddr_format(&ban->who, who), "jail", json_word(ban->jail),
			 "since", wall_to_s(ban->since),
			 "until", ever ? json_null() : json_real(wall_to_s(until)),
			 "remaining", ever ? json_null() : json_real(left),
			 "failures", (int)ban->failures, "earlier", (int)ban->earlier,
			 "packets", (json_int_t)hits.frames, "bytes", (json_int_t)hits.bytes,
			 "last_seen", last_seen(d, &hits),
			 "scope", scope_text(d, ban->scope), "reason", json_word(ban->reason),
			 "covers", covers(&ban->who));
}

/* ---- problems ------------------------------------------------------------------- */

static void check_config(const struct daemon *d, json_t *problems)
{
	char buf[1024];

	for (size_t i = 0; i < d->problems.n; i++)
		if (d->problems.entries[i].level == DIAG_ERROR)
			json_add_text(problems, "%s", diag_format(&d->problems.entries[i],
								  buf, sizeof(buf)));
	if (!pipeline_count(d->pipeline))
		json_add_text(problems, "no jail is running: nothing is read, nobody new "
			      "is banned");
}

static void check_bans(const struct daemon *d, json_t *problems)
{
	const struct bans_stats *s = bans_stats(d->bans);
	struct ban_store_stats store = ban_store_stats(bans_store(d->bans));
	size_t asked, gone = bans_gone(d->bans, &asked);

	if (gone)
		json_add_text(problems, "%zu of %zu bans that were looked for are not in the "
			      "kernel: has somebody emptied its maps?  They are put back within "
			      "a minute, or at once by: xdpban reload", gone, asked);
	if (s->last_error)
		json_add_text(problems, "the kernel did not take the last change: %s",
			      strerror(-s->last_error));
	if (s->repaired)
		json_add_text(problems, "%llu bans had gone from the kernel and were put back: "
			      "does another program change our maps?",
			      (unsigned long long)s->repaired);
	if (s->foreign)
		json_add_text(problems, "%llu entries in the maps were not ours and were taken "
			      "out", (unsigned long long)s->foreign);
	if (store.refused)
		json_add_text(problems, "%llu bans were refused because max-bans is reached",
			      (unsigned long long)store.refused);
	if (store.replaced)
		json_add_text(problems, "%llu bans ended early for newer ones because max-bans "
			      "is reached", (unsigned long long)store.replaced);
}

static void check_sources(const struct daemon *d, json_t *problems)
{
	struct sources_stats s;

	sources_stats(pipeline_sources(d->pipeline), &s);
	if (s.refused)
		json_add_text(problems, "%llu files that match a logpath are not read, as no "
			      "more than %u can be", (unsigned long long)s.refused,
			      SOURCE_FILES_MAX);
}

static void check_db(const struct daemon *d, json_t *problems)
{
	struct ban_db_state s = ban_db_state(d->db);

	if (s.health == BAN_DB_FAILING || s.health == BAN_DB_NOT_OURS)
		json_add_text(problems, "database: %s; bans are kept in memory only", s.text);
	if (s.corrupt)
		json_add_text(problems, "database: it was corrupt and was moved aside");
}

static void check_log(const struct daemon *d, json_t *problems)
{
	if (log_error())
		json_add_text(problems, "%s: what is logged is not written: %s",
			      d->config->settings.logtarget.s, strerror(-log_error()));
}

/* Warnings are for `trust check`; what leaves a trunk uncovered now is wrong. */
static json_t *report_trust(const struct daemon *d, json_t *problems)
{
	struct trust_counts c = trust_count(d->trust);
	struct diag found = { 0 };
	char buf[1024];
	json_t *json;

	trust_check(d->trust, loop_wall(d->loop), &found);
	for (size_t i = 0; i < found.n; i++)
		if (found.entries[i].level == DIAG_ERROR)
			json_add_text(problems, "trust: %s", diag_format(&found.entries[i], buf,
									 sizeof(buf)));
	json = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "sources", (json_int_t)c.sources,
			 "entries", (json_int_t)c.entries, "addresses", (json_int_t)c.nets,
			 "names", (json_int_t)c.names, "unresolved", (json_int_t)c.unresolved,
			 "warnings", (json_int_t)found.count[DIAG_WARNING]);
	diag_fini(&found);
	return json;
}

/* ---- what the daemon may not do ---------------------------------------------------- */

static json_t *report_confined(const struct daemon *d, json_t *problems)
{
	const struct confined *c = &d->confined;

	if (!runner_alive(d->runner))
		json_add_text(problems, "the process that runs ignorecommands and opens our "
			      "log has ended: restart xdpban");
	return json_pack("{s:i, s:b, s:s*}", "landlock", c->landlock, "seccomp",
			 (int)c->seccomp, "why", c->why);
}

/* ---- interfaces ------------------------------------------------------------------- */

static bool is_listed(const json_t *list, const char *ifname)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
		if (streq(json_string_value(json_object_get(entry, "name")), ifname))
			return true;
	return false;
}

/* Those that we should be attached to, and never were. */
static void report_missing(const struct attacher *a, json_t *list, json_t *problems)
{
	const struct attacher_state *s;

	for (size_t i = 0; (s = attacher_get(a, i)); i++) {
		if (!*s->trouble || is_listed(list, s->ifname))
			continue;
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name",
			s->ifname, "mode", "no", "ok", 0, "problem",
			json_word(s->trouble)));
		json_add_text(problems, "%s: %s", s->ifname, s->trouble);
	}
	if (!attacher_alive(a))
		json_add_text(problems, "the process that attaches to interfaces has ended: "
			      "restart xdpban");
}

static json_t *report_interfaces(struct daemon *d, json_t *problems)
{
	json_t *list = json_array();
	struct xdp_link *links = NULL;
	size_t n = 0;

	bool xdp = streq(enforcer_name(d->enforcer), "xdp");

	if (xdp_links(d->o->pin, &links, &n))
		json_add_text(problems, "cannot tell which interfaces are protected");
	else if (n && !xdp)
		json_add_text(problems, "the packet program is still attached, and not used: "
			      "xdpban detach IF");
	else if (!n && xdp)
		json_add_text(problems, "no interface is protected: xdpban attach IF");
	for (size_t i = 0; i < n; i++) {
		const struct xdp_link *l = &links[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o*}",
			"name", l->ifname, "mode", l->ok ? xdp_mode_name(l->mode) : "no",
			"ok", (int)l->ok, "problem", l->ok ? NULL : json_word(l->trouble)));
		if (!l->ok)
			json_add_text(problems, "%s: %s", l->ifname, l->trouble);
	}
	free(links);
	if (d->attacher)
		report_missing(d->attacher, list, problems);
	return list;
}

/* ---- bans in numbers ----------------------------------------------------------------- */

struct tally { size_t v4, v6, networks; };

static struct tally count_bans(const struct ban_store *store)
{
	struct tally t = { 0 };
	struct ban_cursor c = { 0 };
	struct ipaddr who;

	while (ban_store_next_address(store, &c, &who)) {
		if (!ipaddr_is_host(&who))
			t.networks++;
		else if (who.family == 4)
			t.v4++;
		else
			t.v6++;
	}
	return t;
}

static json_t *report_networks(const struct daemon *d)
{
	struct neighbours_stats s = neighbours_stats(d->neighbours);

	return json_pack("{s:I, s:I, s:I, s:I}", "watched", (json_int_t)s.nets,
			 "banned", (json_int_t)s.banned, "spared", (json_int_t)s.spared,
			 "forgotten_early", (json_int_t)s.evicted);
}

static json_t *report_bans(struct daemon *d)
{
	struct ban_store *store = bans_store(d->bans);
	struct tally t = count_bans(store);
	struct enforce_stats s = { 0 };
	json_t *reasons = json_object();
	uint64_t frames = 0, bytes = 0;

	enforcer_stats(d->enforcer, &s);
	for (size_t i = 0; i < s.n_totals; i++) {
		const struct enforce_total *total = &s.totals[i];

		/* What the SIP sensor drops has other reasons than a ban. */
		if (total->dropped && !starts_with(total->reason, "drop-sip")) {
			frames += total->frames;
			bytes += total->bytes;
		}
		json_object_set_new(reasons, total->reason,
				    json_integer((json_int_t)total->frames));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "now", (json_int_t)ban_store_stats(store).bans,
			 "max", (json_int_t)d->config->settings.max_bans,
			 "v4", (json_int_t)t.v4, "v6", (json_int_t)t.v6,
			 "networks", (json_int_t)t.networks,
			 "dropped_packets", (json_int_t)frames,
			 "dropped_bytes", (json_int_t)bytes, "packets", reasons);
}

/* ---- jails and what they read ------------------------------------------------------------ */

static const char *state_name(enum source_state state)
{
	static const char *const names[] = {
		[SOURCE_WAITING] = "waiting for it to appear",
		[SOURCE_CATCHING_UP] = "catching up",
		[SOURCE_LIVE] = "live",
		[SOURCE_FAILING] = "failing",
	};

	return names[state];
}

static json_t *report_source(const struct source *s, json_t *problems)
{
	const struct framer_stats *framer = pipeline_framer_stats(s);
	struct source_stats st;

	source_stats(s, &st);
	if (st.state == SOURCE_FAILING)
		json_add_text(problems, "%s: cannot %s: %s", source_name(s),
			      st.error_what ? st.error_what : "read", source_error_text(s));
	if (st.gaps)
		json_add_text(problems, source_is_journal(s) ? "%s: %llu entries are damaged" :
			      "%s: %llu rotated files could not be read to their end",
			      source_name(s), (unsigned long long)st.gaps);
	if (st.skipped)
		json_add_text(problems, "%s grew faster than it can be read: %llu bytes were "
			      "left out (max-delay)", source_name(s),
			      (unsigned long long)st.skipped);
	return json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:b, s:s*}",
			 "path", json_word(source_name(s)), "state", state_name(st.state),
			 "lines", (json_int_t)(framer ? framer->lines : st.entries),
			 "too_long", (json_int_t)(framer ? framer->too_long : st.too_long),
			 "bytes", (json_int_t)st.bytes, "lag", (json_int_t)st.lag,
			 "delay", (double)st.delay_ns / NS_PER_S,
			 "skipped", (json_int_t)st.skipped,
			 "rotations", (json_int_t)(st.rotations + st.truncations),
			 "polled", (int)st.polled,
			 "error", st.error ? source_error_text(s) : NULL);
}

static bool exists(const struct source *s)
{
	struct source_stats st;

	source_stats(s, &st);
	return st.state != SOURCE_WAITING;
}

/* A glob that matches nothing is in no list of sources. */
static void report_no_log(const struct config_jail *jail, json_t *problems)
{
	if (!jail->n_logpaths)
		json_add_text(problems, "jail %s has no log to read", jail->name);
	else
		json_add_text(problems, "jail %s has no log to read: there is no %s%s",
			      jail->name, jail->logpaths[0].path.s,
			      jail->n_logpaths > 1 ? " or the like" : "");
}

static json_t *report_sources(struct daemon *d, const struct lane *lane, json_t *problems)
{
	struct source *s = sources_first(pipeline_sources(d->pipeline));
	const struct config_jail *jail = lane_conf(lane);
	json_t *list = json_array();
	bool any = false;

	for (; s; s = source_next(s)) {
		if (!pipeline_reads(s, lane))
			continue;
		any |= exists(s);
		json_array_append_new(list, report_source(s, problems));
	}
	if (jail->backend == LOG_AMI) {
		json_decref(list);
		return events_report_ami(d->events);
	}
	if (!any && backend_reads_log(jail->backend) && !jail->skip_if_nologs)
		report_no_log(jail, problems);
	return list;
}

static json_t *report_jail(struct daemon *d, struct lane *lane, json_t *problems)
{
	const struct config_jail *conf = lane_conf(lane);
	const struct jail_policy *policy = jail_policy(lane_jail(lane));
	const struct lane_stats *s = lane_stats(lane);
	struct window_stats w = window_stats(jail_window(lane_jail(lane)));
	uint64_t total;
	size_t banned = ban_store_count(bans_store(d->bans), conf->name, &total);

	return json_pack("{s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, "
			 "s:f, s:f, s:o}",
			 "name", conf->name, "evidence", policy->wants_proof ? "proven" : "any",
			 "proves_nothing", policy->wants_proof && s->doubtful,
			 "lines", (json_int_t)s->lines,
			 "found", (json_int_t)s->found, "proven", (json_int_t)s->proven,
			 "allowed", (json_int_t)s->allowed, "limits", (json_int_t)s->limits,
			 "watched", (json_int_t)w.ids, "forgotten_early", (json_int_t)w.evicted,
			 "banned", (json_int_t)banned,
			 "bans", (json_int_t)s->verdicts, "bans_total", (json_int_t)total,
			 "maxretry", (int)policy->window.maxretry,
			 "findtime", (double)policy->window.findtime_us / US_PER_S,
			 "bantime", policy->bantime_us < 0 ? -1. :
			 (double)policy->bantime_us / US_PER_S,
			 "sources", report_sources(d, lane, problems));
}

static json_t *report_jails(struct daemon *d, const char *jail, json_t *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < pipeline_count(d->pipeline); i++) {
		struct lane *lane = pipeline_lane(d->pipeline, i);

		if (!jail || streq(jail, lane_conf(lane)->name))
			json_array_append_new(list, report_jail(d, lane, problems));
	}
	return list;
}

json_t *report_status(struct daemon *d, const char *jail)
{
	json_t *problems = json_array();
	json_t *jails = report_jails(d, jail, problems);
	json_t *events = events_report(d->events, problems);
	json_t *interfaces = report_interfaces(d, problems);
	uint64_t up = loop_boot(d->loop).ns - d->started.ns;

	json_t *sip = sip_report(d->sip, problems);
	json_t *caps = report_caps(d, problems);

	check_config(d, problems);
	check_sources(d, problems);
	check_bans(d, problems);
	check_db(d, problems);
	check_log(d, problems);
	return json_pack("{s:s, s:f, s:s, s:s*, s:o, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o, s:I, s:I, s:o}",
			 "version", XDPBAN_VERSION, "uptime", (double)up / NS_PER_S,
			 "backend", enforcer_name(d->enforcer),
			 "backend_reason", *d->backend.why ? d->backend.why : NULL,
			 "confined", report_confined(d, problems), "interfaces", interfaces,
			 "bans", report_bans(d), "aggregate", report_networks(d),
			 "trust", report_trust(d, problems), "jails", jails, "events", events,
			 "sip", sip, "refused_by_caps", caps,
			 "refused_allowed", (json_int_t)bans_stats(d->bans)->refused_allowed,
			 "regex_limited", (json_int_t)regex_env_limited(d->env),
			 "problems", problems);
}
