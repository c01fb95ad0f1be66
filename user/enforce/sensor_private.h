/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor_private - what the files of the sensor's handle share. */
#pragma once
#include "sensor.h"
#include "xdpban/sip_abi.h"

struct ring_buffer;

enum sensor_map {
	SENSOR_SOURCES, SENSOR_NETS, SENSOR_SIGNATURES, SENSOR_HEAVY, SENSOR_CPU,
	SENSOR_EVENTS, SENSOR_SETTINGS, SENSOR_MAPS
};

struct sensor {
	int fd[SENSOR_MAPS];		/* owns */
	struct ring_buffer *ring;	/* owns; NULL: only looking */
	struct sensor_reading *reading;	/* borrows; during sensor_read() */
	uint32_t max_sources;
	uint32_t trusted, penalties;	/* addresses in the table; sensor_recount() */
	uint32_t used;			/* entries of the table, alike */
};

/* Write ports and limits into @out; 0 or -EINVAL. */
int sensor_encode(const struct sensor_settings *set, struct sip_settings *out);
/* The key of an address, and of a network. */
void sensor_key(const struct ipaddr *who, struct sip_addr *out);
void sensor_addr(const struct sip_addr *key, struct ipaddr *out);
/* Read the settings, let @change change them, write them. */
int sensor_settings_get(const struct sensor *s, struct sip_settings *out);
int sensor_settings_put(const struct sensor *s, const struct sip_settings *set);
/* Count again what is in the table. */
int sensor_recount(struct sensor *s);
