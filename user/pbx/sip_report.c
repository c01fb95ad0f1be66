// SPDX-License-Identifier: GPL-2.0-or-later
/* sip_report - the SIP sensor in status, list and why. */
#include "pbx/sip_private.h"

#include "base/jsontext.h"

enum { HEAVIEST = 10 };

/* ---- status: messages ------------------------------------------------------------- */

static json_t *report_class(const struct sensor_counts *c, enum sip_class class)
{
	json_t *row = json_object();

	for (int v = 0; v < SIP_VERDICTS; v++)
		if (c->messages[class][v])
			json_object_set_new(row, sensor_verdict_name((enum sip_verdict)v),
					    json_integer((json_int_t)c->messages[class][v]));
	return row;
}

static json_t *report_classes(const struct sensor_counts *c)
{
	json_t *all = json_object();

	for (int class = 0; class < SIP_CLASSES; class++)
		json_object_set_new(all, sensor_class_name((enum sip_class)class),
				    report_class(c, (enum sip_class)class));
	return all;
}

static json_t *report_heavy(struct sip *s)
{
	struct sensor_heavy heavy[HEAVIEST];
	json_t *list = json_array();
	int n = sensor_heavy(s->sensor, heavy, HEAVIEST);
	char who[IPADDR_TEXT];

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:I}",
			"address", ipaddr_format(&heavy[i].who, who),
			"messages", (json_int_t)heavy[i].messages,
			"bytes", (json_int_t)heavy[i].bytes));
	return list;
}

/* What a signature that only counts is there for. */
static json_t *report_signatures(struct sip *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->signatures->n; i++)
		json_array_append_new(list, json_pack("{s:o, s:I}",
			"signature", json_word(s->signatures->v[i].s),
			"messages", (json_int_t)sensor_signature_found(s->sensor, i)));
	return list;
}

static json_t *report_messages(struct sip *s)
{
	struct sensor_counts c;

	if (sensor_counts(s->sensor, &c))
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:b, s:o, s:o, s:o}",
		"passed", (json_int_t)sensor_sum(&c, SIP_PASS_TRUSTED, SIP_PASS_ANSWER),
		"dropped", (json_int_t)sensor_sum(&c, SIP_DROP_KNOWN, SIP_DROP_SIGNATURE),
		"dropped_by_all", (json_int_t)sensor_sum(&c, SIP_DROP_ALL, SIP_DROP_ALL),
		"dropped_bytes", (json_int_t)c.dropped_bytes,
		"answers", (json_int_t)c.answers, "shown", (json_int_t)c.events,
		"ring_full", (json_int_t)c.events_lost,
		"sources", (int)c.sources, "max_sources", (int)c.max_sources,
		"trusted_networks", (int)c.nets,
		/* More strangers than can be told apart: all share one limit. */
		"crowded", s->siege.per_s > 0 || s->siege.active,
		"classes", report_classes(&c), "heaviest", report_heavy(s),
		"signatures", report_signatures(s));
}

/* ---- status: people ---------------------------------------------------------------- */

json_t *sip_report_siege(struct sip *s)
{
	bool ever = s->siege.until.us == WALL_NEVER.us;

	return json_pack("{s:s, s:b, s:o, s:o, s:f, s:I}",
		"mode", siege_mode_name(s->siege.mode), "active", (int)s->siege.active,
		"since", s->siege.active ? json_real(wall_to_s(s->siege.since)) : json_null(),
		"until", ever ? json_null() : json_real(wall_to_s(s->siege.until)),
		"kept_out_per_s", s->siege.per_s, "begun", (json_int_t)s->siege.begun);
}

struct tally { int trusted; };

static int count_trusted(void *ctx, const struct sensor_source *source)
{
	struct tally *t = ctx;

	t->trusted += source->standing == SIP_TRUSTED;
	return 0;
}

static json_t *report_people(struct sip *s)
{
	struct challenge_stats ch = challenges_stats(s->challenges);
	struct exchange_stats ex = exchanges_stats(s->exchanges);
	struct tally t = { 0 };

	sensor_each(s->sensor, loop_boot(s->p.loop), count_trusted, &t);
	return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"trusted", t.trusted, "known", (json_int_t)standing_count(s->standing),
		"limited", (json_int_t)limits_count(s->limits, loop_boot(s->p.loop)),
		"limits", (json_int_t)s->stats.limited, "lifted", (json_int_t)s->stats.lifted,
		"spared", (json_int_t)s->stats.spared,
		"failures", (json_int_t)s->stats.refused, "proven", (json_int_t)s->stats.proven,
		"logins", (json_int_t)s->stats.succeeded,
		"answered_calls", (json_int_t)s->stats.answered,
		"unreadable", (json_int_t)s->stats.unreadable,
		"nonces_shared", (json_int_t)ch.shared,
		"forgotten_early", (json_int_t)(ch.evicted + ex.evicted +
			standing_evicted(s->standing) + limits_evicted(s->limits)),
		"no_room", (json_int_t)s->stats.refused_by_kernel);
}

json_t *sip_report(struct sip *s, json_t *problems)
{
	json_t *report;

	if (!s->sensor) {
		if (s->wanted)
			json_array_append_new(problems, json_string(s->wanted_first ?
				"the SIP sensor does not run, though sip-sensor = on: see the log "
				"of the start" : "sip-sensor = on takes a restart"));
		return json_pack("{s:b}", "running", 0);
	}
	if (!s->wanted)
		json_array_append_new(problems, json_string("the SIP sensor goes on until a "
			"restart, though sip-sensor = off"));
	if (s->stats.refused_by_kernel)
		json_array_append_new(problems, json_sprintf("sip-sources is too small: %llu "
			"addresses found no room in the SIP sensor",
			(unsigned long long)s->stats.refused_by_kernel));
	if (s->trust_error)
		json_array_append_new(problems, json_sprintf("the SIP sensor does not trust all "
			"of the allowlist: %s", strerror(-s->trust_error)));
	report = json_pack("{s:b, s:o*, s:o}", "running", 1, "messages", report_messages(s),
			   "siege", sip_report_siege(s));
	json_object_set_new(report, "senders", report_people(s));
	return report;
}

/* ---- list ---------------------------------------------------------------------------- */

static json_t *limit_row(struct sip *s, const struct limit *l)
{
	double left = (double)(l->until.ns - loop_boot(s->p.loop).ns) / NS_PER_S;
	struct sensor_source source = { 0 };
	char who[IPADDR_TEXT];

	if (s->sensor)
		sensor_find(s->sensor, &l->who, loop_boot(s->p.loop), &source);
	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:i, s:i, s:I, s:I, s:s}",
		"address", ipaddr_format(&l->who, who), "jail", l->jail,
		"since", wall_to_s(l->since), "until", wall_to_s(loop_wall(s->p.loop)) + left,
		"remaining", left, "failures", (int)l->failures, "times", (int)l->times,
		"passed", (json_int_t)source.passed, "limited", (json_int_t)source.limited,
		"reason", l->reason);
}

struct listing { struct sip *s; const struct ipaddr *within; sip_row_fn *fn; void *ctx; };

static void add_limit(void *ctx, const struct limit *l)
{
	const struct listing *q = ctx;

	if (!q->within || ipaddr_contains(q->within, &l->who))
		q->fn(q->ctx, limit_row(q->s, l));
}

void sip_report_limits(struct sip *s, const struct ipaddr *within, sip_row_fn *fn, void *ctx)
{
	struct listing q = { s, within, fn, ctx };

	limits_each(s->limits, loop_boot(s->p.loop), add_limit, &q);
}

/* ---- why ----------------------------------------------------------------------------- */

json_t *sip_report_address(struct sip *s, const struct ipaddr *who)
{
	boot_t now = loop_boot(s->p.loop);
	const struct limit *l = limits_find(s->limits, who, now);
	wall_t known = standing_until(s->standing, who);
	struct sensor_source source = { 0 };
	json_t *row;

	if (!s->sensor || !ipaddr_is_host(who) || sensor_find(s->sensor, who, now, &source))
		return NULL;
	if (source.standing == SIP_UNKNOWN && !l)
		return NULL;
	row = json_pack("{s:s, s:I, s:I, s:o*}", "standing", sensor_standing_name(source.standing),
			"passed", (json_int_t)source.passed, "limited", (json_int_t)source.limited,
			"limit", l ? limit_row(s, l) : NULL);
	if (known.us > loop_wall(s->p.loop).us)
		json_object_set_new(row, "known_until", json_real(wall_to_s(known)));
	return row;
}
