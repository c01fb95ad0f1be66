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
#include "maps/walk.h"
#include "sensor/sensor_maps.h"

struct bpf_map *xdp_map_of(const struct bpf_object *obj, enum map_id m)
{
	bool variable = m == MAP_SETTINGS || m == MAP_SIP_SETTINGS || m == MAP_SIP_ALL ||
			m == MAP_SIP_READER;
	char name[32];

	/* A variable of the program; its section is a map's name in the object. */
	snprintf(name, sizeof(name), "%s%s", variable ? ".data." : "", map_names[m]);
	return bpf_object__find_map_by_name(obj, name);
}

/* How many entries @m should have; 0: as many as the program says. */
static uint32_t entries_for(int m, uint32_t capacity)
{
	return map_is_bans(m) ? maps_lru_entries(capacity, libbpf_num_possible_cpus()) :
	       map_is_front(m) ? maps_front_entries(capacity) :
	       m == MAP_SIP_SOURCES ? capacity :
	       m == MAP_SIP_FRONT ? sensor_front_lines(capacity) :
	       m == MAP_SIP_SKETCH ? 1u << capacity : 0;
}

/* What is asked for @m; 0: nothing. */
static uint32_t capacity_asked(const struct xdp_params *p, int m)
{
	return map_is_bans(m) ? p->max_bans[m - MAP_BANS4] :
	       map_is_front(m) ? p->max_bans[m - MAP_FRONT4] :
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
	int fd = xdp_pins_get(x, map_names[m]), err = fd;

	if (!entries)
		entries = bpf_map__max_entries(map);
	if ((map_is_front(m) || m == MAP_NEAR) && !mk->shared)
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
			 x->dir, map_names[m]);
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
		uint32_t n = maps_lru_capacity(xdp_older_entries(x, family),
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
		int err = m < maps_n(&x->maps) ? prepare(x, mk, p, m) :
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

int xdp_maps_take(struct xdp *x, const struct xdp_making *mk)
{
	bool count = x->writer_fd >= 0;
	int err = 0;

	for (int m = 0; m < maps_n(&x->maps) && !err; m++) {
		int fd = fcntl(bpf_map__fd(xdp_map_of(mk->obj, m)), F_DUPFD_CLOEXEC, 0);

		err = fd < 0 ? -errno : maps_take(&x->maps, m, fd);
		if (!err && mk->old[m] >= 0 && (map_is_bans(m) || m == MAP_SIP_SOURCES))
			err = map_walk(mk->old[m], copy_one, &fd);
	}
	if (!err && x->maps.sensor)
		err = sensor_settle(&x->maps, mk->made, count);
	return err ? err : maps_settle(&x->maps, mk->made, count);
}

int xdp_maps_open_pinned(struct xdp *x)
{
	int err = 0;

	for (int m = 0; m < maps_n(&x->maps) && !err; m++) {
		int fd = xdp_pins_get(x, map_names[m]);

		err = fd < 0 ? fd : maps_take(&x->maps, m, fd);
	}
	return err;
}

int xdp_maps_pin(struct xdp *x, const struct xdp_making *mk)
{
	for (int m = 0; m < maps_n(&x->maps) && *x->dir; m++) {
		int err = mk->made[m] ? xdp_pins_put(x, x->maps.fd[m], map_names[m]) : 0;

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
