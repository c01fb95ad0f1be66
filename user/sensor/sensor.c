// SPDX-License-Identifier: GPL-2.0-or-later
/* sensor - opening it, and what it is told: ports, limits, signatures, siege. */
#include "sensor_private.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "maps/maps.h"

/* ---- life ------------------------------------------------------------------------ */

static const enum map_id map_of[SENSOR_MAPS] = {
	[SENSOR_SOURCES] = MAP_SIP_SOURCES, [SENSOR_NETS] = MAP_SIP_NETS,
	[SENSOR_SIGNATURES] = MAP_SIP_SIGNATURES, [SENSOR_HEAVY] = MAP_SIP_HEAVY,
	[SENSOR_CPU] = MAP_SIP_CPU, [SENSOR_EVENTS] = MAP_SIP_EVENTS,
	[SENSOR_SETTINGS] = MAP_SIP_SETTINGS, [SENSOR_FRONT] = MAP_SIP_FRONT,
	[SENSOR_READER] = MAP_SIP_READER,
};

static int take_maps(struct sensor *s, const struct maps *maps)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	int err;

	for (int m = 0; m < SENSOR_MAPS; m++) {
		s->fd[m] = fcntl(maps->fd[map_of[m]], F_DUPFD_CLOEXEC, 0);
		if (s->fd[m] < 0)
			return -errno;
	}
	err = bpf_obj_get_info_by_fd(s->fd[SENSOR_SOURCES], &info, &len);
	s->max_sources = info.max_entries;
	return err;
}

static int make(struct sensor **out, const struct maps *maps)
{
	struct sensor *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	for (int m = 0; m < SENSOR_MAPS; m++)
		s->fd[m] = -1;
	err = take_maps(s, maps);
	if (!err)
		err = sensor_ring_open(s);
	if (!err)
		err = sensor_front_open(s);
	if (!err)
		err = sensor_recount(s);
	if (!err)
		err = sensor_front_use(s);
	if (err) {
		log_err("sensor: cannot open its maps: %s", strerror(-err));
		sensor_close(s);
		return err;
	}
	*out = s;
	return 0;
}

int sensor_open(struct sensor **out, struct enforcer *e)
{
	const struct maps *maps = (const struct maps *)e;

	if (!streq(enforcer_name(e), "xdp"))
		return -EOPNOTSUPP;
	return maps->sensor ? make(out, maps) : -ENOENT;
}

void sensor_close(struct sensor *s)
{
	if (!s)
		return;
	sensor_ring_close(s);
	sensor_sweep_stop(s);
	sensor_front_close(s);
	for (int m = 0; m < SENSOR_MAPS; m++)
		if (s->fd[m] >= 0)
			close(s->fd[m]);
	free(s);
}

/* ---- settings ---------------------------------------------------------------------- */

void sensor_defaults(struct sensor_settings *out)
{
	const struct sensor_rate goes_on = { 20, 100 };

	*out = (struct sensor_settings){
		.ports = { { 5060, 5061 } }, .n_ports = 1,
		.source = {
			/*
			 * An office of thirty phones whose address is new gets in
			 * without a message lost; a larger one half a second later,
			 * when the phones ask again and one has made it known.
			 * Who stays unknown has no more to ask than that: at 1.25
			 * messages a second its 50th is one too many.
			 */
			[SIP_REGISTER] = { 0.5, 30 },
			/* A provider that nothing vouches for: 7,200 calls an hour. */
			[SIP_INVITE] = { 2, 20 },
			/* Some trunks look every half second whether we are there. */
			[SIP_OPTIONS] = { 2, 20 },
			[SIP_DIALOG] = goes_on, [SIP_RESPONSE] = goes_on,
			[SIP_KEEPALIVE] = goes_on, [SIP_OTHER] = { 5, 40 },
			[SIP_CONNECT] = { 5, 40 },
			[SIP_BUCKET_ANSWER] = { 1, 10 }, [SIP_BUCKET_SUSPECT] = { 0.2, 3 },
		},
		.known = { 1000, 3000 }, .penalty = { 0.5, 5 },
	};
	/*
	 * A fifth of what makes Asterisk lose registrations, and more than 200
	 * sources of a flood get through before their own limits stop them.
	 */
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		out->all[i] = (struct sensor_rate){ 2000, 4000 };
}

/* So that no product below can overflow. */
#define RATE_MIN	1e-3
#define RATE_MAX	1e9
#define BURST_MAX	1000000

static int encode_rate(const struct sensor_rate *r, struct sip_limit *out)
{
	*out = (struct sip_limit){ 0 };
	if (r->per_s == 0)
		return 0;
	if (!(r->per_s >= RATE_MIN && r->per_s <= RATE_MAX) || !r->burst ||
	    r->burst > BURST_MAX)
		return -EINVAL;
	out->interval = (uint64_t)((double)NS_PER_S / r->per_s);
	/* Half a message more: the clock of one CPU may be a tick behind another's. */
	out->slack = out->interval * r->burst + out->interval / 2;
	return 0;
}

static int encode_ports(const struct sensor_settings *set, struct sip_settings *out)
{
	if (set->n_ports > SENSOR_PORTS)
		return -EINVAL;
	memset(out->ports, 0, sizeof(out->ports));
	for (size_t i = 0; i < set->n_ports; i++) {
		if (set->ports[i].first > set->ports[i].last)
			return -EINVAL;
		for (uint32_t p = set->ports[i].first; p <= set->ports[i].last; p++)
			out->ports[p / 64] |= 1ull << p % 64;
	}
	return 0;
}

int sensor_encode(const struct sensor_settings *set, struct sip_settings *out)
{
	int err = encode_ports(set, out);

	if (!err)
		err = encode_rate(&set->known, &out->known);
	if (!err)
		err = encode_rate(&set->penalty, &out->penalty);
	for (size_t i = 0; i < SIP_BUCKETS && !err; i++) {
		err = encode_rate(&set->source[i], &out->unknown[i]);
		if (!err)
			err = encode_rate(&set->all[i], &out->all[i]);
	}
	return err;
}

int sensor_settings_get(const struct sensor *s, struct sip_settings *out)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(s->fd[SENSOR_SETTINGS], &zero, out);
}

int sensor_settings_put(const struct sensor *s, const struct sip_settings *set)
{
	__u32 zero = 0;

	return bpf_map_update_elem(s->fd[SENSOR_SETTINGS], &zero, set, BPF_ANY);
}

int sensor_configure(struct sensor *s, const struct sensor_settings *set)
{
	struct sip_settings in;
	int err = sensor_settings_get(s, &in);

	if (!err)
		err = sensor_encode(set, &in);
	return err ? err : sensor_settings_put(s, &in);
}

int sensor_siege(struct sensor *s, boot_t until)
{
	struct sip_settings in;
	int err = sensor_settings_get(s, &in);

	if (err || in.siege_until == until.ns)
		return err;
	in.siege_until = until.ns;
	return sensor_settings_put(s, &in);
}

/* ---- signatures ---------------------------------------------------------------------- */

/* In memory order, as the program loads it. */
static int encode_signature(const struct sensor_signature *sig, struct sip_signature *out)
{
	uint8_t *text = (uint8_t *)out->text, *fold = (uint8_t *)out->fold,
		*mask = (uint8_t *)out->mask;
	size_t len = strlen(sig->text);

	if (!len || len > SIP_SIGNATURE_LEN || sig->where > SIP_USER_AGENT ||
	    sig->action > SIP_DROP)
		return -EINVAL;
	*out = (struct sip_signature){ .where = (uint8_t)sig->where, .len = (uint8_t)len,
				       .action = (uint8_t)sig->action };
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)sig->text[i];

		fold[i] = isalpha(c) ? 0x20 : 0;
		text[i] = c | fold[i];
		mask[i] = 0xff;
	}
	return 0;
}

int sensor_signatures(struct sensor *s, const struct sensor_signature *list, size_t n)
{
	struct sip_signature sig[SIP_SIGNATURES];
	struct sip_settings in;
	int err = n > SIP_SIGNATURES ? -E2BIG : sensor_settings_get(s, &in);

	for (size_t i = 0; i < n && !err; i++)
		err = encode_signature(&list[i], &sig[i]);
	if (err)
		return err;
	/* None while they change: half a list must not drop anything. */
	in.n_signatures = 0;
	err = sensor_settings_put(s, &in);
	for (__u32 i = 0; i < n && !err; i++)
		err = bpf_map_update_elem(s->fd[SENSOR_SIGNATURES], &i, &sig[i], BPF_ANY);
	in.n_signatures = (uint32_t)n;
	return err ? err : sensor_settings_put(s, &in);
}

uint64_t sensor_signature_found(struct sensor *s, size_t i)
{
	struct sip_signature sig;
	__u32 key = (__u32)i;

	return bpf_map_lookup_elem(s->fd[SENSOR_SIGNATURES], &key, &sig) ? 0 : sig.found;
}
