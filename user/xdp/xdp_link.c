// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_link - attachments of our program, pinned as "link_" and the name of the
 * interface, or as "join_" and that name where it has joined others.
 * Names on a BPF file system must not have dots in them, names of interfaces may,
 * but have no colons: "link_eth0:100" is eth0.100.
 */
#include "xdp.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "xdp_dispatcher.h"

static const char *const prefixes[] = { "link_", "join_" };
#define PREFIX_LEN	5

static void swap_char(char *s, char from, char to)
{
	for (; (s = strchr(s, from)); s++)
		*s = to;
}

void xdp_link_name(const char *prefix, const char *ifname, char name[static XDP_PIN_NAME])
{
	snprintf(name, XDP_PIN_NAME, "%s%s", prefix, ifname);
	swap_char(name, '.', ':');
}

int xdp_link_pin(const struct xdp *x, int fd, const char *ifname, bool joined)
{
	char name[XDP_PIN_NAME];

	xdp_link_name(prefixes[joined], ifname, name);
	return xdp_pins_put(x, fd, name);
}

void xdp_link_unpin(const struct xdp *x, const struct xdp_pinned_link *l)
{
	char name[XDP_PIN_NAME], path[PATH_MAX];

	xdp_link_name(prefixes[l->joined], l->ifname, name);
	xdp_pins_path(x, name, path);
	unlink(path);
}

static int look_at_program(struct xdp_pinned_link *l)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(l->fd, &info, &len);

	l->prog_id = info.id;
	l->ifindex = err ? 0 : xdp_dispatcher_of(info.id, &l->on_it);
	return err;
}

static int look(struct xdp_pinned_link *l)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);
	int err;

	if (l->joined)
		return look_at_program(l);
	err = bpf_obj_get_info_by_fd(l->fd, &info, &len);
	l->ifindex = (int)info.xdp.ifindex;
	l->prog_id = l->on_it = info.prog_id;
	return err;
}

static void let_go(const struct xdp_pinned_link *l)
{
	close(l->fd);
	if (l->out_fd >= 0)
		close(l->out_fd);
}

static int load_one(const struct xdp *x, const char *name, struct xdp_pinned_link *l)
{
	int err;

	l->fd = xdp_pins_get(x, name);
	if (l->fd < 0)
		return l->fd;
	snprintf(l->ifname, sizeof(l->ifname), "%s", name + PREFIX_LEN);
	l->joined = starts_with(name, prefixes[true]);
	swap_char(l->ifname, ':', '.');
	l->out_fd = xdp_out_get(x, l->ifname);
	err = look(l);
	if (err)
		let_go(l);
	return err;
}

void xdp_links_free(struct xdp_pinned_link *links, size_t n)
{
	for (size_t i = 0; i < n; i++)
		let_go(&links[i]);
	free(links);
}

static int append(struct xdp_pinned_link **links, size_t *n, const struct xdp_pinned_link *l)
{
	struct xdp_pinned_link *more = reallocarray(*links, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*links = more;
	more[(*n)++] = *l;
	return 0;
}

int xdp_links_load(const struct xdp *x, struct xdp_pinned_link **out, size_t *n)
{
	DIR *d = *x->dir ? opendir(x->dir) : NULL;
	struct dirent *entry;
	int err = 0;

	*out = NULL;
	*n = 0;
	if (!d)
		return *x->dir && errno != ENOENT ? -errno : 0;
	while (!err && (entry = readdir(d))) {
		struct xdp_pinned_link l;

		if (!starts_with(entry->d_name, prefixes[false]) &&
		    !starts_with(entry->d_name, prefixes[true]))
			continue;
		err = load_one(x, entry->d_name, &l);
		if (!err)
			err = append(out, n, &l);
		else if (err == -ENOENT)
			err = 0;	/* gone meanwhile */
	}
	closedir(d);
	if (err) {
		xdp_links_free(*out, *n);
		*out = NULL;
		*n = 0;
	}
	return err;
}

int xdp_link_replace(struct xdp *x, const struct xdp_pinned_link *l)
{
	int err;

	if (!l->joined)
		return bpf_link_update(l->fd, x->prog_fd, NULL);
	/* The new one joins before the old one leaves, so there is no gap. */
	err = xdp_join(x, l->ifname, l->ifindex);
	return err ? err : xdp_dispatcher_leave(l->fd, l->ifname, l->ifindex);
}

static int upgrade(struct xdp *x, struct xdp_pinned_link *l, uint32_t prog_id)
{
	int err;

	if (!l->ifindex) {
		xdp_link_unpin(x, l);
		log_notice("xdp: %s is gone, or somebody took our program off", l->ifname);
		return 0;
	}
	if (l->joined ? xdp_prog_same(l->fd, x->prog_fd) : l->prog_id == prog_id)
		return 0;
	x->upgraded = true;
	err = xdp_link_replace(x, l);
	if (err)
		log_err("xdp: cannot replace our older program on %s: %s", l->ifname,
			strerror(-err));
	return err;
}

int xdp_links_upgrade(struct xdp *x)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(x->prog_fd, &info, &len);

	if (!err)
		err = xdp_links_load(x, &x->links, &x->n_links);
	for (size_t i = 0; i < x->n_links && !err; i++)
		err = upgrade(x, &x->links[i], info.id);
	return err;
}

static bool holds(const struct xdp *x, const char *ifname)
{
	for (size_t i = 0; i < x->n_links; i++)
		if (streq(x->links[i].ifname, ifname))
			return true;
	return false;
}

/* Forget what was detached; then what is held and alive must be pinned. */
static int repin(struct xdp *x, uint64_t *repaired)
{
	for (size_t i = 0; i < x->n_links; ) {
		struct xdp_pinned_link *l = &x->links[i];
		char name[XDP_PIN_NAME];
		int fd, err;

		if (look(l) || !l->ifindex) {
			let_go(l);
			*l = x->links[--x->n_links];
			continue;
		}
		xdp_link_name(prefixes[l->joined], l->ifname, name);
		fd = xdp_pins_get(x, name);
		if (fd >= 0)
			close(fd);
		else if (fd == -ENOENT) {
			err = xdp_link_pin(x, l->fd, l->ifname, l->joined);
			if (err)
				return err;
			++*repaired;
		}
		err = xdp_out_repair(x, l, repaired);
		if (err)
			return err;
		i++;
	}
	return 0;
}

int xdp_links_repair(struct xdp *x, uint64_t *repaired)
{
	struct xdp_pinned_link *links;
	size_t n;
	int err = *x->dir ? repin(x, repaired) : 0;

	if (!err)
		err = xdp_links_load(x, &links, &n);
	if (err == -EACCES || err == -EPERM)
		return 0;	/* not allowed to look: nothing to say */
	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		bool take = links[i].ifindex && !holds(x, links[i].ifname);

		if (take)
			err = append(&x->links, &x->n_links, &links[i]);
		if (!take || err)
			let_go(&links[i]);
	}
	free(links);
	return err;
}
