/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * siege - whether only those we know may speak SIP: by hand, or by measured load.
 *
 * By itself a siege begins when the limit that all strangers share has rejected
 * more than @above messages a second for two seconds: then hardly a stranger gets
 * through anyway, and the server is spared the rest.  Floods of few senders never
 * begin one, as each is limited by itself.  It ends when fewer than @below a second
 * have come for @calm_s seconds.
 *
 * A plain value; it is told the time and the counters.
 */
#pragma once
#include "base/clock.h"
#include "base/util.h"

enum siege_mode { SIEGE_OFF, SIEGE_ON, SIEGE_AUTO };
enum siege_change { SIEGE_SAME, SIEGE_BEGINS, SIEGE_ENDS };

#define SIEGE_TICK_NS	NS_PER_S	/* how often siege_tick() wants to be called */
#define SIEGE_BEGIN_S	2

/* Messages since the beginning of time. */
struct siege_load {
	uint64_t rejected;	/* by the limit of all strangers */
	uint64_t kept_out;	/* by the siege */
};

struct siege {
	enum siege_mode mode;
	enum siege_mode fallback;	/* what a time in mode ON or OFF gives way to */
	wall_t until;		/* the end of @mode; WALL_NEVER */
	bool active;
	wall_t since;		/* of the siege, if it is active */
	double per_s;		/* messages kept out or rejected, lately */
	uint64_t begun;		/* how often */

	/* private */
	struct siege_load last;
	boot_t last_at;		/* 0: no load was seen yet */
	unsigned int bad_s, calm_s;
};

void siege_init(struct siege *s, enum siege_mode mode);
/* By hand: until then (WALL_NEVER), after that the mode of before; see _tick. */
void siege_set(struct siege *s, enum siege_mode mode, wall_t until);

struct siege_bounds { double above, below, calm_s; };
/* A second has gone; what that changes. */
enum siege_change siege_tick(struct siege *s, const struct siege_bounds *b,
			     const struct siege_load *load, boot_t now, wall_t wall);

/* For the database.  -EINVAL: not ours, nothing done. */
#define SIEGE_BYTES	10
void siege_write(const struct siege *s, uint8_t out[static SIEGE_BYTES]);
int siege_read(struct siege *s, const void *value, size_t len);

const char *siege_mode_name(enum siege_mode m);		/* "off", "on", "auto" */
int siege_mode_parse(const char *name, enum siege_mode *out);	/* 0 or -EINVAL */
