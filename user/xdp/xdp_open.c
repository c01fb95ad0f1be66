// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_open - from the program inside this binary to a working enforcer. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "xdp_dispatcher.h"
#include "xdp_open.h"
#include "xdpban/sip_abi.h"
#include "xdpban.skel.h"

static const struct enforcer_ops xdp_ops;

static int libbpf_says(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[1024];

	if (level == LIBBPF_DEBUG)
		return 0;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s", text);
	return 0;
}

void xdp_quiet_libbpf(void)
{
	libbpf_set_print(libbpf_says);
}

/* Beside bans: what is pinned, and what is attached. */
static int repair_else(struct maps *maps, uint64_t *repaired)
{
	struct xdp *x = (struct xdp *)maps;
	int err = xdp_pins_repair(x, repaired), ret = xdp_links_repair(x, repaired);

	return ret ? ret : err;
}

static struct xdp *xdp_alloc(void)
{
	struct xdp *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->maps.e.ops = &xdp_ops;
	x->prog_fd = x->out_fd = x->lock_fd = x->writer_fd = -1;
	maps_init(&x->maps);
	x->maps.repair_else = repair_else;
	xdp_quiet_libbpf();
	return x;
}

void xdp_close(struct xdp *x)
{
	if (!x)
		return;
	maps_fini(&x->maps);
	if (x->prog_fd >= 0)
		close(x->prog_fd);
	if (x->out_fd >= 0)
		close(x->out_fd);
	if (x->writer_fd >= 0)
		close(x->writer_fd);
	xdp_links_free(x->links, x->n_links);
	xdp_pins_unlock(x);
	free(x);
}

/* ---- the program ------------------------------------------------------------ */

struct prog_id {
	struct bpf_prog_info info;
	uint32_t maps[MAP_N];		/* in the order of the program */
};

static int prog_identify(int fd, struct prog_id *id)
{
	uint32_t len = sizeof(id->info);

	*id = (struct prog_id){ .info.nr_map_ids = MAP_N,
				.info.map_ids = (uintptr_t)id->maps };
	return bpf_obj_get_info_by_fd(fd, &id->info, &len);
}

bool xdp_prog_same(int a, int b)
{
	struct prog_id x, y;

	return !prog_identify(a, &x) && !prog_identify(b, &y) &&
	       !memcmp(x.info.tag, y.info.tag, sizeof(x.info.tag)) &&
	       x.info.nr_map_ids == y.info.nr_map_ids &&
	       !memcmp(x.maps, y.maps, sizeof(x.maps));
}

bool xdp_prog_has_maps(const struct xdp *x, uint32_t prog_id)
{
	int fd = bpf_prog_get_fd_by_id(prog_id);
	bool same = fd >= 0;
	struct prog_id a, b;

	if (same)
		same = !prog_identify(fd, &a) && !prog_identify(x->prog_fd, &b) &&
		       a.info.nr_map_ids && a.maps[0] == b.maps[0];
	if (fd >= 0)
		close(fd);
	return same;
}

/* Keep the pinned program if it is the one just loaded, so that nothing moves. */
static int take_program(struct xdp *x, const struct bpf_program *prog, const char *name,
			int *fd)
{
	int pinned = xdp_pins_get(x, name);

	if (pinned >= 0 && xdp_prog_same(pinned, bpf_program__fd(prog))) {
		*fd = pinned;
		return 0;
	}
	if (pinned >= 0) {
		x->upgraded = true;
		close(pinned);
	}
	*fd = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 0);
	if (*fd < 0)
		return -errno;
	return *x->dir ? xdp_pins_put(x, *fd, name) : 0;
}

/* One of the four that are the same verdict, and what goes with the sensor. */
static struct bpf_program *choose(const struct xdp *x, struct xdpban_bpf *skel, bool frags)
{
	struct bpf_program *chosen = x->maps.sensor ?
		frags ? skel->progs.xdpban_sip_frags : skel->progs.xdpban_sip :
		frags ? skel->progs.xdpban_frags : skel->progs.xdpban;
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, skel->obj)
		bpf_program__set_autoload(prog, prog == chosen);
	bpf_program__set_autoload(skel->progs.xdpban_egress, x->maps.sensor);
	return chosen;
}

/* ---- opening ---------------------------------------------------------------- */

static int refused(int err)
{
	if (err == -EPERM || err == -EACCES)
		log_err("xdp: not allowed to load the packet program: needs root, or "
			"CAP_BPF and CAP_NET_ADMIN");
	else
		log_err("xdp: the kernel does not take the packet program: %s%s",
			strerror(-err), err == -ENOMEM ? " (fewer max-bans?)" : "");
	return err;
}

static int load(struct xdp *x, struct xdpban_bpf *skel, const struct xdp_params *p)
{
	struct xdp_making mk = { .obj = skel->obj };
	bool frags = !p->one_buffer && xdp_kernel_has_frags();
	struct bpf_program *prog;
	int err;

	x->maps.sensor = xdp_sensor_wanted(x, p);
	prog = choose(x, skel, frags);
	err = xdp_maps_prepare(x, &mk, p);
	/* The skeleton's own way wants the memory of all variables, made or not. */
	if (!err)
		err = bpf_object__load(skel->obj);
	if (err)
		err = refused(err);
	if (!err)
		err = xdp_maps_take(x, &mk);
	if (!err)
		err = xdp_maps_pin(x, &mk);
	if (!err)
		err = take_program(x, prog, "prog", &x->prog_fd);
	if (!err && x->maps.sensor)
		err = take_program(x, skel->progs.xdpban_egress, XDP_PIN_OUT, &x->out_fd);
	if (!err)
		err = xdp_older_take(x, &mk);
	xdp_making_fini(&mk);
	return err;
}

/* What we cannot do without. */
static int look_at_kernel(void)
{
	int cpus = libbpf_num_possible_cpus();

	if (!xdp_kernel_has_links()) {
		log_err("xdp: to stay attached when xdpban ends needs kernel 5.9");
		return -EOPNOTSUPP;
	}
	/* The maps' sizes come from it.  libbpf asks once: later calls do not fail. */
	if (cpus < 0) {
		log_err("xdp: cannot tell how many processors there are, which "
			"/sys/devices/system/cpu/possible says: %s", strerror(-cpus));
		return -ENODEV;
	}
	return 0;
}

int xdp_open(struct xdp **out, const struct xdp_params *p)
{
	struct xdp *x = xdp_alloc();
	struct xdpban_bpf *skel = NULL;
	int err = x ? 0 : -ENOMEM;

	if (!err && p->pin)
		err = xdp_pins_name(x, p->pin);
	if (!err && p->pin)
		err = xdp_pins_lock(x);
	if (!err && p->pin && p->writer)
		err = xdp_pins_be_writer(x);
	if (!err)
		err = look_at_kernel();
	if (err)
		goto fail;
	skel = xdpban_bpf__open();
	if (!skel) {
		err = refused(-errno);
		goto fail;
	}
	err = load(x, skel, p);
	if (!err)
		err = xdp_links_upgrade(x);
	if (err)
		goto fail;
	xdp_out_upgrade(x);
	maps_share(&x->maps);
	xdpban_bpf__destroy(skel);
	*out = x;
	return 0;
fail:
	xdpban_bpf__destroy(skel);
	xdp_close(x);
	return err;
}

int xdp_open_pinned(struct xdp **out, const char *pin)
{
	struct xdp *x = xdp_alloc();
	int err = x ? xdp_pins_name(x, pin) : -ENOMEM;

	if (!err)
		x->maps.sensor = xdp_sensor_wanted(x, &(struct xdp_params){ 0 });
	if (!err)
		err = xdp_maps_open_pinned(x);
	if (err) {
		if (err != -ENOENT)
			log_err("xdp: cannot open the maps in '%s': %s", pin, strerror(-err));
		xdp_close(x);
		return err;
	}
	*out = x;
	return 0;
}

/* ---- beside the programs of others ------------------------------------------ */

/* A program that joins is loaded for the dispatcher, with the maps that we have. */
static int join(const struct xdp *x, struct xdpban_bpf *skel, const char *ifname, int ifindex)
{
	struct bpf_program *prog = choose(x, skel, xdp_kernel_has_frags());
	int err = bpf_program__set_autoload(skel->progs.xdpban_egress, false);

	for (int m = 0; m < MAP_N && !err; m++) {
		struct bpf_map *map = xdp_map_of(skel->obj, m);

		err = x->maps.fd[m] >= 0 ? bpf_map__reuse_fd(map, x->maps.fd[m]) :
		      bpf_map__set_autocreate(map, false);
	}
	return err ? err : xdp_dispatcher_join(skel->obj, bpf_program__name(prog), ifname,
					       ifindex);
}

int xdp_join(const struct xdp *x, const char *ifname, int ifindex)
{
	struct xdpban_bpf *skel = xdpban_bpf__open();
	int fd, err;

	if (!skel)
		return refused(-errno);
	fd = join(x, skel, ifname, ifindex);
	xdpban_bpf__destroy(skel);
	if (fd < 0)
		return fd;
	err = *x->dir ? xdp_link_pin(x, fd, ifname, true) : 0;
	if (err)
		xdp_dispatcher_leave(fd, ifname, ifindex);
	close(fd);
	return err;
}

/* ---- as an enforcer --------------------------------------------------------- */

static void close_op(struct enforcer *e)
{
	xdp_close((struct xdp *)e);
}

static const struct enforcer_ops xdp_ops = {
	.name = "xdp",
	.needs_bpf = xdp_needs_bpf,
	.close = close_op,
	.scope = maps_scope,
	.scope_get = maps_scope_get,
	.add = maps_add,
	.allow = maps_allow,
	.resync_stop = maps_resync_stop,
	.resync_step = maps_resync_step,
	.wants_resync = maps_wants_resync,
	.hits = maps_hits,
	.each = maps_each,
	.stats = maps_stats,
};

int enforcer_open_xdp(struct enforcer **out, const struct enforcer_params *p)
{
	struct xdp_params params = {
		.pin = p->pin, .max_bans = { p->max_bans4, p->max_bans6 },
		.writer = true, .sensor = p->sensor, .sip_sources = p->sip_sources,
	};
	struct xdp *x;
	int err = xdp_open(&x, &params);

	if (err)
		return err;
	xdp_pins_unlock(x);
	*out = &x->maps.e;
	return 0;
}

int enforcer_open_pinned(struct enforcer **out, const char *pin)
{
	struct xdp *x;
	int err = xdp_open_pinned(&x, pin);

	if (!err)
		*out = &x->maps.e;
	return err;
}
