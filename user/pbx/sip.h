/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip - the user's side of the SIP sensor: what it shows is put together (user/sip/),
 * failures go to the jails that are fed by it, who has authenticated is known, who
 * fails without proof is limited, and a siege begins and ends.
 * Without a sensor all this is there and does nothing, except that what logs say of
 * logins and challenges is remembered.
 */
#pragma once
#include <jansson.h>

#include "base/loop.h"
#include "lanes/lane.h"
#include "lanes/pipeline.h"
#include "sip/siege.h"

struct sip;
struct enforcer;

#define SIP_OWNER	"[sip]"		/* in the database; no jail can have this name */

struct sip_params {
	struct loop *loop;			/* borrows, as everything here */
	struct pipeline *const *pipeline;	/* looked at when something happens */
	struct allowlist *everyone;		/* whom nobody bans: trusted */
	void (*changed)(void *ctx);		/* the database should hear of it */
	void *ctx;
};

/* 0 or -ENOMEM.  @settings: for the call only. */
int sip_new(struct sip **out, const struct sip_params *p,
	    const struct config_settings *settings);
void sip_free(struct sip *s);		/* NULL is fine; the sensor goes on without us */
/*
 * New settings (reload).  Whether there is a sensor is decided at the start, as
 * loading its program needs rights that the daemon gives up then: sip_check_switch()
 * says so.  Borrows the signatures in @settings, here and below, until the next ones
 * come.
 */
void sip_configure(struct sip *s, const struct config_settings *settings);
void sip_check_switch(const struct sip *s, const struct config_settings *settings,
		      struct diag *d);

/*
 * Take the sensor of @e, if it has one; before privileges are dropped.  Not having
 * one is no error.  0 or -errno, after logging.
 */
int sip_open(struct sip *s, struct enforcer *e, const struct config_settings *settings);
/* All has been read back from the database: the sensor is told, and listened to. */
void sip_begin(struct sip *s);
bool sip_runs(const struct sip *s);
struct challenges *sip_challenges(struct sip *s);

/* @who has logged in; also for what logs and events say. */
void sip_succeeded(struct sip *s, const struct ipaddr *who, const struct now *now);
/* A jail has had enough of somebody and no proof: he is limited for a while. */
void sip_limit(struct sip *s, const struct lane *lane, const struct verdict *v,
	       const struct now *now);
/* By hand: he, or all in a network, are not limited any more; how many. */
size_t sip_forgive(struct sip *s, const struct ipaddr *who);
/* As an operator says, until @until.  0; -ENOENT: there is no sensor. */
int sip_set_siege(struct sip *s, enum siege_mode mode, wall_t until);

/* For the database, as in decide/window.h. */
typedef void sip_export_fn(void *ctx, const void *key, size_t key_len,
			   const void *value, size_t value_len);
void sip_export(struct sip *s, sip_export_fn *fn, void *ctx);
void sip_touch(struct sip *s);
/* 0; -EINVAL: it is not ours; -ENOMEM. */
int sip_import(struct sip *s, const void *key, size_t key_len,
	       const void *value, size_t value_len);

/* sip_report.c: for status, list and why; new objects.  @within NULL: all. */
json_t *sip_report(struct sip *s, json_t *problems);
json_t *sip_report_siege(struct sip *s);
typedef void sip_row_fn(void *ctx, json_t *row);	/* takes @row */
void sip_report_limits(struct sip *s, const struct ipaddr *within, sip_row_fn *fn, void *ctx);
/* What is known of an address; NULL: nothing, or it is a network. */
json_t *sip_report_address(struct sip *s, const struct ipaddr *who);
