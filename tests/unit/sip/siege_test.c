// SPDX-License-Identifier: GPL-2.0-or-later
/* When a siege begins and ends, second by second. */
#include "sip/siege.h"

#include <errno.h>
#include <stdio.h>

#include "../t.h"

static const struct siege_bounds bounds = { 5000, 1000, 60 };

struct scene {
	struct siege siege;
	struct siege_load load;
	uint64_t s;			/* the clock */
};

/* A second with so many messages; a siege keeps them out, without one they are rejected. */
static enum siege_change tick(struct scene *c, uint64_t messages)
{
	*(c->siege.active ? &c->load.kept_out : &c->load.rejected) += messages;
	c->s++;
	return siege_tick(&c->siege, &bounds, &c->load, (boot_t){ c->s * NS_PER_S },
			  (wall_t){ (int64_t)c->s * US_PER_S });
}

static struct scene begin(enum siege_mode mode)
{
	struct scene c = { .s = 1000 };

	siege_init(&c.siege, mode);
	tick(&c, 0);
	return c;
}

static void test_load(void)
{
	struct scene c = begin(SIEGE_AUTO);

	t_is("a busy second", tick(&c, 6000), SIEGE_SAME);
	t_is("then not", tick(&c, 5000), SIEGE_SAME);
	t_is("another", tick(&c, 6000), SIEGE_SAME);
	t_is("two", tick(&c, 6000), SIEGE_BEGINS);
	t_ok("loud", c.siege.active && c.siege.per_s == 6000 && c.siege.begun == 1);
	for (int i = 0; i < 1000; i++)
		t_is("as long as there is something", tick(&c, 1000), SIEGE_SAME);
	for (int i = 0; i < 59; i++)
		t_is("calm", tick(&c, 999), SIEGE_SAME);
	t_is("not quite", tick(&c, 2000), SIEGE_SAME);
	for (int i = 0; i < 59; i++)
		t_is("calm again", tick(&c, 0), SIEGE_SAME);
	t_is("for a minute", tick(&c, 0), SIEGE_ENDS);
	t_is("over", tick(&c, 0), SIEGE_SAME);
}

static void test_by_hand(void)
{
	struct scene c = begin(SIEGE_AUTO);

	siege_set(&c.siege, SIEGE_ON, WALL_NEVER);
	t_is("on", tick(&c, 0), SIEGE_BEGINS);
	for (int i = 0; i < 100; i++)
		t_is("whatever the load", tick(&c, 0), SIEGE_SAME);
	siege_set(&c.siege, SIEGE_OFF, WALL_NEVER);
	t_is("off", tick(&c, 0), SIEGE_ENDS);
	for (int i = 0; i < 100; i++)
		t_is("whatever the load", tick(&c, 100000), SIEGE_SAME);
	siege_set(&c.siege, SIEGE_AUTO, WALL_NEVER);
	tick(&c, 6000);
	t_is("by load again", tick(&c, 6000), SIEGE_BEGINS);
}

static void test_for_a_time(void)
{
	struct scene c = begin(SIEGE_AUTO);

	siege_set(&c.siege, SIEGE_ON, (wall_t){ (int64_t)(c.s + 10) * US_PER_S });
	t_is("on", tick(&c, 0), SIEGE_BEGINS);
	siege_set(&c.siege, SIEGE_ON, (wall_t){ (int64_t)(c.s + 20) * US_PER_S });
	for (int i = 0; i < 19; i++)
		t_is("the second time counts", tick(&c, 0), SIEGE_SAME);
	/* In mode auto a siege ends with the load, a minute later. */
	t_is("not at once", tick(&c, 0), SIEGE_SAME);
	t_is("what was before", c.siege.mode, SIEGE_AUTO);
	for (int i = 0; i < 58; i++)
		tick(&c, 0);
	t_is("a minute later", tick(&c, 0), SIEGE_ENDS);
}

static void test_counters_that_go_back(void)
{
	struct scene c = begin(SIEGE_AUTO);

	tick(&c, 6000);
	c.load = (struct siege_load){ 0 };
	t_is("new maps", tick(&c, 3000), SIEGE_SAME);
	t_ok("are no load", c.siege.per_s == 0);
}

static void test_database(void)
{
	struct siege a, b;
	uint8_t value[SIEGE_BYTES];

	siege_init(&a, SIEGE_AUTO);
	siege_set(&a, SIEGE_ON, (wall_t){ 1700000000123456 });
	siege_write(&a, value);
	siege_init(&b, SIEGE_OFF);
	t_is("read back", siege_read(&b, value, sizeof(value)), 0);
	t_ok("the same", b.mode == SIEGE_ON && b.fallback == SIEGE_AUTO && b.until.us == a.until.us);
	t_is("short", siege_read(&b, value, sizeof(value) - 1), -EINVAL);
	value[1] = 3;
	t_is("no mode", siege_read(&b, value, sizeof(value)), -EINVAL);
	value[1] = 0x30;
	t_is("nor after it", siege_read(&b, value, sizeof(value)), -EINVAL);
	value[1] = 1;
	value[9] = 0xff;
	t_is("no time", siege_read(&b, value, sizeof(value)), -EINVAL);
	value[0] = 9;
	t_is("a later version", siege_read(&b, value, sizeof(value)), -EINVAL);
	t_is("it stays", b.mode, SIEGE_ON);
}

static void test_names(void)
{
	enum siege_mode m;

	for (int i = SIEGE_OFF; i <= SIEGE_AUTO; i++) {
		t_is("a name", siege_mode_parse(siege_mode_name((enum siege_mode)i), &m), 0);
		t_is("of it", m, i);
	}
	t_is("not one", siege_mode_parse("yes", &m), -EINVAL);
}

int main(void)
{
	test_load();
	test_by_hand();
	test_for_a_time();
	test_counters_that_go_back();
	test_database();
	test_names();
	return t_done();
}
