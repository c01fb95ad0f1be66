// SPDX-License-Identifier: GPL-2.0-or-later
#include "offline/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/jsontext.h"
#include "base/str.h"
#include "base/utf8.h"
#include "lanes/lane.h"
#include "lanes/logfile.h"
#include "match/explain.h"
#include "regex/regex.h"

enum { MISSED_SHOWN = 5 };

struct trial {
	const struct trial_options *o;
	struct lane *lane;
	struct freshness fresh;
	struct now now;
	uint64_t hits, missed;
	uint64_t silent;	/* expressions not worth explaining */
	bool hit;		/* the line at hand is one */
	struct str missed_text;	/* the first few, for the report */
};

static json_t *fields_of(const struct trial *t, const struct hit *hit)
{
	const struct hit_field *fields;
	size_t n = filter_fields(lane_filter(t->lane), hit, &fields);
	json_t *obj = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(obj, fields[i].name,
				    json_text(fields[i].value.s, fields[i].value.len));
	if (hit->n_users) {
		json_t *users = json_array();

		for (size_t i = 0; i < hit->n_users; i++)
			json_array_append_new(users, json_text(hit->users[i].s,
							       hit->users[i].len));
		json_object_set_new(obj, "users", users);
	}
	return obj;
}

static void print_json(const struct trial *t, const struct hit *hit, const wall_t *when)
{
	struct hit_text id = filter_id(lane_filter(t->lane), hit);
	json_t *obj = json_pack("{s:I, s:o, s:o, s:i, s:b, s:i, s:o}",
				"line", (json_int_t)lane_stats(t->lane)->lines,
				"id", json_text(id.s, id.len),
				"time", when ? json_real(wall_to_s(*when)) : json_null(),
				"regex", (int)hit->regex, "nofail", (int)hit->nofail,
				"attempts", (int)hit->attempts,
				"fields", fields_of(t, hit));

	if (!obj)
		return;
	json_dumpf(obj, stdout, JSON_REAL_PRECISION(17));
	putchar('\n');
	json_decref(obj);
}

static void print_verdict(const struct hit *hit, struct hit_text id)
{
	printf("\nverdict: %s of '", hit->nofail ? "not yet a failure" : "a failure");
	utf8_print(stdout, id.s, id.len);
	printf("', failregex %u%s\n", hit->regex,
	       hit->bogus ? " (no address: never banned)" : "");
}

static void on_hit(void *ctx, struct lane *lane, const struct hit *hit, const wall_t *when)
{
	struct hit_text id = filter_id(lane_filter(lane), hit);
	struct trial *t = ctx;

	t->hit = true;
	t->hits += !hit->nofail;
	if (t->o->json)
		print_json(t, hit, when);
	else if (t->o->explain)
		print_verdict(hit, id);
}

static void note_missed(struct trial *t, const char *line, size_t len)
{
	size_t shown = len > 150 ? 150 : len, at;

	if (t->missed++ >= MISSED_SHOWN)
		return;
	str_puts(&t->missed_text, "    ");
	at = t->missed_text.len;
	str_add(&t->missed_text, line, shown);
	if (!t->missed_text.failed)
		utf8_tame(t->missed_text.s + at, shown);
	str_puts(&t->missed_text, len > shown ? "...\n" : "\n");
}

/* One line after the other, to tell which of them were missed. */
static void on_lines(struct trial *t, const char *data, size_t len)
{
	const char *at = data, *line;
	uint64_t ignored;
	size_t n;

	while (line_next(&at, data + len, &line, &n)) {
		t->hit = false;
		ignored = filter_stats(lane_filter(t->lane)).ignored;
		if (t->o->journal)
			lane_timed_line(t->lane, &t->fresh, line, n, t->now.wall, &t->now);
		else
			lane_line(t->lane, &t->fresh, line, n, &t->now);
		if (!t->hit && ignored == filter_stats(lane_filter(t->lane)).ignored)
			note_missed(t, line, n);
	}
}

static void on_run(void *ctx, const char *data, size_t len)
{
	struct trial *t = ctx;

	/* Programs want hits only, and so get them the way the daemon does. */
	if (t->o->json && !t->o->journal)
		lane_run(t->lane, &t->fresh, data, len, &t->now);
	else
		on_lines(t, data, len);
}

/* ---- the report for people ------------------------------------------------- */

/* Those that hit; with dozens of expressions the rest is only noise. */
static void print_regexes(struct filter *f, enum filter_part part, const char *title)
{
	size_t n = filter_count(f, part), silent = 0;

	if (!n)
		return;
	printf("\n%s\n", title);
	for (size_t i = 0; i < n; i++) {
		uint64_t hits = filter_hits(f, part, i);

		if (hits)
			printf("  %8llu  %zu) %s\n", (unsigned long long)hits, i,
			       filter_regex(f, part, i));
		else
			silent++;
	}
	if (silent)
		printf("         -  %zu of %zu expressions hit nothing\n", silent, n);
}

static void print_templates(struct stamp *s)
{
	puts("\nDates");
	for (size_t i = 0; i < stamp_templates(s); i++)
		if (stamp_template_hits(s, i))
			printf("  %8llu  %s\n", (unsigned long long)stamp_template_hits(s, i),
			       stamp_template_name(s, i));
}

static void print_report(struct trial *t, double seconds)
{
	const struct lane_stats *stats = lane_stats(t->lane);
	struct filter *f = lane_filter(t->lane);
	struct filter_stats fs = filter_stats(f);

	puts("Lines that hit, and what they hit");
	print_regexes(f, FILTER_PREF, "Prefregex");
	print_regexes(f, FILTER_FAIL, "Failregex");
	print_regexes(f, FILTER_IGNORE, "Ignoreregex");
	print_templates(lane_stamp(t->lane));
	if (t->missed)
		printf("\nMissed (the first of %llu)\n%s", (unsigned long long)t->missed,
		       t->missed_text.s ? t->missed_text.s : "");
	if (fs.bogus)
		printf("\nRefused %llu hits whose address is none\n",
		       (unsigned long long)fs.bogus);
	printf("\nLines: %llu, %llu failures, %llu ignored, %llu missed, "
	       "%.1f ms (%.0f lines/s)\n", (unsigned long long)stats->lines,
	       (unsigned long long)t->hits, (unsigned long long)fs.ignored,
	       (unsigned long long)t->missed, seconds * 1e3,
	       seconds > 0 ? (double)stats->lines / seconds : 0.0);
}

/* ---- one line explained --------------------------------------------------------- */

/* The first @len bytes of the line, in brackets what the expression took of it. */
static void print_place(const struct explain_step *s, size_t len)
{
	printf("  text        ");
	utf8_print(stdout, s->text.s, s->start);
	putchar('[');
	utf8_print(stdout, s->text.s + s->start, s->reached - s->start);
	putchar(']');
	utf8_print(stdout, s->text.s + s->reached, len - s->reached);
	putchar('\n');
}

/* Most expressions stop at once; those that came further are worth a look. */
static void print_step(void *ctx, const struct explain_step *s)
{
	static const char *const part[] = {
		[FILTER_PREF] = "prefregex", [FILTER_FAIL] = "failregex",
		[FILTER_IGNORE] = "ignoreregex",
	};
	size_t len = s->text.len;
	struct trial *t = ctx;

	while (len && s->text.s[len - 1] == '\n')
		len--;
	if (!s->matched && s->reached == s->start) {
		t->silent++;
		return;
	}
	printf("\n%s %zu: %s\n", part[s->part], s->index, s->matched ? "matched" : "no match");
	if (s->matched) {
		printf("  expression  %s\n", s->regex);
		return;
	}
	printf("  expression  %.*s >>here it stopped>> %s\n", (int)s->at, s->regex,
	       s->regex + s->at);
	if (s->reached <= len)
		print_place(s, len);
	else
		printf("  text        all of it matched, and more was wanted\n");
}

static void print_date(struct trial *t, const char *line, size_t len,
		       struct stamp_date *date, bool *dated)
{
	struct stamp *stamp = lane_stamp(t->lane);
	char text[32] = "";
	struct tm tm;
	time_t s;
	wall_t when;
	int err;

	*dated = !t->o->journal && stamp_find(stamp, line, len, date);
	if (!*dated) {
		puts("date: none found; the line counts as happening when it is read");
		return;
	}
	err = stamp_compute(stamp, line, date, t->now.wall, &when);
	s = when.us / US_PER_S;
	if (!err && localtime_r(&s, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	printf("date: '");
	utf8_print(stdout, line + date->start, date->end - date->start);
	printf("' is %s\n", err == -ENOENT ? "in a zone that nobody knows: the line is dropped" :
	       err ? "no moment that exists" : text);
}

static wall_t no_session(void *ctx)
{
	struct trial *t = ctx;

	return t->now.wall;
}

static int explain(struct trial *t)
{
	const char *line = t->o->explain;
	struct stamp_date date;
	bool dated;
	int err;

	print_date(t, line, strlen(line), &date, &dated);
	err = filter_explain(lane_filter(t->lane), &(struct filter_line){
		.s = line, .len = strlen(line), .when = no_session, .ctx = t,
		.date_start = dated ? date.start : 0, .date_end = dated ? date.end : 0,
	}, print_step, t);
	if (t->silent)
		printf("\n%llu other expressions matched nothing of it\n",
		       (unsigned long long)t->silent);
	on_run(t, line, strlen(line));
	if (!t->hit)
		puts("\nverdict: not a failure");
	return err;
}

/* ---- setting it up ----------------------------------------------------------- */

static int read_log(struct trial *t, const struct config_jail *jail, struct diag *d)
{
	const char *encoding = jail->logencoding.s;
	boot_t begin = boot_now();
	int err = logfile_read(t->o->log, encoding, on_run, t);

	if (err)
		diag_add(d, DIAG_ERROR, t->o->log, 0, "%s", strerror(-err));
	else if (!t->o->json)
		print_report(t, (double)(boot_now().ns - begin.ns) / NS_PER_S);
	return err;
}

static int run_jail(struct trial *t, const struct config_jail *jail,
		    struct regex_env *env, struct diag *d)
{
	struct lane_params p = {
		.conf = jail, .env = env, .max_ids = 1, .as_logged = true,
		.ops = { .hit = on_hit, .ctx = t },
	};
	int err = jail->broken ? -EINVAL : lane_new(&t->lane, &p, t->now.wall, d);

	if (!err)
		err = t->o->explain ? explain(t) : read_log(t, jail, d);
	lane_free(t->lane);
	return err;
}

int trial_run(const struct trial_options *o, struct diag *d)
{
	struct trial t = { .o = o, .now = { boot_now(), o->now } };
	struct config *c = config_load_filter(o->config, o->what, o->journal, d);
	struct regex_env *env = regex_env_new();
	int err = -EINVAL;

	if (!env)
		err = -ENOMEM;
	else if (c && c->n_jails)
		err = run_jail(&t, &c->jails[0], env, d);
	regex_env_free(env);
	config_free(c);
	str_fini(&t.missed_text);
	return err;
}
