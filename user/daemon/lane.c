// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/lane.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/regex.h"
#include "base/sieve.h"

enum {
	LAST_MAX = 512,			/* bytes kept of the last dated line */
	LINES_MAX = 16,			/* lines of one hit that are kept */
	TEXT_BUDGET = 4 << 20,		/* bytes of kept lines for each jail */
};

struct lane {
	const struct config_jail *conf;	/* borrows */
	struct stamp *stamp;
	struct filter *filter;
	struct jail *jail;
	struct allowlist *allow, *everyone;	/* owns, borrows */
	struct ignorecache *ignorecache;	/* NULL: none */
	struct lane_ops ops;
	bool as_logged;
	int scope;
	struct lane_stats stats;

	/* The line at hand. */
	const char *line;
	const struct stamp_date *date;	/* NULL: none */
	const wall_t *given;		/* its time, if it came with it; or NULL */
	const struct now *now;
	/*
	 * The last dated line, as far as its date needs: a line without one may
	 * count with that time.  Kept as text, since computing every date would
	 * cost more than all the rest.
	 */
	struct {
		const char *line;	/* borrows from the run at hand, or @text */
		size_t len;
		struct stamp_date date;
		bool set;
		char text[LAST_MAX];
	} last;
};

static int64_t us_of(double seconds)
{
	if (seconds < 0)
		return BANTIME_FOREVER;
	return seconds > 3e11 ? (int64_t)3e17 : (int64_t)llround(seconds * 1e6);
}

/* ---- building ------------------------------------------------------------ */

static int build_stamp(struct lane *l, struct regex_env *env, wall_t now,
		       struct diag *d)
{
	const struct config_filter *f = &l->conf->filter;
	struct stamp_spec spec = {
		.patterns = f->datepattern.v, .n = f->datepattern.n,
		.timezone = l->conf->logtimezone,
	};

	return stamp_new(&l->stamp, &spec, env, now, d);
}

static int build_filter(struct lane *l, struct regex_env *env, struct diag *d)
{
	const struct config_filter *f = &l->conf->filter;
	struct filter_spec spec = {
		.name = l->conf->name, .prefregex = f->prefregex,
		.failregex = f->failregex.v, .n_failregex = f->failregex.n,
		.ignoreregex = f->ignoreregex.v, .n_ignoreregex = f->ignoreregex.n,
		.maxlines = f->maxlines > 1 ? (unsigned int)f->maxlines : 1,
		.names = f->usedns == USEDNS_NO ? FILTER_NAMES_NONE :
			 f->usedns == USEDNS_RAW ? FILTER_NAMES_RAW :
			 FILTER_NAMES_RESOLVE,
	};

	return filter_new(&l->filter, &spec, env, d);
}

static struct escalation escalation_of(const struct config_increment *c)
{
	return (struct escalation){
		.increment = c->on, .overalljails = c->overalljails,
		.factor = c->factor, .formula = c->formula,
		.multipliers = c->multipliers, .n_multipliers = c->n_multipliers,
		.maxtime_us = c->maxtime > 0 ? us_of(c->maxtime) : 0,
		.rndtime_us = c->rndtime > 0 ? us_of(c->rndtime) : 0,
	};
}

/*
 * SIP comes by UDP, where everybody can write any sender.  As long as nothing can
 * be done about a sender without proof but to ban him, all count alike.
 */
static bool wants_proof(const struct config_jail *c, bool graded)
{
	if (c->evidence != EVIDENCE_AUTO)
		return c->evidence == EVIDENCE_PROVEN;
	return graded && c->sip;
}

static int build_jail(struct lane *l, const struct lane_params *p)
{
	const struct config_jail *c = l->conf;
	struct jail_policy policy = {
		.name = c->name,
		.window = {
			.maxretry = c->maxretry > 0 ? (uint32_t)c->maxretry : 1,
			.findtime_us = us_of(c->findtime),
			.maxmatches = p->no_lines || c->maxmatches < 0 ? 0 :
				      (uint32_t)c->maxmatches,
			.max_ids = p->max_ids, .pool = p->pool, .max_text = TEXT_BUDGET,
		},
		.count_prefix6 = p->ipv6_prefix,
		.wants_proof = wants_proof(c, p->graded),
		.bantime_us = us_of(c->bantime),
		.escalation = escalation_of(&c->increment),
		.past = p->past, .random = p->random, .ctx = p->ops.ctx,
	};

	return jail_new(&l->jail, &policy);
}

static int build_allow(struct lane *l, struct diag *d)
{
	const struct texts *words = &l->conf->ignoreip;
	int err;

	l->allow = allowlist_new(l->conf->name);
	if (!l->allow)
		return -ENOMEM;
	for (size_t i = 0; i < words->n; i++) {
		err = allowlist_add(l->allow, words->v[i].s, strlen(words->v[i].s));
		if (err == -ENOMEM)
			return err;
		if (err)
			diag_error(d, &words->v[i], "ignoreip '%s': %s",
				   words->v[i].s, strerror(-err));
	}
	return 0;
}

static int build_ignorecache(struct lane *l)
{
	const struct config_ignorecache *c = &l->conf->ignorecache;

	if (!c->key.s || c->max_count <= 0)
		return 0;
	l->ignorecache = ignorecache_new((size_t)c->max_count,
					 (uint64_t)(c->max_time * NS_PER_S));
	return l->ignorecache ? 0 : -ENOMEM;
}

int lane_new(struct lane **out, const struct lane_params *p, wall_t now,
	     struct diag *d)
{
	struct lane *l = calloc(1, sizeof(*l));
	int err, again;

	if (!l)
		return -ENOMEM;
	l->conf = p->conf;
	l->ops = p->ops;
	l->everyone = p->everyone;
	l->as_logged = p->as_logged;
	/* Both, so that one run of `check` shows the problems of both. */
	err = build_stamp(l, p->env, now, d);
	again = build_filter(l, p->env, d);
	err = err ? err : again;
	if (!err)
		err = build_jail(l, p);
	if (!err)
		err = build_allow(l, d);
	if (!err)
		err = build_ignorecache(l);
	if (err) {
		lane_free(l);
		return err;
	}
	*out = l;
	return 0;
}

void lane_free(struct lane *l)
{
	if (!l)
		return;
	stamp_free(l->stamp);
	filter_free(l->filter);
	jail_free(l->jail);
	allowlist_free(l->allow);
	ignorecache_free(l->ignorecache);
	free(l);
}

int lane_inherit(struct lane *l, struct lane *old)
{
	struct jail *kept = old->jail;
	int err = jail_set_policy(kept, jail_policy(l->jail));

	if (err)
		return err;
	old->jail = l->jail;
	l->jail = kept;
	l->stats = old->stats;
	return 0;
}

/* ---- a failure ----------------------------------------------------------- */

/* What jail_note() gave goes into the numbers, and to whom it may concern. */
static void settle(struct lane *l, int ret, bool proven, const struct verdict *v,
		   const struct now *now)
{
	if (ret < 0) {
		l->stats.lost++;
		return;
	}
	l->stats.found++;
	l->stats.proven += proven;
	if (!ret)
		return;
	l->stats.verdicts++;
	l->stats.limits += v->unproven;
	l->ops.verdict(l->ops.ctx, l, v, now);
}

void lane_count_unasked(struct lane *l, const struct lane_failure *f,
			const struct now *now)
{
	struct failure failure = {
		.addr = f->addr, .id = f->id.s, .id_len = f->id.len,
		.when = f->when, .regex = f->regex,
		.lines = f->lines, .n_lines = f->n_lines, .proven = f->proven,
	};
	struct verdict v;
	int ret = jail_note(l->jail, &failure, &v);

	settle(l, ret, f->proven, &v, now);
}

static bool is_allowed(struct lane *l, const char *id, size_t len,
		       const struct ipaddr *addr, const struct now *now)
{
	return (l->everyone && l->conf->ignoreself &&
		allowlist_has(l->everyone, id, len, addr, now->boot, NULL)) ||
	       allowlist_has(l->allow, id, len, addr, now->boot, NULL);
}

void lane_note_ban(struct lane *l, const char *by, const struct ipaddr *who,
		   wall_t when, const struct now *now)
{
	char id[IPADDR_TEXT];
	struct verdict v;
	int ret;

	if (streq(by, l->conf->name))
		return;
	ipaddr_format(who, id);
	l->stats.hits++;
	if (is_allowed(l, id, strlen(id), who, now)) {
		l->stats.allowed++;
		return;
	}
	ret = jail_note_ban(l->jail, by, who, when, &v);
	settle(l, ret, true, &v, now);
}

void lane_count(struct lane *l, const struct lane_failure *f, const struct now *now)
{
	if (is_allowed(l, f->id.s, f->id.len, &f->addr, now)) {
		l->stats.allowed++;
		return;
	}
	if (l->conf->ignorecommand.s && l->ops.ask)
		l->ops.ask(l->ops.ctx, l, f);
	else
		lane_count_unasked(l, f, now);
}

static int note_success(struct lane *l, const struct report *r)
{
	bool cleared = jail_succeeded(l->jail, &r->who);

	l->stats.successes += cleared;
	return cleared;
}

int lane_report(struct lane *l, const struct report *r, const struct now *now)
{
	uint64_t verdicts = l->stats.verdicts, lost = l->stats.lost;
	struct window_text line = { r->text, r->len };
	struct lane_failure f = {
		.addr = r->who, .when = r->when, .lines = &line, .n_lines = r->len > 0,
		.regex = -1, .proven = r->proven,
	};
	char id[IPADDR_TEXT];

	if (r->what == REPORT_SUCCESS)
		return note_success(l, r);
	l->stats.hits++;
	if (f.when.us > now->wall.us)
		f.when = now->wall;
	if (f.when.us < now->wall.us - jail_policy(l->jail)->window.findtime_us) {
		l->stats.timeless++;
		return 0;
	}
	ipaddr_format(&r->who, id);
	f.id = (struct hit_text){ id, strlen(id) };
	lane_count(l, &f, now);
	if (l->stats.lost > lost)
		return -ENOMEM;
	return l->stats.verdicts > verdicts;
}

/* The last lines of a hit, which are the ones that decided. */
static size_t take_lines(const struct hit *hit, struct window_text out[static LINES_MAX])
{
	size_t n = hit->n_lines < LINES_MAX ? hit->n_lines : LINES_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct hit_text *line = &hit->lines[hit->n_lines - n + i];

		out[i] = (struct window_text){ line->s, line->len };
	}
	return n;
}

static void take_hit(struct lane *l, const struct hit *hit, wall_t when)
{
	struct window_text lines[LINES_MAX];
	struct lane_failure f = {
		.id = hit->id, .addr = hit->addr, .when = when,
		.lines = lines, .n_lines = take_lines(hit, lines),
		.regex = (int)hit->regex,
	};

	if (!hit->dns)
		lane_count(l, &f, l->now);
	else if (l->ops.resolve)
		l->ops.resolve(l->ops.ctx, l, &f);
	else
		l->stats.names++;
}

/* ---- the time of a line -------------------------------------------------- */

/* What the line's own text says.  -ENOENT: a zone nobody knows. */
static int own_time(struct lane *l, wall_t *when)
{
	if (l->given) {
		*when = *l->given;
		return FRESHNESS_DATE;
	}
	if (!l->date)
		return FRESHNESS_NONE;
	if (l->date->start == l->date->end)
		return FRESHNESS_OPTIONAL;
	switch (stamp_compute(l->stamp, l->line, l->date, l->now->wall, when)) {
	case 0:		return FRESHNESS_DATE;
	case -ENOENT:	return -ENOENT;
	default:	return FRESHNESS_NONE;
	}
}

/* Sessions only need times that can be compared with each other. */
static wall_t session_time(void *ctx)
{
	struct lane *l = ctx;
	wall_t when;

	return own_time(l, &when) == FRESHNESS_DATE ? when : l->now->wall;
}

static void remember_date(struct lane *l, const char *line, size_t len,
			  const struct stamp_date *date)
{
	if (date->limit > LAST_MAX || date->start == date->end)
		return;
	l->last.line = line;
	l->last.len = len < LAST_MAX ? len : LAST_MAX;
	l->last.date = *date;
	l->last.set = true;
}

/* The memory of the run goes away. */
static void keep_date(struct lane *l)
{
	if (!l->last.set || l->last.line == l->last.text)
		return;
	memcpy(l->last.text, l->last.line, l->last.len);
	l->last.line = l->last.text;
}

/* The last dated line tells freshness when that was, now that it matters. */
static void recall_date(struct lane *l, struct freshness *fresh)
{
	wall_t when;

	if (l->last.set && !stamp_compute(l->stamp, l->last.line, &l->last.date,
					  l->now->wall, &when)) {
		fresh->seen = true;
		fresh->last = when;
	}
	l->last.set = false;
}

enum verdict_of_time { TIME_DROP, TIME_UNKNOWN, TIME_KNOWN };

static enum verdict_of_time judge(struct lane *l, struct freshness *fresh, wall_t *use)
{
	wall_t when = l->now->wall;
	int found = own_time(l, &when);

	if (found < 0)
		return TIME_DROP;
	if (found != FRESHNESS_DATE)
		recall_date(l, fresh);
	if (l->as_logged)
		return freshness_unchecked(fresh, (enum freshness_found)found, when,
					   l->now->wall, use) ? TIME_KNOWN : TIME_UNKNOWN;
	return freshness_judge(fresh, (enum freshness_found)found, when, l->now->wall,
			       jail_policy(l->jail)->window.findtime_us, use) ? TIME_KNOWN : TIME_DROP;
}

/* ---- a line -------------------------------------------------------------- */

static void take_match(struct lane *l, struct freshness *fresh, const struct hit *hit)
{
	wall_t when;
	enum verdict_of_time timed = judge(l, fresh, &when);

	if (l->ops.hit) {
		if (timed != TIME_DROP)
			l->ops.hit(l->ops.ctx, l, hit, timed == TIME_KNOWN ? &when : NULL);
		return;
	}
	if (hit->nofail)
		return;
	l->stats.hits++;
	if (timed == TIME_KNOWN)
		take_hit(l, hit, when);
	else
		l->stats.timeless++;
}

static void feed(struct lane *l, struct freshness *fresh, const char *line,
		 size_t len, uint64_t ruled_out, const struct stamp_date *date)
{
	struct filter_line fl = {
		.s = line, .len = len, .ruled_out = ruled_out,
		.date_start = date ? date->start : 0,
		.date_end = date ? date->end : 0,
		.when = session_time, .ctx = l,
	};
	struct hit hit;

	l->line = line;
	l->date = date;
	if (filter_match(l->filter, &fl, &hit))
		take_match(l, fresh, &hit);
}

/*
 * Look for the date of every line, also of those that match nothing: what stamp
 * learns from them decides about the others.
 */
static inline void look_at(struct lane *l, struct freshness *fresh, const char *line,
			   size_t len, uint64_t sieved)
{
	struct stamp_date date;
	bool dated = stamp_find(l->stamp, line, len, &date);
	uint64_t marks = filter_marks(l->filter, sieved, line, len,
				      dated ? date.start : 0, dated ? date.end : 0);

	l->stats.lines++;
	l->stats.bytes += len;
	if (marks)
		feed(l, fresh, line, len, ~marks, dated ? &date : NULL);
	if (dated)
		remember_date(l, line, len, &date);
}

void lane_line(struct lane *l, struct freshness *fresh, const char *line,
	       size_t len, const struct now *now)
{
	l->now = now;
	l->given = NULL;
	look_at(l, fresh, line, len, FILTER_MARKS_ALL);
	keep_date(l);
}

void lane_timed_line(struct lane *l, struct freshness *fresh, const char *line,
		     size_t len, wall_t when, const struct now *now)
{
	l->now = now;
	l->given = &when;
	l->stats.lines++;
	l->stats.bytes += len;
	feed(l, fresh, line, len, 0, NULL);
	l->given = NULL;
}

void lane_run(struct lane *l, struct freshness *fresh, const char *data,
	      size_t len, const struct now *now)
{
	struct sieve_walk walk;
	const char *line;
	uint64_t marks;
	size_t n;

	l->now = now;
	l->given = NULL;
	sieve_begin(&walk, filter_sieve(l->filter), data, len);
	while (sieve_next(&walk, &line, &n, &marks))
		look_at(l, fresh, line, n, marks);
	keep_date(l);
}

/* ---- what others may look at --------------------------------------------- */

const struct config_jail *lane_conf(const struct lane *l)
{
	return l->conf;
}

const struct lane_stats *lane_stats(const struct lane *l)
{
	return &l->stats;
}

struct jail *lane_jail(struct lane *l)
{
	return l->jail;
}

struct allowlist *lane_allow(struct lane *l)
{
	return l->allow;
}

struct ignorecache *lane_ignorecache(struct lane *l)
{
	return l->ignorecache;
}

struct stamp *lane_stamp(struct lane *l)
{
	return l->stamp;
}

struct filter *lane_filter(struct lane *l)
{
	return l->filter;
}

void lane_set_scope(struct lane *l, int scope)
{
	l->scope = scope;
}

int lane_scope(const struct lane *l)
{
	return l->scope;
}
