// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_maps - the maps: made once, pinned, found again, resized by copying. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"

const char *const xdp_map_names[MAP_N] = {
	[MAP_BANS4] = "bans4", [MAP_BANS6] = "bans6",
	[MAP_NETS4] = "nets4", [MAP_NETS6] = "nets6",
	[MAP_ALLOW4] = "allow4", [MAP_ALLOW6] = "allow6",
	[MAP_SCOPES] = "scopes", [MAP_SETTINGS] = "settings", [MAP_CPU] = "cpu",
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

uint32_t xdp_lru_entries(uint32_t capacity, unsigned int cpus)
{
	uint32_t part = capacity / 32, reserve = lru_reserve(cpus);

	return capacity + (part > reserve ? part : reserve);
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
	struct bpf_map *map = bpf_object__find_map_by_name(mk->obj, xdp_map_names[m]);
	uint32_t capacity = is_bans(m) ? p->max_bans[m - MAP_BANS4] : 0;
	uint32_t entries = bpf_map__max_entries(map);
	int fd = xdp_pins_get(x, xdp_map_names[m]), err = fd;

	if (is_bans(m))
		entries = xdp_lru_entries(capacity ? capacity : ENFORCE_MAX_BANS,
					  libbpf_num_possible_cpus());
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

int xdp_maps_prepare(struct xdp *x, struct xdp_making *mk, const struct xdp_params *p)
{
	for (int m = 0; m < MAP_N; m++)
		mk->old[m] = -1;
	for (int m = 0; m < MAP_N; m++) {
		int err = prepare(x, mk, p, m);

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
	return err;
}

int xdp_maps_take(struct xdp *x, const struct xdp_making *mk)
{
	for (int m = 0; m < MAP_N; m++) {
		struct bpf_map *map = bpf_object__find_map_by_name(mk->obj, xdp_map_names[m]);
		int err;

		x->fd[m] = fcntl(bpf_map__fd(map), F_DUPFD_CLOEXEC, 0);
		if (x->fd[m] < 0)
			return -errno;
		err = note_size(x, m);
		if (!err && mk->old[m] >= 0)
			err = map_walk(mk->old[m], copy_one, &x->fd[m]);
		if (err)
			return err;
	}
	return 0;
}

int xdp_maps_open_pinned(struct xdp *x)
{
	for (int m = 0; m < MAP_N; m++) {
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
	for (int m = 0; m < MAP_N && *x->dir; m++) {
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
