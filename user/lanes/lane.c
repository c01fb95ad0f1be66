// SPDX-License-Identifier: GPL-2.0-or-later
#include "lanes/lane_private.h"

#include <errno.h>

#include <strings.h>

#include "base/log.h"
#include "regex/sieve.h"
#include "sip/challenge.h"

enum { LINES_MAX = 16 };		/* lines of one hit that are kept */

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

static int note_success(struct lane *l, const struct report *r, const struct now *now)
{
	bool cleared = jail_succeeded(l->jail, &r->who);

	if (r->proven && l->ops.success)
		l->ops.success(l->ops.ctx, &r->who, now);

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
		return note_success(l, r, now);
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

/* ---- whose failure is it? -------------------------------------------------- */

/* With these the sender has received something before his message counted. */
static bool is_connection(struct hit_text transport)
{
	static const char *const names[] = { "TCP", "TLS", "WS", "WSS", "SCTP" };

	/* Most are UDP. */
	if (transport.len < 2 || transport.len > 4 || !strchr("TtWwSs", transport.s[0]))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (transport.len == strlen(names[i]) &&
		    !strncasecmp(transport.s, names[i], transport.len))
			return true;
	return false;
}

/*
 * May the line at hand be believed about who sent what?  One without a time of its
 * own may be the second half of another, whose first half somebody ended with a
 * line feed in his name; and where that can be a whole line, no line is.
 */
static bool is_believed(const struct lane *l)
{
	return !l->stats.doubtful && (l->given || (l->date && l->date->start != l->date->end));
}

static bool is_proven(const struct lane *l, const struct hit *hit)
{
	if (!is_believed(l))
		return false;
	if (hit->transport.s && is_connection(hit->transport))
		return true;
	return hit->challenge.s && l->challenges && hit->addr.family &&
	       challenges_proves(l->challenges, &hit->addr, hit->challenge.s,
				 hit->challenge.len, l->now->boot);
}

/* What a line says beside, or instead of, a failure. */
static void note_what_else(struct lane *l, const struct hit *hit)
{
	if (!hit->addr.family || !is_believed(l))
		return;
	if (hit->sent.s && l->challenges)
		challenges_sent(l->challenges, &hit->addr, hit->sent.s, hit->sent.len,
				l->now->boot);
	if (hit->success && l->ops.success)
		l->ops.success(l->ops.ctx, &hit->addr, l->now);
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

/*
 * In a flood hundreds of thousands of addresses take turns, and what is known of
 * each has to come from slow memory.  So failures wait until there are several
 * (or the run ends), whose memory is then fetched at the same time.
 */
static void count_waiting(struct lane *l)
{
	const struct ipaddr *addrs[WINDOW_BATCH];
	size_t n = l->waiting.n;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++)
		addrs[i] = &l->waiting.v[i].addr;
	jail_expect(l->jail, addrs, n);
	for (size_t i = 0; i < n; i++) {
		struct lane_waiting *w = &l->waiting.v[i];
		struct lane_failure f = {
			.addr = w->addr, .when = w->when, .regex = w->regex,
			.lines = &w->line, .n_lines = 1, .proven = w->proven,
		};

		lane_count(l, &f, l->now);
	}
	l->waiting.n = 0;
}

/* Only addresses, whose text does not matter, and lines that do not go away. */
static bool may_wait(const struct lane *l, const struct hit *hit)
{
	return l->waiting.open && hit->addr.family && hit->n_lines == 1 &&
	       hit->lines[0].s == l->line && !l->conf->ignorecommand.s;
}

static void wait_for_others(struct lane *l, const struct hit *hit, wall_t when)
{
	l->waiting.v[l->waiting.n++] = (struct lane_waiting){
		.addr = hit->addr, .when = when, .regex = (int)hit->regex,
		.proven = is_proven(l, hit),
		.line = { hit->lines[0].s, hit->lines[0].len },
	};
	if (l->waiting.n == WINDOW_BATCH)
		count_waiting(l);
}

static void take_hit(struct lane *l, const struct hit *hit, wall_t when)
{
	struct window_text lines[LINES_MAX];
	struct lane_failure f = {
		.id = filter_id(l->filter, hit), .addr = hit->addr, .when = when,
		.lines = lines, .n_lines = take_lines(hit, lines),
		.regex = (int)hit->regex, .proven = is_proven(l, hit),
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
	if (date->limit > LANE_LAST_MAX || date->start == date->end)
		return;
	l->last.line = line;
	l->last.len = len < LANE_LAST_MAX ? len : LANE_LAST_MAX;
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
			       jail_policy(l->jail)->window.findtime_us, use) ?
		TIME_KNOWN : TIME_DROP;
}

/* ---- a line -------------------------------------------------------------- */

/* For good, and what the log says of logins and challenges is not even looked at. */
static void begin_doubt(struct lane *l)
{
	if (l->stats.doubtful)
		return;
	l->stats.doubtful = true;
	l->deaf = filter_informs(l->filter);
	if (jail_policy(l->jail)->wants_proof)
		log_warn("[%s] whoever sends to this server can write whole lines into its "
			 "log: from here on the log proves nothing (docs/sip.md)", l->conf->name);
}

static void take_match(struct lane *l, struct freshness *fresh, const struct hit *hit)
{
	wall_t when;
	enum verdict_of_time timed = judge(l, fresh, &when);

	if (l->ops.hit) {
		if (timed != TIME_DROP)
			l->ops.hit(l->ops.ctx, l, hit, timed == TIME_KNOWN ? &when : NULL);
		return;
	}
	if (hit->doubt)
		begin_doubt(l);
	if (timed == TIME_KNOWN && (hit->sent.s || hit->success))
		note_what_else(l, hit);
	if (hit->nofail)
		return;
	l->stats.hits++;
	if (timed != TIME_KNOWN) {
		l->stats.timeless++;
	} else if (may_wait(l, hit)) {
		wait_for_others(l, hit, when);
	} else {
		count_waiting(l);
		take_hit(l, hit, when);
	}
}

static void feed(struct lane *l, struct freshness *fresh, const char *line,
		 size_t len, uint64_t ruled_out, const struct stamp_date *date)
{
	struct filter_line fl = {
		.s = line, .len = len, .ruled_out = ruled_out,
		.ended = l->run_end && line + len < l->run_end && line[len] == '\n',
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
	marks &= ~l->deaf;
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
	feed(l, fresh, line, len, l->deaf, NULL);
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
	l->run_end = data + len;
	l->waiting.open = true;
	sieve_begin(&walk, filter_sieve(l->filter), data, len);
	while (sieve_next(&walk, &line, &n, &marks))
		look_at(l, fresh, line, n, marks);
	count_waiting(l);
	l->waiting.open = false;
	l->run_end = NULL;
	keep_date(l);
}
