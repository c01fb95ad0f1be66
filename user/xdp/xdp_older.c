// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_older - takes over what an older version of us has pinned, in PIN/vN with a
 * smaller N: its bans go into our maps, its attachments get our program, in this
 * order, so that nothing is let through; then its directory is removed.
 *
 * What can be taken over is bans, networks, the allowlist and the scopes that they
 * name.  All of that has had the same form since version 1, but for the keys of
 * bans of IPv4 addresses, which version 3 made longer.  Filters, whose form version 4
 * changed, and settings are made and counted anew.
 */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "maps/walk.h"

#define OLD_KEY4	4	/* of bans4, before version 3 */

struct copying {
	int to;
	uint32_t key_size;	/* of the old map */
	uint32_t n;
};

/* Keys that have become longer did so by zeros. */
static int copy_one(void *ctx, const void *key, const void *value)
{
	uint8_t longer[sizeof(struct prefix6)] = { 0 };
	struct copying *c = ctx;

	c->n++;
	memcpy(longer, key, c->key_size);
	return bpf_map_update_elem(c->to, longer, value, BPF_ANY);
}

static bool can_be_copied(int old, int new, enum map_id m, uint32_t *key_size)
{
	struct bpf_map_info x = { 0 }, y = { 0 };
	uint32_t len = sizeof(x);

	if (bpf_obj_get_info_by_fd(old, &x, &len) || bpf_obj_get_info_by_fd(new, &y, &len))
		return false;
	*key_size = x.key_size;
	return x.type == y.type && x.value_size == y.value_size &&
	       (x.key_size == y.key_size || (m == MAP_BANS4 && x.key_size == OLD_KEY4));
}

static int copy_map(const struct xdp *old, struct xdp *x, enum map_id m, uint32_t *n)
{
	struct copying c = { .to = x->maps.fd[m] };
	int fd = xdp_pins_get(old, map_names[m]), err = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (can_be_copied(fd, x->maps.fd[m], m, &c.key_size))
		err = map_walk(fd, copy_one, &c);
	close(fd);
	if (m <= MAP_NETS6)
		*n += c.n;
	return err;
}

/* Only into maps that are new: others have been in use since. */
static int copy_maps(const struct xdp *old, struct xdp *x, const struct xdp_making *mk,
		     uint32_t *n)
{
	static const enum map_id copied[] = {
		MAP_SCOPES, MAP_BANS4, MAP_BANS6, MAP_NETS4, MAP_NETS6, MAP_ALLOW4, MAP_ALLOW6,
	};

	for (size_t i = 0; i < ARRAY_SIZE(copied); i++) {
		int err = mk->made[copied[i]] ? copy_map(old, x, copied[i], n) : 0;

		if (err)
			return err;
	}
	return *n || mk->made[MAP_ALLOW4] ? maps_count(&x->maps) : 0;
}

static int move_links(const struct xdp *old, struct xdp *x, size_t *n)
{
	struct xdp_pinned_link *links;
	int err = xdp_links_load(old, &links, n);

	if (err)
		return err;
	for (size_t i = 0; i < *n && !err; i++) {
		struct xdp_pinned_link *l = &links[i];

		err = l->ifindex ? xdp_link_replace(x, l) : 0;
		if (!err && l->ifindex && !l->joined)
			err = xdp_link_pin(x, l->fd, l->ifname, false);
		if (!err)
			xdp_link_unpin(old, l);
	}
	xdp_links_free(links, *n);
	return err;
}

static void remove_dir(const struct xdp *old)
{
	char path[PATH_MAX];

	for (int m = 0; m < MAP_N; m++) {
		xdp_pins_path(old, map_names[m], path);
		unlink(path);
	}
	xdp_pins_path(old, "prog", path);
	unlink(path);
	xdp_pins_path(old, XDP_PIN_OUT, path);
	unlink(path);
	rmdir(old->dir);
}

/* False: nothing of that version is pinned. */
static bool name_older(const struct xdp *x, int version, struct xdp *old)
{
	*old = (struct xdp){ .lock_fd = -1, .writer_fd = -1 };
	if (!*x->dir)
		return false;
	snprintf(old->dir, sizeof(old->dir), "%.*s/v%d",
		 (int)(strrchr(x->dir, '/') - x->dir), x->dir, version);
	return !access(old->dir, F_OK);
}

uint32_t xdp_older_entries(const struct xdp *x, int family)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	struct xdp old;

	for (int version = ABI_VERSION - 1; version > 0; version--) {
		int fd = name_older(x, version, &old) ?
			 xdp_pins_get(&old, map_names[MAP_BANS4 + family]) : -1;

		if (fd < 0)
			continue;
		bpf_obj_get_info_by_fd(fd, &info, &len);
		close(fd);
		break;
	}
	return info.max_entries;
}

static int take(struct xdp *x, const struct xdp_making *mk, int version)
{
	uint32_t bans = 0;
	size_t links = 0;
	struct xdp old;
	int err;

	if (!name_older(x, version, &old))
		return 0;
	err = copy_maps(&old, x, mk, &bans);
	if (!err)
		err = move_links(&old, x, &links);
	if (err) {
		log_err("xdp: cannot take over '%s', of an older version: %s", old.dir,
			strerror(-err));
		return err;
	}
	remove_dir(&old);
	log_notice("xdp: took over %u bans and %zu interfaces of an older version", bans,
		   links);
	return 0;
}

int xdp_older_take(struct xdp *x, const struct xdp_making *mk)
{
	int err = 0;

	for (int version = 1; version < ABI_VERSION && !err; version++)
		err = take(x, mk, version);
	return err;
}
