// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * walk - every entry of a map, thousands in one call where that is possible,
 * and in steps where nobody can wait for all of them.
 */
#include "walk.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#define CHUNK	1024		/* entries of one call */
#define CHUNK_MAX (1u << 20)	/* one bucket of a hash must fit */

struct map_walk {
	int fd;
	struct bpf_map_info info;
	char *keys, *values;	/* owns; room for @size of each */
	uint32_t size;
	uint32_t place;		/* in a hash: the next bucket */
	bool begun, singly, done;
	/* One by one: first all keys are collected, then they are given. */
	char *all;		/* owns; @n of them, room for @room */
	size_t n, room, given;
	bool collected;
};

static int walk_room(struct map_walk *w, uint32_t size)
{
	free(w->keys);
	free(w->values);
	w->keys = calloc(size, w->info.key_size);
	w->values = calloc(size, w->info.value_size);
	w->size = size;
	return w->keys && w->values ? 0 : -ENOMEM;
}

static int give(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx)
{
	for (uint32_t i = 0; i < n; i++) {
		int ret = fn(ctx, w->keys + i * w->info.key_size,
			     w->values + i * w->info.value_size);

		if (ret)
			return ret;
	}
	return 0;
}

static bool no_batches(int err)
{
	/* ENOTSUPP, which the C library has no name for, is what kernels give. */
	return err == -EINVAL || err == -EOPNOTSUPP || err == -524;
}

/* The place in a hash is a bucket, so deleting behind us does not disturb it. */
static int step_batch(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx)
{
	uint32_t got;
	int err, ret;

	for (;;) {
		got = n < w->size ? n : w->size;
		err = bpf_map_lookup_batch(w->fd, w->begun ? &w->place : NULL, &w->place,
					   w->keys, w->values, &got, NULL);
		if (err != -ENOSPC || n > CHUNK_MAX)
			break;
		/* So many in one bucket: the same place again. */
		n *= 4;
		ret = n > w->size ? walk_room(w, n) : 0;
		if (ret)
			return ret;
	}
	if (err && err != -ENOENT)
		return err;
	w->begun = true;
	w->done = err;
	return give(w, got, fn, ctx);
}

/*
 * All keys are collected before the first is given: the next key of one that has
 * been deleted is the first one of the map.
 */
static int collect(struct map_walk *w, uint32_t n)
{
	size_t key_size = w->info.key_size;

	for (; n && w->n < w->info.max_entries; n--, w->n++) {
		if (w->n == w->room) {
			size_t room = 2 * w->room + 64;
			char *more = reallocarray(w->all, room, key_size);

			if (!more)
				return -ENOMEM;
			w->all = more;
			w->room = room;
		}
		if (bpf_map_get_next_key(w->fd, w->n ? w->all + (w->n - 1) * key_size : NULL,
					 w->all + w->n * key_size))
			break;
	}
	w->collected = n;
	return 0;
}

/*
 * A trie gives the next wider entry when the one asked for has gone; the values
 * of all of ours begin as their keys do, with the length.
 */
static bool is_there(struct map_walk *w, const char *key)
{
	return !bpf_map_lookup_elem(w->fd, key, w->values) &&
	       (w->info.type != BPF_MAP_TYPE_LPM_TRIE ||
		!memcmp(w->values, key, sizeof(__u32)));
}

static int step_singly(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx)
{
	if (!w->collected)
		return collect(w, n);
	for (; n && w->given < w->n; n--) {
		const char *key = w->all + w->given++ * w->info.key_size;
		int ret = is_there(w, key) ? fn(ctx, key, w->values) : 0;

		if (ret)
			return ret;
	}
	w->done = w->given == w->n;
	return 0;
}

int map_walk_begin(struct map_walk **out, int fd)
{
	struct map_walk *w = calloc(1, sizeof(*w));
	uint32_t len = sizeof(w->info);
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = fd;
	err = bpf_obj_get_info_by_fd(fd, &w->info, &len);
	if (!err)
		err = walk_room(w, CHUNK);
	if (err) {
		map_walk_end(w);
		return err;
	}
	w->singly = w->info.type == BPF_MAP_TYPE_LPM_TRIE;
	*out = w;
	return 0;
}

void map_walk_end(struct map_walk *w)
{
	if (!w)
		return;
	free(w->keys);
	free(w->values);
	free(w->all);
	free(w);
}

int map_walk_step(struct map_walk *w, uint32_t n, map_walk_fn *fn, void *ctx)
{
	int ret;

	if (w->singly)
		return step_singly(w, n, fn, ctx);
	ret = step_batch(w, n, fn, ctx);
	if (w->begun || !no_batches(ret))
		return ret;
	w->singly = true;	/* kernel before 5.6 */
	return 0;
}

bool map_walk_done(const struct map_walk *w)
{
	return w->done;
}

int map_walk(int fd, map_walk_fn *fn, void *ctx)
{
	struct map_walk *w;
	int ret = map_walk_begin(&w, fd);

	if (ret)
		return ret;
	while (!ret && !map_walk_done(w))
		ret = map_walk_step(w, CHUNK, fn, ctx);
	map_walk_end(w);
	return ret;
}

static int count_one(void *ctx, const void *key, const void *value)
{
	(void)key, (void)value;
	++*(uint32_t *)ctx;
	return 0;
}

int map_count(int fd, uint32_t *n)
{
	*n = 0;
	return map_walk(fd, count_one, n);
}
