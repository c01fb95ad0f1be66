// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READS_MAX = 64 };	/* buffers of events handed out before acting on them */

/* One inode in the kernel's list. */
struct watched {
	struct hmap_node node;
	int wd;
	struct watch *first, *by_name;	/* borrows */
};

struct watches {
	struct loop *loop;
	int fd;
	struct hmap by_wd;	/* owns the struct watched */
	struct hmap by_name;	/* of struct watch_name; borrows */
	uint64_t events;	/* handed out so far */
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
	if (!err)
		err = hmap_init(&ws->by_name);
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
	hmap_fini(&ws->by_name);
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

/* ---- names --------------------------------------------------------------- */

static uint64_t hash_of(const struct watches *ws, int wd, const char *name, size_t len,
			uint32_t cookie)
{
	uint64_t hash = name ? hmap_hash(&ws->by_name, name, len) :
			       hmap_hash(&ws->by_name, &cookie, sizeof(cookie));

	return hash + (uint64_t)wd * 0x9e3779b97f4a7c15ull;
}

static void insert_name(struct watches *ws, struct watch_name *n)
{
	size_t len = n->name ? strlen(n->name) : 0;

	hmap_insert(&ws->by_name, &n->node,
		    hash_of(ws, n->watch->wd, n->name, len, n->cookie));
}

void watch_name_set(struct watches *ws, struct watch_name *n, struct watch *w,
		    const char *name, uint32_t cookie)
{
	if (n->watch) {
		hmap_remove(&ws->by_name, &n->node);
		*n->link = n->next;
		if (n->next)
			n->next->link = n->link;
		*n = (struct watch_name){ 0 };
	}
	if (!name && !cookie)
		return;
	*n = (struct watch_name){
		.next = w->names, .link = &w->names, .watch = w, .name = name,
		.cookie = name ? 0 : cookie,
	};
	if (n->next)
		n->next->link = &n->next;
	w->names = n;
	insert_name(ws, n);
}

/* Its names are in another directory now. */
static void move_names(struct watches *ws, struct watch *w)
{
	for (struct watch_name *n = w->names; n; n = n->next) {
		hmap_remove(&ws->by_name, &n->node);
		insert_name(ws, n);
	}
}

/* ---- watches ------------------------------------------------------------- */

static void link_watch(struct watched *on, struct watch *w)
{
	struct watch **list = w->by_name ? &on->by_name : &on->first;

	w->wd = on->wd;
	w->next = *list;
	w->link = list;
	if (w->next)
		w->next->link = &w->next;
	*list = w;
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
	link_watch(on, w);
	move_names(ws, w);
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

	w->wd = 0;
	if (!on)
		return;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->next = NULL;
	if (!on->first && !on->by_name) {
		inotify_rm_watch(ws->fd, on->wd);
		forget(ws, on);
	}
}

/* ---- events -------------------------------------------------------------- */

struct handing {
	struct watches *ws;
	const struct inotify_event *event;
};

/* Once, by however many names it is found. */
static void give(const struct handing *h, struct watch *w)
{
	if (w->served == h->ws->events)
		return;
	w->served = h->ws->events;
	w->fn(w->ctx, h->event);
}

/*
 * Whoever is called may take names away or set them anew, so the bucket is looked
 * through again after each.
 */
static void give_by(const struct handing *h, const char *name, size_t len, uint32_t cookie)
{
	int wd = h->event->wd;
	uint64_t hash = hash_of(h->ws, wd, name, len, cookie);
	struct hmap_node *node = hmap_first(&h->ws->by_name, hash);

	while (node) {
		struct watch_name *n = container_of(node, struct watch_name, node);
		bool same = n->watch->wd == wd && n->watch->served != h->ws->events &&
			    (name ? n->name && strlen(n->name) == len &&
				    !memcmp(n->name, name, len) :
				    !n->name && n->cookie == cookie);

		if (same)
			give(h, n->watch);
		node = same ? hmap_first(&h->ws->by_name, hash) : hmap_next(node);
	}
}

static void give_related(void *ctx, const char *name, size_t len)
{
	give_by(ctx, name, len, 0);
}

static void give_named(const struct handing *h)
{
	const struct watches *ws = h->ws;
	const struct inotify_event *event = h->event;

	give_by(h, event->name, strlen(event->name), 0);
	if (event->mask & IN_MOVED_TO)
		give_by(h, NULL, 0, event->cookie);
	if (event->mask & IN_CREATE && ws->owner.related)
		ws->owner.related(event->name, give_related, (void *)h);
}

static void give_list(const struct handing *h, struct watch *first)
{
	for (struct watch *w = first, *next; w; w = next) {
		next = w->next;
		/* The kernel's list has lost it: its owner may set it anew. */
		if (h->event->mask & IN_IGNORED)
			w->wd = 0;
		give(h, w);
	}
}

static void hand_out(struct watches *ws, const struct inotify_event *event)
{
	const struct handing h = { ws, event };
	struct watched *on = find(ws, event->wd);

	if (event->mask & IN_Q_OVERFLOW)
		ws->owner.overflow(ws->owner.ctx);
	if (!on)
		return;
	ws->events++;
	if (event->len)
		give_named(&h);
	else
		give_list(&h, on->by_name);
	give_list(&h, on->first);
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
