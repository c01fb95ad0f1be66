// SPDX-License-Identifier: GPL-2.0-or-later
/* Which files are open, by inode: a file with several names is read under one. */
#include "file.h"

static uint64_t inode_hash(const struct sources *all, uint64_t dev, uint64_t inode)
{
	const uint64_t key[] = { dev, inode };

	return hmap_hash(&all->by_inode, key, sizeof(key));
}

void file_opened(struct reader *r)
{
	struct sources *all = r->owner->base.all;

	if (r->fd >= 0)
		hmap_insert(&all->by_inode, &r->by_inode, inode_hash(all, r->dev, r->inode));
}

void file_closes(struct reader *r)
{
	if (r->fd >= 0)
		hmap_remove(&r->owner->base.all->by_inode, &r->by_inode);
}

static struct source *reading_at(uint64_t dev, uint64_t inode, struct hmap_node **at)
{
	for (; *at; *at = hmap_next(*at)) {
		struct reader *r = container_of(*at, struct reader, by_inode);

		if (r->dev == dev && r->inode == inode)
			return &r->owner->base;
	}
	return NULL;
}

struct source *file_first_reading(const struct sources *all, uint64_t dev, uint64_t inode,
				  struct hmap_node **at)
{
	*at = hmap_first(&all->by_inode, inode_hash(all, dev, inode));
	return reading_at(dev, inode, at);
}

struct source *file_next_reading(uint64_t dev, uint64_t inode, struct hmap_node **at)
{
	*at = hmap_next(*at);
	return reading_at(dev, inode, at);
}
