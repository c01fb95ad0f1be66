/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor_ring - messages on their way from the packet program to whoever asked. */
#pragma once
#include "sensor.h"

int sensor_ring_open(struct sensor *s);
void sensor_ring_close(struct sensor *s);	/* none open is fine */
