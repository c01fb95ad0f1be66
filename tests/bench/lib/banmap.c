// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "banmap.h"
#include "base/clock.h"
#include "xdpban/bpf_abi.h"

static int open_map(const char *pin, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", pin, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int banmap_open(struct banmap *m, const char *pin)
{
	m->fd4 = open_map(pin, "bans4");
	m->fd6 = m->fd4 < 0 ? m->fd4 : open_map(pin, "bans6");
	if (m->fd6 < 0) {
		int err = m->fd6;

		banmap_close(m);
		return err;
	}
	return 0;
}

void banmap_close(struct banmap *m)
{
	if (m->fd4 >= 0)
		close(m->fd4);
	if (m->fd6 >= 0)
		close(m->fd6);
	m->fd4 = m->fd6 = -1;
}

struct banlook banmap_look(const struct banmap *m, const struct ipaddr *who)
{
	struct host_ban ban;

	if (bpf_map_lookup_elem(who->family == 4 ? m->fd4 : m->fd6, who->bytes, &ban))
		return (struct banlook){ 0 };
	return (struct banlook){
		.banned = end_boot_ns(ban.end) > boot_now().ns,
		.dropped = hits_frames(&ban.hits),
	};
}
