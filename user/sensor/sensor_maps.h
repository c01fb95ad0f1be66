/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sensor_maps - what whoever makes the maps of the sensor has to know of it. */
#pragma once
#include "maps/maps.h"

/* Lines of a filter for so many sources. */
uint32_t sensor_front_lines(uint32_t sources);
/* As maps_settle(), for those of the sensor. */
int sensor_settle(const struct maps *maps, const bool made[MAP_N], bool count);
