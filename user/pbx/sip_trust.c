// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sip_trust - whom the sensor must never limit: everybody's allowlist (this machine,
 * trunks from the PBX's configuration), and the ignoreip of the sensor's own jails.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "pbx/sip_private.h"

typedef void list_fn(struct sip *s, struct allowlist *list, boot_t now, void *ctx);

static void each_list(struct sip *s, boot_t now, list_fn *fn, void *ctx)
{
	fn(s, s->p.everyone, now, ctx);
	for (size_t i = 0; i < pipeline_count(*s->p.pipeline); i++) {
		struct lane *lane = pipeline_lane(*s->p.pipeline, i);

		if (lane_conf(lane)->backend == LOG_SENSOR)
			fn(s, lane_allow(lane), now, ctx);
	}
}

/* The lists of a new pipeline are other lists, so their address counts, too. */
static void add_version(struct sip *s, struct allowlist *list, boot_t now, void *ctx)
{
	(void)s;
	*(uint64_t *)ctx = *(uint64_t *)ctx * 31 + allowlist_version(list, now) +
			   (uintptr_t)list;
}

struct nets { struct ipaddr *v; size_t n; };

static void count_net(void *ctx, const struct allow_match *entry)
{
	(void)entry;
	((struct nets *)ctx)->n++;
}

static void take_net(void *ctx, const struct allow_match *entry)
{
	struct nets *nets = ctx;

	nets->v[nets->n++] = entry->net;
}

static void count_list(struct sip *s, struct allowlist *list, boot_t now, void *ctx)
{
	(void)s;
	allowlist_each(list, now, count_net, ctx);
}

static void take_list(struct sip *s, struct allowlist *list, boot_t now, void *ctx)
{
	(void)s;
	allowlist_each(list, now, take_net, ctx);
}

static int tell(struct sip *s, boot_t now)
{
	struct nets nets = { 0 };
	int err;

	each_list(s, now, count_list, &nets);
	nets.v = calloc(nets.n + 1, sizeof(*nets.v));
	if (!nets.v)
		return -ENOMEM;
	nets.n = 0;
	each_list(s, now, take_list, &nets);
	err = sensor_trust(s->sensor, nets.v, nets.n);
	free(nets.v);
	return err;
}

void sip_tick_trust(struct sip *s, const struct now *now)
{
	uint64_t version = 1;
	int err;

	if (!s->sensor)
		return;
	each_list(s, now->boot, add_version, &version);
	if (version == s->trust_version)
		return;
	err = tell(s, now->boot);
	s->trust_version = version;
	s->trust_error = err;
	if (err)
		log_err("sensor: not all of the allowlist is trusted: %s (sip-sources)",
			strerror(-err));
}
