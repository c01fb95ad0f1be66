// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "netdev.h"
#include "xdp.h"
#include "xdp_dispatcher.h"

static const char *const mode_names[] = {
	[XDP_MODE_AUTO] = "auto", [XDP_MODE_NATIVE] = "native",
	[XDP_MODE_GENERIC] = "generic",
};

int xdp_mode_parse(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(mode_names); i++)
		if (streq(text, mode_names[i]))
			return (int)i;
	return -EINVAL;
}

const char *xdp_mode_name(enum xdp_mode mode)
{
	return mode_names[mode];
}

/* ---- what is on an interface ------------------------------------------------ */

struct on_it {
	uint32_t prog_id;	/* 0: nothing */
	enum xdp_mode mode;
};

static int query(int ifindex, struct on_it *out)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, q);
	int err = bpf_xdp_query(ifindex, 0, &q);

	*out = (struct on_it){ 0 };
	if (err || q.attach_mode == XDP_ATTACHED_NONE)
		return err;
	out->mode = q.attach_mode == XDP_ATTACHED_SKB ? XDP_MODE_GENERIC : XDP_MODE_NATIVE;
	out->prog_id = q.prog_id ? q.prog_id : q.drv_prog_id ? q.drv_prog_id :
		       q.hw_prog_id ? q.hw_prog_id : q.skb_prog_id;
	return 0;
}

static void prog_name(uint32_t id, char name[static BPF_OBJ_NAME_LEN])
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd >= 0) {
		bpf_obj_get_info_by_fd(fd, &info, &len);
		close(fd);
	}
	snprintf(name, BPF_OBJ_NAME_LEN, "%s", *info.name ? info.name : "?");
}

static int foreign(const struct xdp *x, const char *ifname, uint32_t prog_id)
{
	char name[BPF_OBJ_NAME_LEN];

	prog_name(prog_id, name);
	log_err("xdp: %s has another XDP program, '%s' (id %u), which was not attached "
		"through '%s' and is never replaced; whoever put it there can take it "
		"off: ip link set dev %s xdp off, or bpftool link detach", ifname, name,
		prog_id, x->dir, ifname);
	return -EBUSY;
}

/* ---- why a driver refuses --------------------------------------------------- */

/*
 * The kernel's own sentence comes with a netlink answer, but not with a link.
 * libbpf has it only for its print function, which gets no context: so it is
 * left here.
 */
static _Thread_local char kernel_said[160];

static int listen_to_libbpf(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	static const char mark[] = "Kernel error message: ";
	char text[256];
	char *said;

	(void)level;
	vsnprintf(text, sizeof(text), fmt, ap);
	said = strstr(text, mark);
	if (said) {
		said += strlen(mark);
		said[strcspn(said, "\n")] = '\0';
		snprintf(kernel_said, sizeof(kernel_said), "%s", said);
	}
	return 0;
}

/* Try again in the other way, only to hear what the kernel says. */
static void ask_kernel(struct xdp *x, int ifindex, uint32_t flags)
{
	libbpf_print_fn_t before = libbpf_set_print(listen_to_libbpf);

	*kernel_said = '\0';
	flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
	if (!bpf_xdp_attach(ifindex, x->prog_fd, flags, NULL))
		bpf_xdp_detach(ifindex, flags & XDP_FLAGS_MODES, NULL);
	libbpf_set_print(before);
}

/* One sentence: why not, and what to do. */
static void explain(struct xdp *x, const char *ifname, const struct netdev *dev,
		    uint32_t flags, int err, struct str *out)
{
	bool native = flags & XDP_FLAGS_DRV_MODE;

	ask_kernel(x, dev->ifindex, flags);
	str_printf(out, "%s does not take %s XDP", ifname, native ? "native" : "generic");
	if (*dev->driver)
		str_printf(out, " (driver %s)", dev->driver);
	str_printf(out, ": %s", *kernel_said ? kernel_said : strerror(-err));
	if (native && dev->mtu > 1500 && err != -EOPNOTSUPP)
		str_printf(out, "; its MTU is %d, and many drivers take XDP only up to "
			   "about 3500 (some 1500): ip link set dev %s mtu 1500",
			   dev->mtu, ifname);
	else if (native && (err == -ENOMEM || err == -ENOSPC || err == -EINVAL))
		str_printf(out, "; it may want fewer channels in use: "
			   "ethtool -L %s combined 1", ifname);
}

/* ---- attaching -------------------------------------------------------------- */

static int attach_as(struct xdp *x, const char *ifname, int ifindex, uint32_t flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int fd = bpf_link_create(x->prog_fd, ifindex, BPF_XDP, &opts), err;

	if (fd < 0)
		return fd;
	err = xdp_link_pin(x, fd, ifname, false);
	close(fd);	/* if it is not pinned, this takes it off again */
	return err;
}

static int attach_new(struct xdp *x, const char *ifname, const struct netdev *dev,
		      enum xdp_mode mode, struct xdp_attached *out)
{
	uint32_t flags = mode == XDP_MODE_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	struct str why = { 0 };
	int err;

	/* Which drivers do is not written down anywhere; better warned in vain. */
	if (dev->hardware && flags == XDP_FLAGS_DRV_MODE)
		log_warn("xdp: attaching to %s natively: its driver (%s) may reset the link "
			 "for some seconds; --mode generic never does", ifname,
			 *dev->driver ? dev->driver : "unknown");
	err = attach_as(x, ifname, dev->ifindex, flags);

	if (err && err != -EPERM)
		explain(x, ifname, dev, flags, err, &why);
	if (err && err != -EPERM && mode == XDP_MODE_AUTO) {
		snprintf(out->note, sizeof(out->note), "%s", why.s ? why.s : "");
		str_reset(&why);
		flags = XDP_FLAGS_SKB_MODE;
		err = attach_as(x, ifname, dev->ifindex, flags);
		if (err)
			explain(x, ifname, dev, flags, err, &why);
	}
	if (err)
		log_err("xdp: %s%s", why.s ? why.s : "not allowed to attach: needs root, "
			"or CAP_BPF and CAP_NET_ADMIN", mode != XDP_MODE_NATIVE ? "" :
			"; --mode generic works with every driver");
	str_fini(&why);
	out->mode = flags == XDP_FLAGS_SKB_MODE ? XDP_MODE_GENERIC : XDP_MODE_NATIVE;
	return err;
}

static struct xdp_pinned_link *find_link(struct xdp *x, int ifindex)
{
	for (size_t i = 0; i < x->n_links; i++)
		if (x->links[i].ifindex == ifindex)
			return &x->links[i];
	return NULL;
}

/*
 * Our program on an attachment that has lost its pin, but is held open by a
 * daemon: known by its map.  Pin it again.
 */
static bool adopt(struct xdp *x, const char *ifname, int ifindex, uint32_t prog_id)
{
	struct bpf_link_info info;
	uint32_t id = 0, len;

	while (!bpf_link_get_next_id(id, &id)) {
		int fd = bpf_link_get_fd_by_id(id);
		bool ours;

		if (fd < 0)
			continue;
		len = sizeof(info);
		info = (struct bpf_link_info){ 0 };
		ours = !bpf_obj_get_info_by_fd(fd, &info, &len) &&
		       info.type == BPF_LINK_TYPE_XDP && (int)info.xdp.ifindex == ifindex &&
		       info.prog_id == prog_id && xdp_prog_has_maps(x, prog_id);
		if (ours)
			ours = !bpf_link_update(fd, x->prog_fd, NULL) &&
			       !xdp_link_pin(x, fd, ifname, false);
		close(fd);
		if (ours)
			return true;
	}
	return false;
}

/* ---- beside others ---------------------------------------------------------- */

static int other_mode(const char *ifname, enum xdp_mode mode)
{
	log_err("xdp: the programs that libxdp runs on %s are in %s mode, which is one for "
		"all of them: xdp-loader can unload and load them in another", ifname,
		xdp_mode_name(mode));
	return -EBUSY;
}

static int join(struct xdp *x, const char *ifname, int ifindex, enum xdp_mode mode,
		const struct on_it *now, struct xdp_attached *out)
{
	if (mode != XDP_MODE_AUTO && mode != now->mode)
		return other_mode(ifname, now->mode);
	out->how = XDP_JOINED;
	out->mode = now->mode;
	return xdp_join(x, ifname, ifindex);
}

/* ---- attaching, whatever is there ------------------------------------------- */

static int attach_again(struct xdp *x, const char *ifname, const struct netdev *dev,
			enum xdp_mode mode, const struct on_it *now,
			struct xdp_attached *out)
{
	struct xdp_pinned_link *l = find_link(x, dev->ifindex);

	out->mode = now->mode;
	out->how = x->upgraded ? XDP_UPGRADED : XDP_UNCHANGED;
	if (mode == XDP_MODE_AUTO || mode == now->mode)
		return 0;
	if (l->joined)
		return other_mode(ifname, now->mode);
	out->how = XDP_MODE_CHANGED;
	xdp_link_unpin(x, l);
	bpf_link_detach(l->fd);
	return attach_new(x, ifname, dev, mode, out);
}

static int attach(struct xdp *x, const char *ifname, const struct netdev *dev,
		  enum xdp_mode mode, struct xdp_attached *out)
{
	struct on_it now;
	int err = query(dev->ifindex, &now);

	if (err) {
		log_err("xdp: cannot ask what is on %s: %s", ifname, strerror(-err));
		return err;
	}
	if (now.prog_id && find_link(x, dev->ifindex))
		return attach_again(x, ifname, dev, mode, &now, out);
	if (now.prog_id && adopt(x, ifname, dev->ifindex, now.prog_id)) {
		out->how = XDP_UPGRADED;
		out->mode = now.mode;
		return 0;
	}
	if (now.prog_id && xdp_dispatcher_is(now.prog_id))
		return join(x, ifname, dev->ifindex, mode, &now, out);
	if (now.prog_id)
		return foreign(x, ifname, now.prog_id);
	out->how = XDP_ATTACHED;
	return attach_new(x, ifname, dev, mode, out);
}

int xdp_attach(const char *pin, const char *ifname, enum xdp_mode mode,
	       struct xdp_attached *out)
{
	struct xdp_params params = { .pin = pin };
	struct netdev dev;
	struct xdp *x;
	int err = netdev_look(ifname, &dev);

	*out = (struct xdp_attached){ 0 };
	if (err) {
		log_err("xdp: no interface '%s': %s", ifname, strerror(-err));
		return err;
	}
	if (!dev.ethernet) {
		log_err("xdp: %s has no Ethernet frames; attach to the interface that "
			"carries it", ifname);
		return -EOPNOTSUPP;
	}
	err = xdp_open(&x, &params);
	if (err)
		return err;
	err = attach(x, ifname, &dev, mode, out);
	if (!err && x->maps.sensor)
		xdp_out_attach(x, ifname, dev.ifindex);
	out->sensor = x->maps.sensor;
	xdp_close(x);
	return err;
}

static int take_off(const struct xdp *x, const struct xdp_pinned_link *l)
{
	int err = 0;

	if (l->joined && l->ifindex)
		err = xdp_dispatcher_leave(l->fd, l->ifname, l->ifindex);
	else if (!l->joined)
		/* Whoever else holds it open must not keep it alive. */
		bpf_link_detach(l->fd);
	if (!err)
		xdp_link_unpin(x, l);
	return err;
}

int xdp_detach(const char *pin, const char *ifname)
{
	struct xdp_pinned_link *links;
	struct xdp x = { .lock_fd = -1 };
	int err = xdp_pins_name(&x, pin), ret = -ENOENT;
	size_t n = 0;

	if (err)
		return err;
	if (access(x.dir, F_OK)) {
		if (errno != EACCES)
			return -ENOENT;
		log_err("xdp: not allowed to look into '%s': needs root", x.dir);
		return -EACCES;
	}
	xdp_quiet_libbpf();
	err = xdp_pins_lock(&x);
	if (err)
		return err;
	err = xdp_links_load(&x, &links, &n);
	if (err) {
		log_err("xdp: cannot read '%s': %s", x.dir, strerror(-err));
		xdp_pins_unlock(&x);
		return err;
	}
	for (size_t i = 0; i < n; i++) {
		int ifindex = links[i].ifindex;

		if (ifindex ? ifindex != (int)if_nametoindex(ifname) :
		    !streq(links[i].ifname, ifname))
			continue;
		xdp_out_detach(&x, links[i].ifname, ifindex);
		ret = take_off(&x, &links[i]);
	}
	xdp_links_free(links, n);
	xdp_pins_unlock(&x);
	return ret;
}

/* ---- listing ---------------------------------------------------------------- */

static void look_at(const struct xdp_pinned_link *p, struct xdp_link *out)
{
	struct on_it now;
	char name[IF_NAMESIZE];

	memcpy(out->ifname, p->ifname, sizeof(out->ifname));
	out->ifindex = p->ifindex;
	if (!p->ifindex) {
		snprintf(out->trouble, sizeof(out->trouble), if_nametoindex(p->ifname) ?
			 "our program was taken off, or the interface was made anew" :
			 "the interface is gone");
		return;
	}
	if (if_indextoname(p->ifindex, name))
		memcpy(out->ifname, name, sizeof(name));
	if (query(p->ifindex, &now))
		snprintf(out->trouble, sizeof(out->trouble),
			 "it is not in this network namespace");
	else if (now.prog_id != p->on_it)
		snprintf(out->trouble, sizeof(out->trouble),
			 "program %u is on it, not ours", now.prog_id);
	else
		out->ok = true;
	out->mode = now.mode;
}

int xdp_links(const char *pin, struct xdp_link **out, size_t *n)
{
	struct xdp x = { .lock_fd = -1 };
	struct xdp_pinned_link *links = NULL;
	int err = xdp_pins_name(&x, pin);

	*out = NULL;
	*n = 0;
	if (!err)
		err = xdp_links_load(&x, &links, n);
	if (!err)
		*out = calloc(*n + 1, sizeof(**out));
	if (!err && !*out)
		err = -ENOMEM;
	for (size_t i = 0; i < *n && !err; i++)
		look_at(&links[i], &(*out)[i]);
	xdp_links_free(links, *n);
	if (err)
		*n = 0;
	return err;
}

const char *xdp_library(void)
{
	return libbpf_version_string();
}
