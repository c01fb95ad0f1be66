// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_maps - the maps: made once, pinned, found again, resized by copying. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "sensor_private.h"

const char *const xdp_map_names[MAP_N] = {
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

/*
 * A full LRU map evicts 128 entries at once and does not say so.  When does it
 * count as full?  Its free entries are in one common list, from which each CPU
 * takes 128 into a list of its own whenever that is empty; when fewer than 128
 * are left there, it evicts.  So up to 128 free entries of each CPU are out of
 * reach, and so are the 128 that must stay: (CPUs + 1) * 128 entries, and one
 * for an update in flight on each CPU, since a new value gets a new entry before
 * the old one is freed.  We add twice that; and a thirty-second of the capacity
 * for entries that are there for a moment more than the store counts: ended
 * bans that nobody has cleared away yet, entries that somebody else added.
 * More (the usual advice is a quarter) would buy nothing but memory: tests/bpf/
 * lru_test.c fills a map to its capacity, churns on all CPUs and counts.
 */
static uint32_t lru_reserve(unsigned int cpus)
{
	return 256 * (cpus + 1);
}

/*
 * The hash has as many buckets as the next power of two is entries, so that just
 * below a power almost every bucket has one, and a look-up often passes another
 * entry on its way: another cache miss.  A few more entries double the buckets
 * (a million bans: 187 ns instead of 238 for a look-up that misses the caches).
 */
static uint32_t over_the_edge(uint32_t entries)
{
	uint32_t power = 1u << 31;

	while (power / 2 >= entries)
		power /= 2;
	return power - entries < entries / 32 ? power + 1 : entries;
}

uint32_t xdp_lru_entries(uint32_t capacity, unsigned int cpus)
{
	uint32_t part = capacity / 32, reserve = lru_reserve(cpus);

	return over_the_edge(capacity + (part > reserve ? part : reserve));
}

uint32_t xdp_lru_capacity(uint32_t entries, unsigned int cpus)
{
	uint32_t reserve = lru_reserve(cpus), part = (uint64_t)entries * 32 / 33;

	if (entries <= reserve)
		return 0;
	return part < entries - reserve ? part : entries - reserve;
}

static bool is_bans(int m)
{
	return m == MAP_BANS4 || m == MAP_BANS6;
}

static bool is_front(int m)
{
	return m == MAP_FRONT4 || m == MAP_FRONT6;
}

struct bpf_map *xdp_map_of(const struct bpf_object *obj, enum xdp_map m)
{
	bool variable = m == MAP_SETTINGS || m == MAP_SIP_SETTINGS || m == MAP_SIP_ALL ||
			m == MAP_SIP_READER;
	char name[32];

	/* A variable of the program; its section is a map's name in the object. */
	snprintf(name, sizeof(name), "%s%s", variable ? ".data." : "", xdp_map_names[m]);
	return bpf_object__find_map_by_name(obj, name);
}

/* How many entries @m should have; 0: as many as the program says. */
static uint32_t entries_for(int m, uint32_t capacity)
{
	return is_bans(m) ? xdp_lru_entries(capacity, libbpf_num_possible_cpus()) :
	       is_front(m) ? xdp_front_entries(capacity) :
	       m == MAP_SIP_SOURCES ? capacity :
	       m == MAP_SIP_FRONT ? sensor_front_lines(capacity) :
	       m == MAP_SIP_SKETCH ? 1u << capacity : 0;
}

/* What is asked for @m; 0: nothing. */
static uint32_t capacity_asked(const struct xdp_params *p, int m)
{
	return is_bans(m) ? p->max_bans[m - MAP_BANS4] :
	       is_front(m) ? p->max_bans[m - MAP_FRONT4] :
	       m == MAP_SIP_SOURCES || m == MAP_SIP_FRONT ? p->sip_sources : 0;
}

/* Then so much, if it is new. */
static uint32_t capacity_otherwise(const struct xdp_making *mk, int m)
{
	return m == MAP_SIP_SOURCES || m == MAP_SIP_FRONT ? ENFORCE_SIP_SOURCES :
	       m == MAP_SIP_SKETCH ? ENFORCE_SIP_SKETCH_BITS : mk->otherwise;
}

/*
 * Can the pinned map @fd stand for @map with so many @entries?  0: as it is;
 * -ESTALE: it has another size, and its entries must be copied; -EPROTO: it is
 * something else.
 */
static int judge_pinned(const struct bpf_map *map, int fd, uint32_t capacity,
			uint32_t entries)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), n;
	int err = bpf_obj_get_info_by_fd(fd, &info, &len);

	if (err)
		return err;
	if (info.type != bpf_map__type(map) || info.key_size != bpf_map__key_size(map) ||
	    info.value_size != bpf_map__value_size(map))
		return -EPROTO;
	if (!capacity || info.max_entries == entries)
		return 0;
	/* Never lose a ban by shrinking. */
	if (info.max_entries > entries && !map_count(fd, &n) && n > capacity)
		return 0;
	return -ESTALE;
}

static int prepare(struct xdp *x, struct xdp_making *mk, const struct xdp_params *p, int m)
{
	struct bpf_map *map = xdp_map_of(mk->obj, m);
	uint32_t capacity = capacity_asked(p, m);
	uint32_t entries = entries_for(m, capacity ? capacity : capacity_otherwise(mk, m));
	int fd = xdp_pins_get(x, xdp_map_names[m]), err = fd;

	if (!entries)
		entries = bpf_map__max_entries(map);
	if ((is_front(m) || m == MAP_NEAR) && !mk->shared)
		bpf_map__set_map_flags(map, 0);
	if (fd >= 0)
		err = judge_pinned(map, fd, capacity, entries);
	if (!err) {
		err = bpf_map__reuse_fd(map, fd);
		close(fd);
		return err;
	}
	if (err == -ESTALE)
		mk->old[m] = fd;
	else if (fd >= 0)
		close(fd);
	if (err == -EPROTO)
		log_warn("xdp: '%s/%s' is not of this version; a new one replaces it",
			 x->dir, xdp_map_names[m]);
	mk->made[m] = true;
	return bpf_map__set_max_entries(map, entries);
}

/* Maps in memory that we share with the kernel need kernel 5.5: ask. */
static bool kernel_shares(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpban_probe", 4, 8, 1, &opts);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Where nobody says how many: as many as an older version had, or the default. */
static uint32_t bans_otherwise(const struct xdp *x)
{
	uint32_t most = ENFORCE_MAX_BANS;

	for (int family = 0; family < 2; family++) {
		uint32_t n = xdp_lru_capacity(xdp_older_entries(x, family),
					      libbpf_num_possible_cpus());

		if (n > most)
			most = n;
	}
	return most;
}

int xdp_maps_prepare(struct xdp *x, struct xdp_making *mk, const struct xdp_params *p)
{
	mk->shared = kernel_shares();
	mk->otherwise = bans_otherwise(x);
	for (int m = 0; m < MAP_N; m++)
		mk->old[m] = -1;
	for (int m = 0; m < MAP_N; m++) {
		int err = m < xdp_n_maps(x) ? prepare(x, mk, p, m) :
			  bpf_map__set_autocreate(xdp_map_of(mk->obj, m), false);

		if (err)
			return err;
	}
	return 0;
}

static int copy_one(void *ctx, const void *key, const void *value)
{
	return bpf_map_update_elem(*(int *)ctx, key, value, BPF_ANY);
}

static int note_size(struct xdp *x, int m)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(x->fd[m], &info, &len);

	if (!err && is_bans(m))
		x->max_bans[m - MAP_BANS4] =
			xdp_lru_capacity(info.max_entries, libbpf_num_possible_cpus());
	if (!err && is_front(m))
		x->front[m - MAP_FRONT4].entries = info.max_entries;
	return err;
}

/*
 * Settings that belong to the maps as they are now: a new filter is empty, so it
 * must not be asked.  What is in the tries is counted by whoever writes bans, or
 * made the settings; others would count while it writes.
 */
static int settle(struct xdp *x, const struct xdp_making *mk)
{
	struct settings there;
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(x->fd[MAP_SETTINGS], &zero, &there);

	if (err)
		return err;
	x->settings = there;
	if (mk->made[MAP_SETTINGS])
		xdp_front_draw_keys(&x->settings.keys);
	if (mk->made[MAP_FRONT4] || mk->made[MAP_SETTINGS])
		x->settings.front4 = 0;
	if (mk->made[MAP_FRONT6] || mk->made[MAP_SETTINGS])
		x->settings.front6 = 0;
	if (mk->made[MAP_NEAR] || mk->made[MAP_SETTINGS])
		x->settings.near = x->settings.near_allow = 0;
	if (mk->made[MAP_SETTINGS] || x->writer_fd >= 0)
		return xdp_settings_count(x);
	return memcmp(&x->settings, &there, sizeof(there)) ? xdp_settings_write(x) : 0;
}

int xdp_maps_take(struct xdp *x, const struct xdp_making *mk)
{
	for (int m = 0; m < xdp_n_maps(x); m++) {
		int err;

		x->fd[m] = fcntl(bpf_map__fd(xdp_map_of(mk->obj, m)), F_DUPFD_CLOEXEC, 0);
		if (x->fd[m] < 0)
			return -errno;
		err = note_size(x, m);
		if (!err && mk->old[m] >= 0 && (is_bans(m) || m == MAP_SIP_SOURCES))
			err = map_walk(mk->old[m], copy_one, &x->fd[m]);
		if (err)
			return err;
	}
	int err = x->sensor ? xdp_sensor_settle(x, mk) : 0;

	return err ? err : settle(x, mk);
}

int xdp_maps_open_pinned(struct xdp *x)
{
	for (int m = 0; m < xdp_n_maps(x); m++) {
		x->fd[m] = xdp_pins_get(x, xdp_map_names[m]);
		if (x->fd[m] < 0)
			return x->fd[m];
		int err = note_size(x, m);

		if (err)
			return err;
	}
	return 0;
}

int xdp_maps_pin(struct xdp *x, const struct xdp_making *mk)
{
	for (int m = 0; m < xdp_n_maps(x) && *x->dir; m++) {
		int err = mk->made[m] ? xdp_pins_put(x, x->fd[m], xdp_map_names[m]) : 0;

		if (err)
			return err;
	}
	return 0;
}

void xdp_making_fini(struct xdp_making *mk)
{
	for (int m = 0; m < MAP_N; m++)
		if (mk->old[m] >= 0)
			close(mk->old[m]);
}
