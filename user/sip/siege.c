// SPDX-License-Identifier: GPL-2.0-or-later
#include "siege.h"

#include <errno.h>

enum { VERSION = 1 };

void siege_init(struct siege *s, enum siege_mode mode)
{
	*s = (struct siege){ .mode = mode, .fallback = mode, .until = WALL_NEVER };
}

void siege_set(struct siege *s, enum siege_mode mode, wall_t until)
{
	bool for_ever = until.us == WALL_NEVER.us;

	/* Of several times with an end, the last one counts. */
	if (for_ever || s->until.us == WALL_NEVER.us)
		s->fallback = for_ever ? mode : s->mode;
	s->mode = mode;
	s->until = until;
	s->bad_s = s->calm_s = 0;
}

/* Messages a second since the last tick; counters that went back begin anew. */
static void measure(struct siege *s, const struct siege_load *load, boot_t now)
{
	double seconds = (double)(now.ns - s->last_at.ns) / NS_PER_S;
	bool fresh = !s->last_at.ns || load->rejected < s->last.rejected ||
		     load->kept_out < s->last.kept_out || seconds <= 0;

	s->per_s = fresh ? 0 : (double)(load->rejected - s->last.rejected +
					load->kept_out - s->last.kept_out) / seconds;
	s->last = *load;
	s->last_at = now;
}

static bool wanted_by_load(struct siege *s, const struct siege_bounds *b)
{
	s->bad_s = s->per_s > b->above ? s->bad_s + 1 : 0;
	s->calm_s = s->per_s < b->below ? s->calm_s + 1 : 0;
	return s->active ? s->calm_s < b->calm_s : s->bad_s >= SIEGE_BEGIN_S;
}

enum siege_change siege_tick(struct siege *s, const struct siege_bounds *b,
			     const struct siege_load *load, boot_t now, wall_t wall)
{
	bool wanted;

	measure(s, load, now);
	if (wall.us >= s->until.us)
		siege_set(s, s->fallback, WALL_NEVER);
	wanted = s->mode == SIEGE_AUTO ? wanted_by_load(s, b) : s->mode == SIEGE_ON;
	if (wanted == s->active)
		return SIEGE_SAME;
	s->active = wanted;
	s->bad_s = s->calm_s = 0;
	if (!wanted)
		return SIEGE_ENDS;
	s->since = wall;
	s->begun++;
	return SIEGE_BEGINS;
}

/* A version, the mode and above it the one after it, then @until. */
void siege_write(const struct siege *s, uint8_t out[static SIEGE_BYTES])
{
	memset(out, 0, SIEGE_BYTES);
	out[0] = VERSION;
	out[1] = (uint8_t)(s->mode | s->fallback << 4);
	for (int i = 0; i < 8; i++)
		out[2 + i] = (uint8_t)((uint64_t)s->until.us >> 8 * i);
}

int siege_read(struct siege *s, const void *value, size_t len)
{
	const uint8_t *v = value;
	uint64_t until = 0;

	if (len != SIEGE_BYTES || v[0] != VERSION || (v[1] & 15) > SIEGE_AUTO ||
	    v[1] >> 4 > SIEGE_AUTO)
		return -EINVAL;
	for (int i = 0; i < 8; i++)
		until |= (uint64_t)v[2 + i] << 8 * i;
	if (until > INT64_MAX)
		return -EINVAL;
	s->mode = (enum siege_mode)(v[1] & 15);
	s->fallback = (enum siege_mode)(v[1] >> 4);
	s->until.us = (int64_t)until;
	return 0;
}

static const char *const names[] = {
	[SIEGE_OFF] = "off", [SIEGE_ON] = "on", [SIEGE_AUTO] = "auto",
};

const char *siege_mode_name(enum siege_mode m)
{
	return names[m];
}

int siege_mode_parse(const char *name, enum siege_mode *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		*out = (enum siege_mode)i;
		if (streq(name, names[i]))
			return 0;
	}
	return -EINVAL;
}
