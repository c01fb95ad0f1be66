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

#include "xdp.h"

/* Eight bits for each, if there are as many as fit: one mistake in ten. */
uint32_t sensor_front_words(uint32_t sources)
{
	return sources / 8 > FRONT_WORDS_MIN ? sources / 8 : FRONT_WORDS_MIN;
}

static void add(struct sensor *s, uint64_t *words, const struct sip_addr *key)
{
	uint64_t hash = sip_hash(&s->keys, key);

	words[front_at(front_shape(0, s->front_words), hash)] |= front_bits(hash);
}

void sensor_front_add(struct sensor *s, const struct sip_addr *key)
{
	if (s->front)
		add(s, s->front, key);
}

struct filling {
	struct sensor *s;
	uint64_t *words;
};

static int fill(void *ctx, const void *key, const void *value)
{
	struct filling *f = ctx;

	(void)value;
	add(f->s, f->words, key);
	return 0;
}

/*
 * Only we write the table, so all that is in it is in the new one, and it does not
 * matter that the kernel sees some words of each for a moment.
 */
int sensor_front_renew(struct sensor *s)
{
	struct filling f = { s, NULL };
	int err;

	if (!s->front)
		return 0;
	f.words = calloc(s->front_words, sizeof(*f.words));
	if (!f.words)
		return -ENOMEM;
	err = map_walk(s->fd[SENSOR_SOURCES], fill, &f);
	for (uint32_t i = 0; i < s->front_words && !err; i++)
		*(volatile uint64_t *)&s->front[i] = f.words[i];
	free(f.words);
	return err;
}

int sensor_front_open(struct sensor *s)
{
	struct bpf_map_info info = { 0 };
	struct sip_settings set;
	uint32_t len = sizeof(info);
	int err = bpf_obj_get_info_by_fd(s->fd[SENSOR_FRONT], &info, &len);
	void *at;

	if (!err)
		err = sensor_settings_get(s, &set);
	if (err)
		return err;
	s->keys = set.keys;
	s->front_words = info.max_entries;
	at = mmap(NULL, s->front_words * sizeof(*s->front), PROT_READ | PROT_WRITE, MAP_SHARED,
		  s->fd[SENSOR_FRONT], 0);
	if (at == MAP_FAILED)
		return 0;
	s->front = at;
	err = sensor_front_renew(s);
	if (err || set.front == front_shape(0, s->front_words))
		return err;
	set.front = front_shape(0, s->front_words);
	return sensor_settings_put(s, &set);
}

void sensor_front_close(struct sensor *s)
{
	if (s->front)
		munmap(s->front, s->front_words * sizeof(*s->front));
}
