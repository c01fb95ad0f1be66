/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sip_private - what sip.c (work), sip_limit.c (limits, siege) and sip_report.c share. */
#pragma once
#include "pbx/sip.h"
#include "sip/callers.h"
#include "sip/challenge.h"
#include "sip/exchange.h"
#include "sip/limits.h"
#include "sip/standing.h"
#include "sensor/sensor.h"

enum {
	SIP_BUSY = 1024,		/* places for those who send much */
	SIP_BUSY_PER_S = 100,		/* events of a known source that are too many */
	SIP_LOGGED_PER_S = 10,		/* limits; the others are summed up */
};

struct sip_stats {
	uint64_t events;		/* read from the sensor */
	uint64_t unreadable;		/* of these, were no SIP that we understand */
	uint64_t refused, proven;	/* failures given to jails; with proof */
	uint64_t spared;		/* failures, or limits, without proof, of those we know */
	uint64_t succeeded;
	uint64_t answered;		/* calls of strangers */
	uint64_t limited;		/* since the start */
	uint64_t lifted;		/* of these, early: they have logged in */
	uint64_t refused_by_kernel;	/* a standing that the sensor had no room for */
};

struct sip {
	struct sip_params p;
	struct sensor *sensor;		/* owns; NULL: there is none */
	bool listening;			/* its descriptor is in the loop */
	struct challenges *challenges;
	struct exchanges *exchanges;
	struct callers *callers;
	struct standing *standing;
	struct limits *limits;
	struct siege siege;
	bool siege_changed;		/* the database should hear of it */
	struct loop_timer look;		/* at the sensor, soon after it showed something */
	struct loop_timer tick;		/* each second, while there is a sensor */
	boot_t sweep_at;
	bool sweeping;			/* the kernel's table, a step each tick */
	int64_t known_us;
	struct callers_rule by_calls;
	struct limits_length length;
	struct siege_bounds bounds;
	const struct texts *signatures;	/* borrows: those of the settings in force */
	bool siege_auto;		/* the settings' own mode */
	bool wanted;			/* the settings want a sensor; at the start: */
	bool wanted_first;
	uint64_t trust_version;		/* of what the sensor was told; 0: nothing yet */
	int trust_error;
	/* How much known sources show us in this second. */
	struct { uint64_t hash, second; uint32_t n; } busy[SIP_BUSY];
	uint64_t busy_seed[2];
	struct { uint32_t logged, silent; } log;	/* of limits, in this second */
	struct sip_stats stats;
};

/* Give @who this standing until then; what the kernel refuses is counted. */
void sip_set_standing(struct sip *s, const struct ipaddr *who, enum sip_standing standing,
		      boot_t until);
/* Does he have a better standing than strangers? */
bool sip_is_known(const struct sip *s, const struct ipaddr *who, const struct now *now);
/* sip_trust.c: tell the sensor whom to trust, if that has changed. */
void sip_tick_trust(struct sip *s, const struct now *now);
/* sip_limit.c: a second has gone. */
void sip_tick_siege(struct sip *s, const struct now *now);
void sip_log_silent(struct sip *s);
void sip_lift(struct sip *s, const struct ipaddr *who, const struct now *now);
static inline struct now sip_now(const struct sip *s)
{
	return (struct now){ loop_boot(s->p.loop), loop_wall(s->p.loop) };
}
