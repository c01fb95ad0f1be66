// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sensor_front - keeps the filter in front of the table of sources (sip_abi.h), in
 * memory that the kernel reads.  Bits of who has left the table stay until the next
 * sweep; they cost a look-up, nothing else.
 */
#include "sensor_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "maps/maps.h"
#include "sensor_maps.h"

/* Eight bits for each, if there are as many as fit: one mistake in 37. */
uint32_t sensor_front_lines(uint32_t sources)
{
	return sources / 32 > FRONT_LINES_MIN ? sources / 32 : FRONT_LINES_MIN;
}

static void add(struct sensor *s, struct front_line *lines, const struct sip_addr *key)
{
	uint64_t hash = sip_hash(&s->keys, key);
	struct front_line *l = &lines[front_at(front_shape(0, s->front_lines), hash)];

	for (int i = 0; i < FRONT_WORDS; i++)
		l->words[i] |= front_bit(hash, i);
}

void sensor_front_add(struct sensor *s, const struct sip_addr *key)
{
	if (s->front)
		add(s, s->front, key);
	if (s->next_front)
		add(s, s->next_front, key);
}

int sensor_front_begin(struct sensor *s)
{
	free(s->next_front);
	s->next_front = s->front ? calloc(s->front_lines, sizeof(*s->front)) : NULL;
	return s->front && !s->next_front ? -ENOMEM : 0;
}

/*
 * Only we write the table, so all that is in it is in the new one: it was there when
 * the pass came by, or was added since.  It does not matter that the kernel sees some
 * words of each for a moment.
 */
void sensor_front_end(struct sensor *s, bool whole)
{
	for (uint32_t i = 0; s->next_front && whole && i < s->front_lines; i++)
		for (int w = 0; w < FRONT_WORDS; w++)
			__atomic_store_n(&s->front[i].words[w], s->next_front[i].words[w],
					 __ATOMIC_RELAXED);
	free(s->next_front);
	s->next_front = NULL;
}

int sensor_front_open(struct sensor *s)
{
	struct bpf_map_info info = { 0 };
	struct sip_settings set;
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(s->fd[SENSOR_FRONT], &info, &len);

	if (!err)
		err = sensor_settings_get(s, &set);
	if (err)
		return err;
	s->keys = set.keys;
	s->front_lines = info.max_entries;
	s->front = map_memory(s->fd[SENSOR_FRONT], s->front_lines * sizeof(*s->front));
	return 0;
}

int sensor_front_use(struct sensor *s)
{
	uint64_t shape = s->front ? front_shape(0, s->front_lines) : 0;
	struct sip_settings set;
	int err = sensor_settings_get(s, &set);

	if (err || set.front == shape)
		return err;
	set.front = shape;
	return sensor_settings_put(s, &set);
}

void sensor_front_close(struct sensor *s)
{
	if (s->front)
		munmap(s->front, s->front_lines * sizeof(*s->front));
}
