// SPDX-License-Identifier: GPL-2.0-or-later
/* sensor_maps - the first settings of the sensor, and those that its maps make. */
#include "sensor_maps.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "maps/walk.h"
#include "sensor_private.h"

static uint32_t bits_of(uint32_t entries)
{
	uint32_t bits = 0;

	while (1u << bits < entries)
		bits++;
	return bits;
}

int sensor_settle(const struct maps *maps, const bool made[MAP_N], bool count)
{
	struct bpf_map_info info = { 0 };
	struct sip_settings s, before;
	uint32_t len = sizeof(info);
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(maps->fd[MAP_SIP_SETTINGS], &zero, &s);

	if (!err)
		err = bpf_obj_get_info_by_fd(maps->fd[MAP_SIP_SKETCH], &info, &len);
	if (err)
		return err;
	before = s;
	if (made[MAP_SIP_SETTINGS]) {
		struct sensor_settings fresh;

		sensor_defaults(&fresh);
		sensor_encode(&fresh, &s);
		front_keys_draw(&s.keys);
	}
	s.sketch_bits = bits_of(info.max_entries);
	/* Until sensor_front_open() has filled it. */
	if (made[MAP_SIP_FRONT] || made[MAP_SIP_SETTINGS])
		s.front = 0;
	if (made[MAP_SIP_SIGNATURES])
		s.n_signatures = 0;
	/* Others than the writer would count while it writes. */
	if (made[MAP_SIP_SETTINGS] || count)
		err = map_count(maps->fd[MAP_SIP_NETS], &s.nets);
	if (err || !memcmp(&s, &before, sizeof(s)))
		return err;
	return bpf_map_update_elem(maps->fd[MAP_SIP_SETTINGS], &zero, &s, BPF_ANY);
}
