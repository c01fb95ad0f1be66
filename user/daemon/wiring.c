// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/parts.h"

#include <errno.h>
#include <math.h>
#include <sys/random.h>

#include "daemon/verdicts.h"
#include "pbx/sip_settings.h"

static void on_name(void *ctx, struct lane *lane, const struct lane_failure *f)
{
	struct daemon *d = ctx;

	deferred_resolve(d->deferred, lane, f);
}

static void on_question(void *ctx, struct lane *lane, const struct lane_failure *f)
{
	struct daemon *d = ctx;

	deferred_ask(d->deferred, lane, f);
}

static struct jail_past past_of(void *ctx, const char *jail, const struct ipaddr *who)
{
	struct daemon *d = ctx;
	struct ban_past p = bans_past(d->bans, jail, who);

	return (struct jail_past){ .bans = p.bans, .last = p.last };
}

/* For bantime.rndtime: botnets must not learn when a ban ends. */
static double random_unit(void *ctx)
{
	uint32_t n = 0;

	(void)ctx;
	if (getrandom(&n, sizeof(n), GRND_NONBLOCK) != sizeof(n))
		return 0;
	return ldexp(n, -32);
}

static bool position_of(void *ctx, const char *name, struct source_position *p)
{
	struct daemon *d = ctx;
	const struct source_position *known = positions_get(&d->positions, name);

	if (known)
		*p = *known;
	return known;
}

static void on_success(void *ctx, const struct ipaddr *who, const struct now *now)
{
	struct daemon *d = ctx;

	sip_succeeded(d->sip, who, now);
}

void daemon_progressed(void *ctx)
{
	struct daemon *d = ctx;

	saver_touch(d->saver);
	upkeep_touch(d->upkeep);
}

/* Give every lane the number of its scope, which the kernel must know first. */
static int set_scopes(struct daemon *d, struct pipeline *pl, struct diag *problems)
{
	int err = 0;

	for (size_t i = 0; i < pipeline_count(pl) && !err; i++) {
		struct lane *lane = pipeline_lane(pl, i);
		int id = ENFORCE_SCOPE_ALL;
		int ret = bans_scope(d->bans, lane_conf(lane), &id);

		if (ret == -E2BIG || ret == -ENOSPC)
			diag_warn(problems, &lane_conf(lane)->where,
				  "jail '%s': too many ports; it bans every port",
				  lane_conf(lane)->name);
		else
			err = ret;
		if (id == LANE_REPORTS)
			diag_warn(problems, &lane_conf(lane)->where, "jail '%s' has no "
				  "firewall action: it reports and bans nobody",
				  lane_conf(lane)->name);
		lane_set_scope(lane, id);
	}
	return err;
}

int daemon_build_pipeline(struct daemon *d, struct config *config, struct pipeline *old,
			  struct pipeline **out, struct diag *problems)
{
	struct pipeline_params p = {
		.loop = d->loop, .config = config, .env = d->env, .old = old,
		.position = position_of, .progress = daemon_progressed, .ctx = d,
		.lane = {
			.everyone = d->everyone, .past = past_of, .random = random_unit,
			.max_ids = 1, .pool = d->tracked,
			.ipv6_prefix = (uint8_t)config->settings.ipv6_prefix,
			.graded = sip_runs(d->sip), .challenges = sip_challenges(d->sip),
			.ops = { .verdict = verdict_passed, .resolve = on_name,
				 .ask = on_question, .ctx = d,
				 .success = sip_runs(d->sip) ? on_success : NULL },
		},
	};
	int err = pipeline_new(out, &p, problems);

	events_check(config, !old, problems);
	sip_check(&config->settings, problems);
	sip_check_switch(d->sip, &config->settings, problems);
	return err ? err : set_scopes(d, *out, problems);
}
