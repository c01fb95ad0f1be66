// SPDX-License-Identifier: GPL-2.0-or-later
/* maps - taking them over, and the settings that belong to them. */
#include "maps_private.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const map_names[MAP_N] = {
	[MAP_BANS4] = "bans4", [MAP_BANS6] = "bans6",
	[MAP_NETS4] = "nets4", [MAP_NETS6] = "nets6",
	[MAP_ALLOW4] = "allow4", [MAP_ALLOW6] = "allow6",
	[MAP_FRONT4] = "front4", [MAP_FRONT6] = "front6", [MAP_NEAR] = "near",
	[MAP_SCOPES] = "scopes", [MAP_SETTINGS] = "settings", [MAP_CPU] = "cpu",
	[MAP_SIP_SOURCES] = "sip_sources", [MAP_SIP_NETS] = "sip_nets",
	[MAP_SIP_SKETCH] = "sip_sketch", [MAP_SIP_SIGNATURES] = "sip_signatures",
	[MAP_SIP_HEAVY] = "sip_heavy", [MAP_SIP_CPU] = "sip_cpu",
	[MAP_SIP_SCRATCH] = "sip_scratch", [MAP_SIP_EVENTS] = "sip_events",
	[MAP_SIP_SETTINGS] = "sip_settings", [MAP_SIP_ALL] = "sip_all",
	[MAP_SIP_FRONT] = "sip_front", [MAP_SIP_READER] = "sip_reader",
};

void maps_init(struct maps *maps)
{
	for (int m = 0; m < MAP_N; m++)
		maps->fd[m] = -1;
	maps->hosts[0] = maps->hosts[1] = UINT32_MAX;	/* nobody has counted */
}

void maps_fini(struct maps *maps)
{
	maps_sync_stop(maps);
	maps_near_close(maps);
	maps_front_close(maps);
	for (int m = 0; m < MAP_N; m++)
		if (maps->fd[m] >= 0)
			close(maps->fd[m]);
	allowed_fini(&maps->allowed);
}

int maps_n(const struct maps *maps)
{
	return maps->sensor ? MAP_N : MAP_SENSOR;
}

void maps_share(struct maps *maps)
{
	maps_front_open(maps);
	maps_near_open(maps);
}

void *map_memory(int fd, size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

int maps_take(struct maps *maps, enum map_id m, int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	maps->fd[m] = fd;
	if (!err && map_is_bans(m))
		maps->max_bans[m - MAP_BANS4] =
			maps_lru_capacity(info.max_entries, libbpf_num_possible_cpus());
	if (!err && map_is_front(m))
		maps->front[m - MAP_FRONT4].entries = info.max_entries;
	return err;
}

/* ---- settings ------------------------------------------------------------------ */

int maps_settings_write(struct maps *maps)
{
	__u32 zero = 0;

	return bpf_map_update_elem(maps->fd[MAP_SETTINGS], &zero, &maps->settings, BPF_ANY);
}

/*
 * A new filter is empty, so it must not be asked.  What is in the tries is counted
 * by whoever writes bans, or made the settings; others would count while it writes.
 */
int maps_settle(struct maps *maps, const bool made[MAP_N], bool count)
{
	struct settings there;
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(maps->fd[MAP_SETTINGS], &zero, &there);

	if (err)
		return err;
	maps->settings = there;
	if (made[MAP_SETTINGS])
		front_keys_draw(&maps->settings.keys);
	if (made[MAP_FRONT4] || made[MAP_SETTINGS])
		maps->settings.front4 = 0;
	if (made[MAP_FRONT6] || made[MAP_SETTINGS])
		maps->settings.front6 = 0;
	if (made[MAP_NEAR] || made[MAP_SETTINGS])
		maps->settings.near = maps->settings.near_allow = 0;
	if (made[MAP_SETTINGS] || count)
		return maps_count(maps);
	return memcmp(&maps->settings, &there, sizeof(there)) ? maps_settings_write(maps) : 0;
}
