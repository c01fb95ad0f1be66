// SPDX-License-Identifier: GPL-2.0-or-later
/* get - what a jail that runs works with; and the daemon's own settings. */
#include <errno.h>

#include "base/jsontext.h"
#include "requests/requests_private.h"

struct lane *request_lane(struct daemon *d, const json_t *req, struct str *why)
{
	const char *jail = request_member(req, "jail");
	struct lane *lane = jail ? pipeline_find(d->pipeline, jail) : NULL;

	if (!lane)
		request_no_lane(d, jail ? jail : "", why);
	return lane;
}

/* ---- what may be changed -------------------------------------------------------- */

static json_t *get_maxretry(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_integer(jail_policy(lane_jail(l))->window.maxretry);
}

static json_t *get_maxmatches(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_integer(jail_policy(lane_jail(l))->window.maxmatches);
}

static json_t *get_findtime(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_real((double)jail_policy(lane_jail(l))->window.findtime_us / US_PER_S);
}

static json_t *get_bantime(struct daemon *d, struct lane *l)
{
	int64_t us = jail_policy(lane_jail(l))->bantime_us;

	(void)d;
	return json_real(us < 0 ? -1 : (double)us / US_PER_S);
}

struct words { json_t *list; };

/* A file's or a name's entries are told by what was configured, once. */
static void add_entry(void *ctx, const struct allow_match *m)
{
	struct words *w = ctx;
	char net[IPADDR_TEXT];
	const char *word = m->label ? m->label : ipaddr_format(&m->net, net);
	size_t i;
	json_t *it;

	json_array_foreach(w->list, i, it)
		if (m->label && streq(json_string_value(it), word))
			return;
	json_array_append_new(w->list, json_word(word));
}

static json_t *get_ignoreip(struct daemon *d, struct lane *l)
{
	struct words w = { json_array() };

	allowlist_each(lane_allow(l), loop_boot(d->loop), add_entry, &w);
	return w.list;
}

/* ---- what the configuration says ------------------------------------------------- */

static json_t *texts_json(const struct texts *texts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < texts->n; i++)
		json_array_append_new(list, json_text(texts->v[i].s, strlen(texts->v[i].s)));
	return list;
}

static json_t *get_failregex(struct daemon *d, struct lane *l)
{
	(void)d;
	return texts_json(&lane_conf(l)->filter.failregex);
}

static json_t *get_ignoreregex(struct daemon *d, struct lane *l)
{
	(void)d;
	return texts_json(&lane_conf(l)->filter.ignoreregex);
}

static json_t *get_datepattern(struct daemon *d, struct lane *l)
{
	(void)d;
	return texts_json(&lane_conf(l)->filter.datepattern);
}

static json_t *get_journalmatch(struct daemon *d, struct lane *l)
{
	(void)d;
	return lane_conf(l)->backend == LOG_SYSTEMD ?
	       texts_json(&lane_conf(l)->filter.journalmatch) : json_array();
}

static json_t *get_logpath(struct daemon *d, struct lane *l)
{
	struct source *s = sources_first(pipeline_sources(d->pipeline));
	json_t *list = json_array();

	for (; s; s = source_next(s))
		if (pipeline_reads(s, l) && !source_is_journal(s))
			json_array_append_new(list, json_word(source_name(s)));
	return list;
}

static json_t *get_actions(struct daemon *d, struct lane *l)
{
	const struct config_jail *conf = lane_conf(l);
	json_t *list = json_array();

	(void)d;
	for (size_t i = 0; i < conf->n_actions; i++)
		json_array_append_new(list, json_string(conf->actions[i].name));
	return list;
}

static json_t *get_usedns(struct daemon *d, struct lane *l)
{
	static const char *const words[] = { "warn", "yes", "no", "raw" };

	(void)d;
	return json_string(words[lane_conf(l)->filter.usedns]);
}

static json_t *get_maxlines(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_integer(lane_conf(l)->filter.maxlines);
}

static json_t *get_ignoreself(struct daemon *d, struct lane *l)
{
	(void)d;
	return json_boolean(lane_conf(l)->ignoreself);
}

static json_t *get_ignorecommand(struct daemon *d, struct lane *l)
{
	const char *command = lane_conf(l)->ignorecommand.s;

	(void)d;
	return json_string(command ? command : "");
}

static json_t *get_logencoding(struct daemon *d, struct lane *l)
{
	const char *encoding = lane_conf(l)->logencoding.s;

	(void)d;
	return json_string(encoding ? encoding : "auto");
}

/* ---- requests ------------------------------------------------------------------ */

static const struct getter {
	const char *name;
	json_t *(*get)(struct daemon *d, struct lane *l);
} getters[] = {
	{ "maxretry", get_maxretry },
	{ "findtime", get_findtime },
	{ "bantime", get_bantime },
	{ "maxmatches", get_maxmatches },
	{ "ignoreip", get_ignoreip },
	{ "ignoreself", get_ignoreself },
	{ "ignorecommand", get_ignorecommand },
	{ "usedns", get_usedns },
	{ "logpath", get_logpath },
	{ "logencoding", get_logencoding },
	{ "journalmatch", get_journalmatch },
	{ "datepattern", get_datepattern },
	{ "maxlines", get_maxlines },
	{ "failregex", get_failregex },
	{ "ignoreregex", get_ignoreregex },
	{ "actions", get_actions },
};

int request_get(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	const char *name = request_member(req, "option");
	struct lane *lane = request_lane(ctx, req, why);
	size_t found = 0;

	if (!lane)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(getters); i++) {
		if (name && !streq(name, getters[i].name))
			continue;
		ctl_reply_add(r, json_pack("{s:s, s:s, s:o}", "jail", lane_conf(lane)->name,
					   "option", getters[i].name,
					   "value", getters[i].get(ctx, lane)));
		found++;
	}
	if (found)
		return 0;
	str_printf(why, "'%s' is none of ", name);
	for (size_t i = 0; i < ARRAY_SIZE(getters); i++)
		str_printf(why, "%s%s", i ? ", " : "", getters[i].name);
	return -ENOENT;
}

int request_settings(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	static const char *const levels[] = { "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG" };
	struct daemon *d = ctx;
	const struct config_settings *s = &d->config->settings;

	(void)req, (void)why;
	ctl_reply_add(r, json_pack("{s:s, s:s, s:s*, s:f, s:i}",
		"loglevel", levels[s->loglevel], "logtarget",
		d->o->foreground || !s->logtarget.s ? "stderr" : s->logtarget.s,
		"dbfile", ban_db_path(d->db), "dbpurgeage", s->dbpurgeage,
		"dbmaxmatches", s->dbmaxmatches));
	return 0;
}
