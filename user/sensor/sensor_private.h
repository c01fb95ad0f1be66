/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor_private - what the files of the sensor's handle share. */
#pragma once
#include "xdpban/sip_abi.h"
#include "sensor.h"

struct ring_buffer;

enum sensor_map {
	SENSOR_SOURCES, SENSOR_NETS, SENSOR_SIGNATURES, SENSOR_HEAVY, SENSOR_CPU,
	SENSOR_EVENTS, SENSOR_SETTINGS, SENSOR_FRONT, SENSOR_READER, SENSOR_MAPS
};

struct sensor {
	int fd[SENSOR_MAPS];		/* owns */
	struct ring_buffer *ring;	/* owns */
	struct sensor_reading *reading;	/* borrows; during sensor_read() */
	struct sip_reader *reader;	/* owns; the map's memory, or NULL */
	struct front_keys keys;
	struct front_line *front;	/* owns; the map's memory, or NULL */
	struct front_line *next_front;	/* owns; in the making, or NULL */
	uint32_t front_lines;
	struct sensor_pass *pass;	/* owns; a sweep under way, or NULL */
	uint32_t max_sources;
	uint32_t trusted, penalties;	/* addresses in the table; sensor_recount() */
	uint32_t used;			/* entries of the table, alike */
};

/* Write ports and limits into @out; 0 or -EINVAL. */
int sensor_encode(const struct sensor_settings *set, struct sip_settings *out);
/* The key of an address, and of a network. */
void sensor_key(const struct ipaddr *who, struct sip_addr *out);
void sensor_addr(const struct sip_addr *key, struct ipaddr *out);
/* The settings as the program has them: who changes some reads all, and writes all. */
int sensor_settings_get(const struct sensor *s, struct sip_settings *out);
int sensor_settings_put(const struct sensor *s, const struct sip_settings *set);

/* ---- sensor_front.c: the filter in front of the table ----------------------------- */

/*
 * Map its memory; sensor_recount() fills it, sensor_front_use() has it asked.  Without
 * it every message is looked up.
 */
int sensor_front_open(struct sensor *s);
int sensor_front_use(struct sensor *s);
void sensor_front_close(struct sensor *s);
/* Before @key is in the table: the old one and the new one let it through. */
void sensor_front_add(struct sensor *s, const struct sip_addr *key);
/* Begin a new one, to which every key that is in the table must be added. */
int sensor_front_begin(struct sensor *s);
/* It is in the place of the old one, if @whole; else it is thrown away. */
void sensor_front_end(struct sensor *s, bool whole);

/* ---- sensor_read.c: messages on their way from the packet program ----------------- */

int sensor_ring_open(struct sensor *s);
void sensor_ring_close(struct sensor *s);	/* none open is fine */

/* ---- sensor_source.c -------------------------------------------------------------- */

/* Forget a sweep that is under way. */
void sensor_sweep_stop(struct sensor *s);
/* Count what is in the table, and add it to the filter. */
int sensor_recount(struct sensor *s);
