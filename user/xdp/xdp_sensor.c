// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_sensor - whether the packet program has a SIP sensor. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <unistd.h>

#include "base/log.h"

static bool is_pinned(const struct xdp *x)
{
	int fd = xdp_pins_get(x, map_names[MAP_SIP_SETTINGS]);

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

void xdp_sensor_unpin(struct xdp *x)
{
	char path[PATH_MAX];

	for (int m = MAP_SENSOR; m < MAP_N; m++) {
		xdp_pins_path(x, map_names[m], path);
		unlink(path);
	}
	xdp_pins_path(x, XDP_PIN_OUT, path);
	unlink(path);
}
