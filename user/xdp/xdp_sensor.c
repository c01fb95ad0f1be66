// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_sensor - whether the packet program has a SIP sensor, and its first settings. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "base/log.h"
#include "sensor_private.h"

static bool is_pinned(const struct xdp *x)
{
	int fd = xdp_pins_get(x, xdp_map_names[MAP_SIP_SETTINGS]);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Ring buffers need kernel 5.8: ask. */
static bool kernel_has_rings(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpban_probe", 0, 0,
				(uint32_t)sysconf(_SC_PAGESIZE), NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == -EPERM;
}

bool xdp_sensor_wanted(const struct xdp *x, const struct xdp_params *p)
{
	if (p->sensor == SENSOR_AS_IT_IS)
		return is_pinned(x);
	if (p->sensor == SENSOR_OFF)
		return false;
	if (kernel_has_rings())
		return true;
	log_warn("xdp: the SIP sensor stays off: it needs ring buffers, which the kernel "
		 "has since 5.8");
	return false;
}

static int count_one(void *ctx, const void *key, const void *value)
{
	(void)key, (void)value;
	++*(__u32 *)ctx;
	return 0;
}

static uint32_t bits_of(uint32_t entries)
{
	uint32_t bits = 0;

	while (1u << bits < entries)
		bits++;
	return bits;
}

int xdp_sensor_settle(struct xdp *x, const struct xdp_making *mk)
{
	struct bpf_map_info info = { 0 };
	struct sip_settings s, before;
	uint32_t len = sizeof(info);
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(x->fd[MAP_SIP_SETTINGS], &zero, &s);

	if (!err)
		err = bpf_obj_get_info_by_fd(x->fd[MAP_SIP_SKETCH], &info, &len);
	if (err)
		return err;
	before = s;
	if (mk->made[MAP_SIP_SETTINGS]) {
		struct sensor_settings fresh;

		sensor_defaults(&fresh);
		sensor_encode(&fresh, &s);
		xdp_front_draw_keys(&s.keys);
	}
	s.sketch_bits = bits_of(info.max_entries);
	/* Until sensor_front_open() has filled it. */
	if (mk->made[MAP_SIP_FRONT] || mk->made[MAP_SIP_SETTINGS])
		s.front = 0;
	if (mk->made[MAP_SIP_SIGNATURES])
		s.n_signatures = 0;
	/* Others than the writer would count while it writes. */
	if (mk->made[MAP_SIP_SETTINGS] || x->writer_fd >= 0) {
		s.nets = 0;
		err = map_walk(x->fd[MAP_SIP_NETS], count_one, &s.nets);
	}
	if (err || !memcmp(&s, &before, sizeof(s)))
		return err;
	return bpf_map_update_elem(x->fd[MAP_SIP_SETTINGS], &zero, &s, BPF_ANY);
}

void xdp_sensor_unpin(struct xdp *x)
{
	char path[PATH_MAX];

	for (int m = MAP_SENSOR; m < MAP_N; m++) {
		xdp_pins_path(x, xdp_map_names[m], path);
		unlink(path);
	}
	xdp_pins_path(x, XDP_PIN_OUT, path);
	unlink(path);
}
