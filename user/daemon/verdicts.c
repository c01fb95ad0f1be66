// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/verdicts.h"

#include <errno.h>

#include "base/log.h"
#include "daemon/parts.h"
#include "keeping/evidence.h"

static void ban(struct daemon *d, struct lane *lane, const struct verdict *v)
{
	size_t max_lines = (size_t)d->config->settings.dbmaxmatches;
	struct str lines = { 0 };
	struct allow_match saved;
	struct ban_wish w = {
		.who = v->who, .jail = lane_conf(lane)->name, .since = v->when,
		.bantime_us = v->bantime_us, .failures = v->failures,
		.earlier = v->earlier, .scope = (uint16_t)lane_scope(lane),
	};
	int err;

	if (bans_wants_lines(d->bans, w.jail, &w.who)) {
		evidence_write(window_kept_lines(v->lines), max_lines, &lines);
		w.lines = lines.s;
	}
	err = bans_add(d->bans, &w, &saved);
	str_fini(&lines);
	if (err == -EPERM)
		log_warn("[%s] %s made %u failures, but must not be banned (%s)",
			 w.jail, v->id, v->failures, allow_kind_name(saved.kind));
	else if (err < 0 && err != -ETIME)
		log_err("[%s] cannot ban %s: %s", w.jail, v->id, strerror(-err));
	saver_touch(d->saver);
}

void verdict_passed(void *ctx, struct lane *lane, const struct verdict *v,
		    const struct now *now)
{
	const char *jail = lane_conf(lane)->name;

	struct daemon *d = ctx;

	if (lane_scope(lane) == LANE_REPORTS)
		log_notice("[%s] Reached %u failures: %s (no firewall action: not banned)",
			   jail, v->failures, v->id);
	else if (v->unproven)
		sip_limit(d->sip, lane, v, now);
	else if (!v->who.family)
		log_warn("[%s] '%s' is not an address and cannot be banned", jail, v->id);
	else if (v->who.family == 6 && d->config->settings.allowipv6 == TRI_NO)
		log_notice("[%s] Reached %u failures: %s (allowipv6 = no: not banned)",
			   jail, v->failures, v->id);
	else
		ban(d, lane, v);
}

void verdict_banned(void *ctx, const struct ban *ban)
{
	struct daemon *d = ctx;
	struct now now = { loop_boot(d->loop), loop_wall(d->loop) };

	neighbours_note(d->neighbours, ban);
	/* A network is banned for what its addresses did, which has been counted. */
	if (streq(ban->jail, NEIGHBOURS_JAIL))
		return;
	for (size_t i = 0; i < pipeline_count(d->pipeline); i++) {
		struct lane *lane = pipeline_lane(d->pipeline, i);

		if (lane_conf(lane)->backend == LOG_BANS)
			lane_note_ban(lane, ban->jail, &ban->who, ban->since, &now);
	}
}

/*
 * A jail bans nobody in its own ignoreip; whoever bans for no jail, by hand or a
 * whole network, nobody in any jail's.
 */
bool verdict_spares(void *ctx, const char *jail, const struct ipaddr *who,
		    struct allow_match *why)
{
	struct daemon *d = ctx;
	boot_t now = loop_boot(d->loop);
	struct lane *own = pipeline_find(d->pipeline, jail);

	daemon_check_resolvers(d);
	if (allowlist_touches(d->everyone, who, now, why))
		return true;
	if (own)
		return allowlist_touches(lane_allow(own), who, now, why);
	for (size_t i = 0; i < pipeline_count(d->pipeline); i++)
		if (allowlist_touches(lane_allow(pipeline_lane(d->pipeline, i)), who, now, why))
			return true;
	return false;
}
