// SPDX-License-Identifier: GPL-2.0-or-later
/* sip_limit - who is limited for lack of proof; and the siege, which limits all strangers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "pbx/sip_private.h"

/* The kernel ends a siege so long after the last word of ours. */
#define SIEGE_LEASE_NS	(15 * NS_PER_S)

/* ---- limits ------------------------------------------------------------------------ */

static void log_limit(struct sip *s, const struct limit *l, const struct now *now)
{
	char who[IPADDR_TEXT];

	if (s->log.logged >= SIP_LOGGED_PER_S) {
		s->log.silent++;
		return;
	}
	s->log.logged++;
	log_notice("[%s] Limit %s for %llu s (SIP only): %u failures, but nothing proves the "
		   "sender", l->jail, ipaddr_format(&l->who, who),
		   (unsigned long long)((l->until.ns - now->boot.ns) / NS_PER_S), l->failures);
}

void sip_log_silent(struct sip *s)
{
	if (s->log.silent)
		log_notice("sensor: %u more senders were limited within a second",
			   s->log.silent);
	s->log.logged = s->log.silent = 0;
}

/* The last line that led to it. */
static void keep_reason(struct limit *w, struct window_lines lines)
{
	const struct window_line *last = lines.n ? &lines.v[lines.n - 1] : NULL;

	if (last)
		memcpy(w->reason, last->text, last->len < sizeof(w->reason) - 1 ? last->len :
		       sizeof(w->reason) - 1);
}

/*
 * He is there, as the sensor has seen, and its jail counts him: a limit would only
 * keep him from proving the rest.
 */
static bool is_being_judged(const struct sip *s, const struct ipaddr *who,
			    const struct now *now)
{
	for (size_t i = 0; i < pipeline_count(*s->p.pipeline); i++) {
		struct lane *lane = pipeline_lane(*s->p.pipeline, i);
		struct jail *jail = lane_jail(lane);
		struct window_id id = { .addr = jail_counted(jail, who) };

		if (lane_conf(lane)->backend == LOG_SENSOR &&
		    window_count(jail_window(jail), &id, now->wall))
			return true;
	}
	return false;
}

void sip_limit(struct sip *s, const struct lane *lane, const struct verdict *v,
	       const struct now *now)
{
	struct limit w = { .who = v->who, .since = now->wall, .failures = v->failures };
	const struct limit *l;
	bool goes_on;

	if (!v->who.family || sip_is_known(s, &v->who, now) ||
	    is_being_judged(s, &v->who, now)) {
		s->stats.spared++;
		return;
	}
	if (!s->sensor || !ipaddr_is_host(&v->who)) {
		log_notice("[%s] %s made %u failures, but nothing proves the sender: not banned",
			   lane_conf(lane)->name, v->id, v->failures);
		return;
	}
	snprintf(w.jail, sizeof(w.jail), "%s", lane_conf(lane)->name);
	keep_reason(&w, window_kept_lines(v->lines));
	goes_on = limits_find(s->limits, &v->who, now->boot);
	l = limits_add(s->limits, &w, &s->length, now->boot);
	if (!l)
		return;
	sip_set_standing(s, &l->who, SIP_PENALTY, l->until);
	if (goes_on)
		return;
	s->stats.limited++;
	log_limit(s, l, now);
}

/* He has logged in. */
void sip_lift(struct sip *s, const struct ipaddr *who, const struct now *now)
{
	char text[IPADDR_TEXT];

	if (!limits_lift(s->limits, who, now->boot))
		return;
	s->stats.lifted++;
	sip_set_standing(s, who, SIP_KNOWN,
			 (boot_t){ now->boot.ns + (uint64_t)s->known_us * 1000 });
	log_notice("sensor: %s has logged in: not limited any more",
		   ipaddr_format(who, text));
}

struct forgiven { const struct ipaddr *net; struct ipaddr *v; size_t n; };

static void count_limit(void *ctx, const struct limit *l)
{
	struct forgiven *f = ctx;

	f->n += ipaddr_contains(f->net, &l->who);
}

static void take_limit(void *ctx, const struct limit *l)
{
	struct forgiven *f = ctx;

	if (ipaddr_contains(f->net, &l->who))
		f->v[f->n++] = l->who;
}

size_t sip_forgive(struct sip *s, const struct ipaddr *who)
{
	boot_t now = loop_boot(s->p.loop);
	struct forgiven f = { .net = who };

	limits_each(s->limits, now, count_limit, &f);
	f.v = calloc(f.n + 1, sizeof(*f.v));
	if (!f.v)
		return 0;
	f.n = 0;
	limits_each(s->limits, now, take_limit, &f);
	for (size_t i = 0; i < f.n; i++)
		limits_lift(s->limits, &f.v[i], now);
	if (s->sensor && f.n)
		sensor_unset(s->sensor, f.v, f.n);
	free(f.v);
	return f.n;
}

/* ---- the siege ----------------------------------------------------------------------- */

static int measure(struct sip *s, struct siege_load *load)
{
	struct sensor_counts c;
	int err = sensor_counts(s->sensor, &c);

	if (err)
		return err;
	load->rejected = sensor_sum(&c, SIP_DROP_ALL, SIP_DROP_ALL);
	load->kept_out = sensor_sum(&c, SIP_DROP_SIEGE, SIP_DROP_SIEGE);
	return 0;
}

static void log_siege(const struct sip *s, enum siege_change change)
{
	if (change == SIEGE_BEGINS)
		log_warn("sensor: SIEGE begins (%s): only trusted and known sources speak SIP",
			 s->siege.mode == SIEGE_ON ? "by hand" : "strangers send too much");
	else if (change == SIEGE_ENDS)
		log_warn("sensor: the siege is over, strangers may speak SIP again");
}

static void tell_siege(struct sip *s, boot_t until)
{
	int err = sensor_siege(s->sensor, until);

	if (err)
		log_err("sensor: cannot change the siege: %s", strerror(-err));
}

void sip_tick_siege(struct sip *s, const struct now *now)
{
	enum siege_mode before = s->siege.mode;
	struct siege_load load = { 0 };
	enum siege_change change;

	if (!s->sensor || measure(s, &load))
		return;
	change = siege_tick(&s->siege, &s->bounds, &load, now->boot, now->wall);
	log_siege(s, change);
	/* The kernel forgets a siege that nobody renews: nothing lasts if we die. */
	if (s->siege.active)
		tell_siege(s, (boot_t){ now->boot.ns + SIEGE_LEASE_NS });
	else if (change == SIEGE_ENDS)
		tell_siege(s, (boot_t){ 0 });
	if (s->siege.mode != before) {
		s->siege_changed = true;
		s->p.changed(s->p.ctx);
	}
}

int sip_set_siege(struct sip *s, enum siege_mode mode, wall_t until)
{
	struct now now = sip_now(s);

	if (!s->sensor)
		return -ENOENT;
	siege_set(&s->siege, mode, until);
	s->siege_changed = true;
	sip_tick_siege(s, &now);
	s->p.changed(s->p.ctx);
	return 0;
}
