// SPDX-License-Identifier: GPL-2.0-or-later
/* xdp_walk - every entry of a map, thousands in one call where that is possible. */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#define CHUNK	4096		/* entries of one call */
#define CHUNK_MAX (1u << 20)	/* one bucket of a hash must fit */

struct walk {
	int fd;
	struct bpf_map_info info;
	char *keys, *values;	/* owns; room for @size of each */
	uint32_t size;
	map_walk_fn *fn;
	void *ctx;
};

static int walk_room(struct walk *w, uint32_t size)
{
	free(w->keys);
	free(w->values);
	w->keys = calloc(size, w->info.key_size);
	w->values = calloc(size, w->info.value_size);
	w->size = size;
	return w->keys && w->values ? 0 : -ENOMEM;
}

static int give(struct walk *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int ret = w->fn(w->ctx, w->keys + i * w->info.key_size,
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
static int walk_batches(struct walk *w)
{
	uint32_t place, n;
	void *from = NULL;
	int err, ret;

	do {
		n = w->size;
		err = bpf_map_lookup_batch(w->fd, from, &place, w->keys, w->values,
					   &n, NULL);
		if (err == -ENOSPC && w->size < CHUNK_MAX) {
			ret = walk_room(w, w->size * 4);
			if (ret)
				return ret;
			err = 0;
			continue;	/* the same place again */
		}
		if (err && err != -ENOENT)
			return err;
		ret = give(w, n);
		if (ret)
			return ret;
		from = &place;
	} while (!err);
	return 0;
}

/*
 * One by one.  All keys are collected before the first is given: the next key
 * of one that has been deleted is the first one of the map.
 */
static int walk_singly(struct walk *w)
{
	size_t key_size = w->info.key_size, n = 0, max = w->info.max_entries;
	char *keys = NULL, *prev = NULL;
	int err = 0;

	for (size_t room = 0; n < max; n++) {
		if (n == room) {
			char *more = reallocarray(keys, room = 2 * room + 64, key_size);

			if (!more) {
				err = -ENOMEM;
				break;
			}
			keys = more;
		}
		prev = n ? keys + (n - 1) * key_size : NULL;
		if (bpf_map_get_next_key(w->fd, prev, keys + n * key_size))
			break;
	}
	for (size_t i = 0; i < n && !err; i++) {
		if (!bpf_map_lookup_elem(w->fd, keys + i * key_size, w->values))
			err = w->fn(w->ctx, keys + i * key_size, w->values);
	}
	free(keys);
	return err;
}

int map_walk(int fd, map_walk_fn *fn, void *ctx)
{
	struct walk w = { .fd = fd, .fn = fn, .ctx = ctx };
	uint32_t len = sizeof(w.info);
	int err = bpf_obj_get_info_by_fd(fd, &w.info, &len);

	if (!err)
		err = walk_room(&w, CHUNK);
	if (!err && w.info.type != BPF_MAP_TYPE_LPM_TRIE)
		err = walk_batches(&w);
	else if (!err)
		err = walk_singly(&w);
	if (no_batches(err) && w.info.type != BPF_MAP_TYPE_LPM_TRIE)
		err = walk_singly(&w);	/* kernel before 5.6 */
	free(w.keys);
	free(w.values);
	return err;
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
