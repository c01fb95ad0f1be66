// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_out - the sensor's program for what goes out of an interface.
 *
 * Where there is tcx (kernel 6.6) it is a link, pinned as "out_" and the name of
 * the interface.  Elsewhere it is a filter of clsact, which needs no pin to stay;
 * it is known by its handle, its priority and the name of its program, so that
 * nobody else's is ever replaced.  Both leave other programs there alone, and let
 * every packet go on to them.
 */
#include "xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

#define PREFIX		"out_"
#define TCX_EGRESS	47	/* enum bpf_attach_type, in newer headers */
#define FILTER_HANDLE	0x5844
#define FILTER_PRIORITY	0x5844

/* ---- tcx ---------------------------------------------------------------------- */

static uint32_t prog_id(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Which program a link has, and whether it still is on something. */
static int look(int fd, struct bpf_link_info *info)
{
	uint32_t len = sizeof(*info);

	*info = (struct bpf_link_info){ 0 };
	return bpf_obj_get_info_by_fd(fd, info, &len);
}

/*
 * Of tcx, ifindex stands where it does for XDP: older headers know only that.  It
 * is 0 when the interface is gone.
 */
static bool renew(struct xdp *x, int link, int ifindex)
{
	struct bpf_link_info info;

	if (look(link, &info) || (int)info.xdp.ifindex != ifindex)
		return false;
	return info.prog_id == prog_id(x->out_fd) || !bpf_link_update(link, x->out_fd, NULL);
}

static int attach_tcx(struct xdp *x, const char *name, int ifindex)
{
	int fd = xdp_pins_get(x, name), err;
	bool done = fd >= 0 && renew(x, fd, ifindex);

	if (fd >= 0)
		close(fd);
	if (done)
		return 0;
	fd = bpf_link_create(x->out_fd, ifindex, TCX_EGRESS, NULL);
	if (fd < 0)
		return fd;
	err = xdp_pins_put(x, fd, name);
	close(fd);
	return err;
}

/* ---- clsact --------------------------------------------------------------------- */

static bool is_ours(uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);
	bool ours = fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) &&
		    !strncmp(info.name, "xdpban_egress", BPF_OBJ_NAME_LEN - 1);

	if (fd >= 0)
		close(fd);
	return ours;
}

/* 1: our filter is there, 0: nothing is, -EBUSY: somebody else's. */
static int find_filter(const struct bpf_tc_hook *hook)
{
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);

	if (bpf_tc_query(hook, &opts))
		return 0;
	return is_ours(opts.prog_id) ? 1 : -EBUSY;
}

static int attach_clsact(const struct xdp *x, int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY,
		    .prog_fd = x->out_fd, .flags = BPF_TC_F_REPLACE);
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	err = find_filter(&hook);
	return err < 0 ? err : bpf_tc_attach(&hook, &opts);
}

static void detach_clsact(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = FILTER_HANDLE, .priority = FILTER_PRIORITY);

	if (find_filter(&hook) == 1)
		bpf_tc_detach(&hook, &opts);
}

/* ---- both ------------------------------------------------------------------------- */

/* Only where the kernel knows no tcx: a full disk or the like is no reason. */
static bool has_no_tcx(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP;
}

void xdp_out_attach(struct xdp *x, const char *ifname, int ifindex)
{
	char name[XDP_PIN_NAME];
	int err;

	if (!*x->dir)
		return;
	xdp_link_name(PREFIX, ifname, name);
	err = attach_tcx(x, name, ifindex);
	if (has_no_tcx(err))
		err = attach_clsact(x, ifindex);
	if (err)
		log_warn("xdp: the sensor does not see what goes out of %s: %s%s", ifname,
			 strerror(-err), err == -EBUSY ? " (another tc filter of our "
			 "number is there)" : "");
}

int xdp_out_get(const struct xdp *x, const char *ifname)
{
	char name[XDP_PIN_NAME];
	int fd;

	xdp_link_name(PREFIX, ifname, name);
	fd = xdp_pins_get(x, name);
	return fd < 0 ? -1 : fd;
}

int xdp_out_repair(const struct xdp *x, struct xdp_pinned_link *l, uint64_t *repaired)
{
	int fd = xdp_out_get(x, l->ifname), err;
	char name[XDP_PIN_NAME];

	if (fd >= 0 && l->out_fd < 0)
		l->out_fd = fd;		/* it came later than the other one */
	else if (fd >= 0)
		close(fd);
	if (fd >= 0 || l->out_fd < 0)
		return 0;
	xdp_link_name(PREFIX, l->ifname, name);
	err = xdp_pins_put(x, l->out_fd, name);
	*repaired += !err;
	return err;
}

void xdp_out_detach(const struct xdp *x, const char *ifname, int ifindex)
{
	char name[XDP_PIN_NAME], path[PATH_MAX];
	int fd;

	xdp_link_name(PREFIX, ifname, name);
	fd = xdp_pins_get(x, name);
	if (fd >= 0) {
		bpf_link_detach(fd);
		close(fd);
		xdp_pins_path(x, name, path);
		unlink(path);
	} else if (ifindex) {
		detach_clsact(ifindex);
	}
}

void xdp_out_upgrade(struct xdp *x)
{
	int before = x->maps.sensor ? -1 : xdp_pins_get(x, XDP_PIN_OUT);

	if (!x->maps.sensor && before < 0)
		return;
	for (size_t i = 0; i < x->n_links && *x->dir; i++) {
		struct xdp_pinned_link *l = &x->links[i];

		if (l->out_fd >= 0)
			close(l->out_fd);
		l->out_fd = -1;
		if (x->maps.sensor && l->ifindex) {
			xdp_out_attach(x, l->ifname, l->ifindex);
			l->out_fd = xdp_out_get(x, l->ifname);
			continue;
		}
		xdp_out_detach(x, l->ifname, l->ifindex);
	}
	if (before < 0)
		return;
	close(before);
	xdp_sensor_unpin(x);
}
