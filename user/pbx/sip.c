// SPDX-License-Identifier: GPL-2.0-or-later
#include "pbx/sip_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/hmap.h"
#include "base/log.h"
#include "pbx/sip_settings.h"

enum {
	MAX_CHALLENGES = 1 << 16,	/* about 5 MB; some 200 a second with proof */
	MAX_CALLS = 1 << 15,
	MAX_CALLERS = 1 << 12,
	MAX_LIMITS = 1 << 14,
	EVENTS_AT_ONCE = 512,
};

#define SWEEP_NS	(60 * NS_PER_S)
#define QUIET_NS	(10 * NS_PER_S)
#define CALLED_NS	(120 * NS_PER_S)
#define LOOK_NS		(NS_PER_S / 200)
#define LOOK_LATE_NS	(NS_PER_S / 2000)

/* ---- standing ------------------------------------------------------------------- */

static void set_entry(struct sip *s, const struct sensor_entry *e)
{
	if (s->sensor && sensor_set(s->sensor, e, 1))
		s->stats.refused_by_kernel++;
}

void sip_set_standing(struct sip *s, const struct ipaddr *who, enum sip_standing standing,
		      boot_t until)
{
	struct sensor_entry e = { .who = *who, .standing = standing, .until = until };

	set_entry(s, &e);
}

/* What is @until on the other clock. */
static boot_t boot_of(wall_t until, const struct now *now)
{
	int64_t left_us = until.us - now->wall.us;

	return (boot_t){ now->boot.ns + (left_us > 0 ? (uint64_t)left_us * 1000 : 0) };
}

static wall_t wall_of(boot_t when, const struct now *now)
{
	int64_t ago_ns = (int64_t)(now->boot.ns - when.ns);

	return (wall_t){ now->wall.us - ago_ns / 1000 };
}

bool sip_is_known(const struct sip *s, const struct ipaddr *who, const struct now *now)
{
	struct sensor_source source;

	if (standing_until(s->standing, who).us > now->wall.us)
		return true;
	return s->sensor && ipaddr_is_host(who) &&
	       !sensor_find(s->sensor, who, now->boot, &source) &&
	       source.standing == SIP_TRUSTED;
}

static int make_known(struct sip *s, const struct ipaddr *who, const struct now *now)
{
	int tell = standing_note(s->standing, who, now->wall, s->known_us);

	if (tell > 0) {
		sip_set_standing(s, who, SIP_KNOWN,
				 boot_of(standing_until(s->standing, who), now));
		s->p.changed(s->p.ctx);
	}
	return tell;
}

void sip_succeeded(struct sip *s, const struct ipaddr *who, const struct now *now)
{
	s->stats.succeeded++;
	if (make_known(s, who, now) >= 0)
		sip_lift(s, who, now);
}

/* ---- what the sensor shows --------------------------------------------------------- */

static void tell_jails(struct sip *s, const struct report *r, const struct now *now)
{
	for (size_t i = 0; i < pipeline_count(*s->p.pipeline); i++) {
		struct lane *lane = pipeline_lane(*s->p.pipeline, i);

		if (lane_conf(lane)->backend == LOG_SENSOR)
			lane_report(lane, r, now);
	}
	s->p.changed(s->p.ctx);
}

/*
 * Anybody can forge the sender of what has no proof: it must not hurt those we
 * know.  That a phone of theirs makes nothing of a challenge is no attack either.
 */
static void take_refusal(struct sip *s, const struct exchange_result *e, const struct now *now)
{
	struct report r = {
		.who = e->who, .when = wall_of(e->when, now), .text = e->text,
		.len = strlen(e->text), .proven = e->proven, .what = REPORT_FAILURE,
	};

	if ((!e->proven || e->unanswered) && sip_is_known(s, &e->who, now)) {
		s->stats.spared++;
		return;
	}
	s->stats.refused++;
	s->stats.proven += e->proven;
	if (e->proven)
		callers_refused(s->callers, &e->who);
	tell_jails(s, &r, now);
}

static void take_success(struct sip *s, const struct exchange_result *e, const struct now *now)
{
	struct report r = {
		.who = e->who, .when = now->wall, .what = REPORT_SUCCESS,
	};

	sip_succeeded(s, &e->who, now);
	tell_jails(s, &r, now);
}

/* It ends no limit and clears no failures: it is no login. */
static void take_answered(struct sip *s, const struct exchange_result *e, const struct now *now)
{
	bool new = standing_until(s->standing, &e->who).us <= now->wall.us;
	char who[IPADDR_TEXT];

	s->stats.answered++;
	if (limits_find(s->limits, &e->who, now->boot) ||
	    !callers_answered(s->callers, &e->who, e->call, now->boot, &s->by_calls))
		return;
	if (make_known(s, &e->who, now) >= 0 && new)
		log_notice("sensor: %s is known: its calls are answered",
			   ipaddr_format(&e->who, who));
}

static void take_result(struct sip *s, const struct exchange_result *e,
			enum sip_standing standing, const struct now *now)
{
	switch (e->what) {
	case EXCHANGE_REFUSED:
		take_refusal(s, e, now);
		break;
	case EXCHANGE_SUCCEEDED:
		take_success(s, e, now);
		break;
	case EXCHANGE_ANSWERED:
		take_answered(s, e, now);
		break;
	case EXCHANGE_CALLED:
		/* Its answers must get through. */
		if (standing == SIP_UNKNOWN)
			sip_set_standing(s, &e->who, SIP_KNOWN,
					 (boot_t){ now->boot.ns + CALLED_NS });
		break;
	case EXCHANGE_NOTHING:
		break;
	}
}

/*
 * Of a known source that says very much (a trunk, a dialer) not all must be looked
 * at: a second of it, then nothing for ten.
 */
static void watch_busy(struct sip *s, const struct sensor_event *ev, const struct now *now)
{
	uint64_t hash = hmap_hash_seeded(s->busy_seed, &ev->peer, sizeof(ev->peer));
	uint64_t second = now->boot.ns / NS_PER_S;
	size_t i = hash % SIP_BUSY;

	if (s->busy[i].hash != hash || s->busy[i].second != second) {
		s->busy[i].hash = hash;
		s->busy[i].second = second;
		s->busy[i].n = 0;
	}
	if (++s->busy[i].n == SIP_BUSY_PER_S) {
		wall_t until = standing_until(s->standing, &ev->peer);
		struct sensor_entry e = {
			.who = ev->peer, .standing = SIP_KNOWN, .until = boot_of(until, now),
			.quiet_until = { now->boot.ns + QUIET_NS },
		};

		if (until.us > now->wall.us)
			set_entry(s, &e);
	}
}

static void on_event(void *ctx, const struct sensor_event *ev)
{
	struct exchange_seen seen = {
		.peer = ev->peer, .out = ev->out, .tcp = ev->protocol == IPPROTO_TCP,
		.when = ev->when,
	};
	struct exchange_result result;
	struct sip_message m;
	struct sip *s = ctx;
	struct now now = sip_now(s);

	s->stats.events++;
	if (ev->standing == SIP_KNOWN)
		watch_busy(s, ev, &now);
	if (sip_message_read(&m, ev->text, ev->len)) {
		s->stats.unreadable++;
		return;
	}
	/* Events of several processors may be out of order by a little. */
	if (seen.when.ns > now.boot.ns)
		seen.when = now.boot;
	seen.message = &m;
	exchanges_see(s->exchanges, &seen, &result);
	take_result(s, &result, ev->standing, &now);
}

/*
 * The first message wakes us up; then we look again by ourselves until there is
 * nothing more.  A wake-up for each would take more from the server, which shares
 * our processor, than all that we do with the messages.  The timer rings late
 * enough for whoever saw the promise to have put down what it had.
 */
static void look(void *ctx)
{
	struct sip *s = ctx;
	uint64_t now = loop_boot(s->p.loop).ns;
	int n;

	sensor_reads_at(s->sensor, (boot_t){ 0 });
	n = sensor_read(s->sensor, EVENTS_AT_ONCE, on_event, s);
	if (n < 0 && n != -EAGAIN && n != -EINTR)
		log_warn("sensor: cannot read what it shows: %s", strerror(-n));
	if (n <= 0)
		return;
	if (n < EVENTS_AT_ONCE)
		sensor_reads_at(s->sensor, (boot_t){ now + LOOK_NS });
	loop_timer_at(s->p.loop, &s->look,
		      (boot_t){ n < EVENTS_AT_ONCE ? now + LOOK_NS + LOOK_LATE_NS : now });
}

static void on_events(void *ctx, int fd, uint32_t events)
{
	(void)fd, (void)events;
	look(ctx);
}

/* ---- time --------------------------------------------------------------------------- */

static void sweep(struct sip *s, const struct now *now)
{
	boot_t next;

	if (s->sweeping)
		s->sweeping = sensor_sweep(s->sensor, now->boot) > 0;
	if (s->sweep_at.ns > now->boot.ns)
		return;
	s->sweep_at.ns = now->boot.ns + SWEEP_NS;
	if (standing_fade(s->standing, now->wall))
		s->p.changed(s->p.ctx);
	limits_fade(s->limits, now->boot, &next);
	s->sweeping = true;
}

static void on_tick(void *ctx)
{
	struct sip *s = ctx;
	struct now now = sip_now(s);
	struct exchange_result result;

	if (s->listening)
		look(s);
	sip_tick_trust(s, &now);
	while (exchanges_next_due(s->exchanges, now.boot, &result))
		take_result(s, &result, SIP_UNKNOWN, &now);
	sip_tick_siege(s, &now);
	sip_log_silent(s);
	sweep(s, &now);
	loop_timer_in(s->p.loop, &s->tick, SIEGE_TICK_NS);
}

/* ---- settings ----------------------------------------------------------------------- */

static void tell_rules(struct sip *s, const struct config_settings *c)
{
	struct diag d = { 0 };
	struct sip_rules rules;
	int err;

	/* What is wrong has been reported when the configuration was checked. */
	sip_rules_read(&rules, c, &d);
	diag_fini(&d);
	err = sensor_configure(s->sensor, &rules.limits);
	if (!err)
		err = sensor_signatures(s->sensor, rules.signatures, rules.n_signatures);
	if (err)
		log_err("sensor: cannot set its limits and signatures: %s", strerror(-err));
	s->signatures = &c->sip_signatures;
}

void sip_configure(struct sip *s, const struct config_settings *c)
{
	s->wanted = c->sip_sensor;
	s->known_us = (int64_t)(c->sip_known_for * 1e6);
	s->by_calls = (struct callers_rule){
		(unsigned int)c->sip_known_calls, (uint64_t)(c->sip_known_apart * 1e9),
	};
	s->length = (struct limits_length){
		(uint64_t)(c->sip_limit_time * 1e9), (uint64_t)(c->sip_limit_max * 1e9),
	};
	s->bounds = (struct siege_bounds){ c->sip_siege_above, c->sip_siege_below,
					   c->sip_siege_calm };
	/* What somebody asked for by hand stays. */
	if ((s->siege.mode == SIEGE_AUTO) == s->siege_auto && s->siege.mode != SIEGE_ON)
		siege_set(&s->siege, c->sip_siege ? SIEGE_AUTO : SIEGE_OFF, WALL_NEVER);
	s->siege_auto = c->sip_siege;
	if (s->sensor)
		tell_rules(s, c);
}

void sip_check_switch(const struct sip *s, const struct config_settings *c, struct diag *d)
{
	if (c->sip_sensor != s->wanted_first)
		diag_add(d, DIAG_WARNING, NULL, 0, "sip-sensor = %s takes a restart, as only a "
			 "starting daemon may load programs; until then the SIP sensor %s",
			 c->sip_sensor ? "on" : "off",
			 s->sensor ? "goes on" : "stays off");
}

/* ---- life --------------------------------------------------------------------------- */

int sip_new(struct sip **out, const struct sip_params *p, const struct config_settings *c)
{
	struct sip *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->p = *p;
	s->tick = (struct loop_timer){ .fn = on_tick, .ctx = s };
	s->look = (struct loop_timer){ .fn = look, .ctx = s };
	hmap_draw_seed(s->busy_seed);
	s->challenges = challenges_new(MAX_CHALLENGES);
	s->exchanges = s->challenges ? exchanges_new(MAX_CALLS, s->challenges) : NULL;
	s->callers = callers_new(MAX_CALLERS);
	s->standing = standing_new((size_t)c->sip_sources / 2);
	s->limits = limits_new(MAX_LIMITS);
	if (!s->exchanges || !s->callers || !s->standing || !s->limits) {
		sip_free(s);
		return -ENOMEM;
	}
	siege_init(&s->siege, c->sip_siege ? SIEGE_AUTO : SIEGE_OFF);
	s->siege_auto = c->sip_siege;
	sip_configure(s, c);
	s->wanted_first = s->wanted;
	*out = s;
	return 0;
}

void sip_free(struct sip *s)
{
	if (!s)
		return;
	if (s->listening)
		loop_del(s->p.loop, sensor_fd(s->sensor));
	loop_timer_cancel(s->p.loop, &s->tick);
	loop_timer_cancel(s->p.loop, &s->look);
	sensor_close(s->sensor);
	exchanges_free(s->exchanges);
	challenges_free(s->challenges);
	callers_free(s->callers);
	standing_free(s->standing);
	limits_free(s->limits);
	free(s);
}

int sip_open(struct sip *s, struct enforcer *e, const struct config_settings *c)
{
	int err = c->sip_sensor ? sensor_open(&s->sensor, e) : -ENOENT;

	if (!err)
		tell_rules(s, c);
	return err == -EOPNOTSUPP || err == -ENOENT ? 0 : err;
}

static void tell_known(void *ctx, const struct ipaddr *who, wall_t until)
{
	struct sip *s = ctx;
	struct now now = sip_now(s);

	sip_set_standing(s, who, SIP_KNOWN, boot_of(until, &now));
}

void sip_begin(struct sip *s)
{
	int err;

	if (!s->sensor)
		return;
	standing_fade(s->standing, loop_wall(s->p.loop));
	standing_each(s->standing, tell_known, s);
	err = loop_add(s->p.loop, sensor_fd(s->sensor), EPOLLIN, on_events, s);
	if (err)
		log_err("sensor: cannot listen to it: %s", strerror(-err));
	s->listening = !err;
	on_tick(s);
}

bool sip_runs(const struct sip *s)
{
	return s->sensor;
}

struct challenges *sip_challenges(struct sip *s)
{
	return s->challenges;
}

/* ---- the database --------------------------------------------------------------------- */

static const char siege_key[] = "siege";

void sip_export(struct sip *s, sip_export_fn *fn, void *ctx)
{
	uint8_t value[SIEGE_BYTES];

	standing_export(s->standing, fn, ctx);
	if (!s->siege_changed)
		return;
	siege_write(&s->siege, value);
	fn(ctx, siege_key, sizeof(siege_key), value, sizeof(value));
	s->siege_changed = false;
}

void sip_touch(struct sip *s)
{
	standing_touch(s->standing);
	s->siege_changed = true;
}

int sip_import(struct sip *s, const void *key, size_t key_len,
	       const void *value, size_t value_len)
{
	if (key_len == sizeof(siege_key) && !memcmp(key, siege_key, key_len))
		return siege_read(&s->siege, value, value_len);
	return standing_import(s->standing, key, key_len, value, value_len);
}
