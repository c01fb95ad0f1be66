// SPDX-License-Identifier: GPL-2.0-or-later
/* What limits refused: all of it for `status --json`, and for people what leaves a hole. */
#include "requests/report.h"

#include "base/jsontext.h"
#include "control/ctl_server.h"

struct cap {
	const char *name;
	uint64_t refused;
	const char *problem;	/* NULL: whoever was refused has heard it, or comes again */
};

/* Bans that lack log lines, which were overwritten before. */
static uint64_t cut_evidence(const struct daemon *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < pipeline_count(d->pipeline); i++) {
		struct jail *jail = lane_jail(pipeline_lane(d->pipeline, i));

		n += window_stats(jail_window(jail)).cut;
		if (jail_unproven(jail))
			n += window_stats(jail_unproven(jail)).cut;
	}
	return n;
}

json_t *report_caps(const struct daemon *d, json_t *problems)
{
	const struct deferred_stats *deferred = deferred_stats(d->deferred);
	const struct cap caps[] = {
		{ "connections", ctl_server_refused(d->control), NULL },
		{ "questions", resolver_refused(deferred_resolver(d->deferred)), NULL },
		{ "evidence", cut_evidence(d), NULL },
		{ "failures", deferred->dropped, "failures were not counted: too many waited "
		  "for a name (usedns) or an ignorecommand" },
		{ "ignorecommands", deferred->failed, "times an ignorecommand did not run or "
		  "did not answer" },
		{ "allowlist", allowlist_stats(d->everyone).refused, "entries of the "
		  "allowlist were refused: raise max-allow" },
		{ "pasts", bans_pasts_evicted(d->bans), NULL },
		{ "positions", d->positions.refused, "places in logs were not kept: these "
		  "logs were read anew" },
		{ "trusted_names", trust_book_refused(trust_known(d->trust)), "host names of "
		  "trunks are more than are kept: they are not covered" },
	};
	json_t *all = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		json_object_set_new(all, caps[i].name, json_integer((json_int_t)caps[i].refused));
		if (caps[i].refused && caps[i].problem)
			json_add_text(problems, "%llu %s", (unsigned long long)caps[i].refused,
				      caps[i].problem);
	}
	return all;
}
