// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hmap.h"

enum { READS_MAX = 64 };	/* buffers of events handed out before acting on them */

/* One inode in the kernel's list. */
struct watched {
	struct hmap_node node;
	int wd;
	struct watch *first;	/* borrows */
};

struct watches {
	struct loop *loop;
	int fd;
	struct hmap by_wd;	/* owns the struct watched */
	struct watches_owner owner;
};

static struct watched *find(const struct watches *ws, int wd)
{
	struct hmap_node *n = hmap_first(&ws->by_wd, hmap_hash(&ws->by_wd, &wd, sizeof(wd)));

	for (; n; n = hmap_next(n)) {
		struct watched *w = container_of(n, struct watched, node);

		if (w->wd == wd)
			return w;
	}
	return NULL;
}

static void readable(void *ctx, int fd, uint32_t events)
{
	struct watches *ws = ctx;

	(void)fd;
	(void)events;
	watches_drain(ws);
	ws->owner.settle(ws->owner.ctx);
}

int watches_new(struct watches **out, struct loop *loop, const struct watches_owner *owner)
{
	struct watches *ws = calloc(1, sizeof(*ws));
	int err;

	if (!ws)
		return -ENOMEM;
	ws->loop = loop;
	ws->owner = *owner;
	ws->fd = -1;
	err = hmap_init(&ws->by_wd);
	if (err)
		goto fail;
	ws->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (ws->fd < 0) {
		err = -errno;
		goto fail;
	}
	err = loop_add(loop, ws->fd, EPOLLIN, readable, ws);
	if (err)
		goto fail;
	*out = ws;
	return 0;
fail:
	watches_free(ws);
	return err;
}

void watches_free(struct watches *ws)
{
	struct hmap_cursor c = { 0 };
	struct hmap_node *n;

	if (!ws)
		return;
	if (ws->fd >= 0) {
		loop_del(ws->loop, ws->fd);
		close(ws->fd);
	}
	while (ws->by_wd.buckets && (n = hmap_each(&ws->by_wd, &c)))
		free(container_of(n, struct watched, node));
	hmap_fini(&ws->by_wd);
	free(ws);
}

static struct watched *get(struct watches *ws, int wd)
{
	struct watched *on = find(ws, wd);

	if (on)
		return on;
	on = calloc(1, sizeof(*on));
	if (!on)
		return NULL;
	on->wd = wd;
	hmap_insert(&ws->by_wd, &on->node, hmap_hash(&ws->by_wd, &wd, sizeof(wd)));
	return on;
}

int watch_path(struct watches *ws, struct watch *w, const char *path, uint32_t mask)
{
	/* Whoever watches the inode already keeps what it asked for. */
	int wd = inotify_add_watch(ws->fd, path, mask | IN_MASK_ADD);
	struct watched *on;

	if (wd < 0)
		return -errno;
	if (w->wd == wd)
		return 0;
	watch_del(ws, w);
	on = get(ws, wd);
	if (!on)
		return -ENOMEM;
	w->wd = wd;
	w->next = on->first;
	on->first = w;
	return 0;
}

/* Through /proc, so that it is this very file even if its name is another's now. */
int watch_fd(struct watches *ws, struct watch *w, int fd, uint32_t mask)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return watch_path(ws, w, path, mask);
}

static void forget(struct watches *ws, struct watched *on)
{
	hmap_remove(&ws->by_wd, &on->node);
	free(on);
}

void watch_del(struct watches *ws, struct watch *w)
{
	struct watched *on = w->wd ? find(ws, w->wd) : NULL;
	struct watch **p;

	w->wd = 0;
	if (!on)
		return;
	for (p = &on->first; *p != w; p = &(*p)->next)
		;
	*p = w->next;
	w->next = NULL;
	if (!on->first) {
		inotify_rm_watch(ws->fd, on->wd);
		forget(ws, on);
	}
}

static void hand_out(struct watches *ws, const struct inotify_event *event)
{
	struct watched *on = find(ws, event->wd);
	struct watch *w, *next;

	if (event->mask & IN_Q_OVERFLOW)
		ws->owner.overflow(ws->owner.ctx);
	if (!on)
		return;
	for (w = on->first; w; w = next) {
		next = w->next;
		/* The kernel's list has lost it: its owner may set it anew. */
		if (event->mask & IN_IGNORED)
			w->wd = 0;
		w->fn(w->ctx, event);
	}
	if (event->mask & IN_IGNORED)
		forget(ws, on);
}

bool watches_drain(struct watches *ws)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool any = false;

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(ws->fd, buf, sizeof(buf));

		if (n <= 0)
			break;
		any = true;
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *event = (const void *)p;

			hand_out(ws, event);
			p += sizeof(*event) + event->len;
		}
	}
	return any;
}
