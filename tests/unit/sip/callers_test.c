// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose calls are answered often enough, and for long enough. */
#include "sip/callers.h"

#include <stdio.h>

#include "../t.h"

enum { MINUTE = 60, HOUR = 3600 };

static const struct callers_rule rule = { 4, 15ull * MINUTE * NS_PER_S };

static struct ipaddr addr(const char *text)
{
	struct ipaddr a;

	ipaddr_parse(text, strlen(text), &a);
	return a;
}

/* At second @at; call 0: something is refused. */
struct step { uint64_t at, call; bool known; };

static void play(const char *what, const struct callers_rule *r, const struct step *steps, size_t n)
{
	struct callers *c = callers_new(10);
	struct ipaddr who = addr("192.0.2.1");

	for (size_t i = 0; i < n; i++) {
		boot_t now = { (100000 + steps[i].at) * NS_PER_S };

		if (!steps[i].call)
			callers_refused(c, &who);
		else
			t_is(what, callers_answered(c, &who, steps[i].call, now, r),
			     steps[i].known);
	}
	callers_free(c);
}
#define PLAY(what, rule, ...) do { \
	static const struct step steps[] = { __VA_ARGS__ }; \
	play(what, rule, steps, ARRAY_SIZE(steps)); \
} while (0)

static void test_rule(void)
{
	static const struct callers_rule nobody = { 0, 0 }, once = { 1, HOUR * NS_PER_S };
	static const struct callers_rule too_many = { 100, 0 };

	PLAY("four calls, a quarter of an hour apart", &rule, { 0, 1, false },
	     { 15 * MINUTE, 2, false }, { 30 * MINUTE, 3, false }, { 45 * MINUTE, 4, true },
	     { 45 * MINUTE + 1, 5, true }, { 46 * MINUTE, 5, true });
	PLAY("many calls at once are one", &rule, { 0, 1, false }, { 1, 2, false }, { 2, 3, false },
	     { 3, 4, false }, { 4, 5, false }, { 15 * MINUTE - 1, 6, false });
	PLAY("a provider with many calls", &rule, { 0, 1, false }, { 10 * MINUTE, 2, false },
	     { 20 * MINUTE, 3, false }, { 30 * MINUTE, 4, false }, { 40 * MINUTE, 5, false },
	     { 50 * MINUTE, 6, false }, { 60 * MINUTE, 7, true });
	PLAY("one call that goes on", &rule, { 0, 1, false }, { HOUR, 1, false },
	     { 2 * HOUR, 1, false }, { 3 * HOUR, 1, false });
	PLAY("two that go on", &rule, { 0, 1, false }, { HOUR, 2, false }, { 2 * HOUR, 1, false },
	     { 3 * HOUR, 2, false }, { 4 * HOUR, 1, false });
	PLAY("one refusal, and he begins again", &rule, { 0, 1, false }, { HOUR, 2, false },
	     { 2 * HOUR, 3, false }, { 0, 0, false }, { 3 * HOUR, 4, false }, { 4 * HOUR, 5, false },
	     { 5 * HOUR, 6, false }, { 6 * HOUR, 7, true });
	PLAY("who was known, and is refused something", &rule, { 0, 1, false }, { HOUR, 2, false },
	     { 2 * HOUR, 3, false }, { 3 * HOUR, 4, true }, { 0, 0, false }, { 4 * HOUR, 5, false });
	PLAY("a day of silence", &rule, { 0, 1, false }, { HOUR, 2, false }, { 2 * HOUR, 3, false },
	     { 27 * HOUR, 4, false }, { 28 * HOUR, 5, false });
	PLAY("it can be switched off", &nobody, { 0, 1, false }, { HOUR, 2, false });
	PLAY("one may be enough", &once, { 0, 1, true });
	PLAY("no more than there is room for", &too_many, { 0, 1, false }, { 0, 2, false },
	     { 0, 3, false }, { 0, 4, false }, { 0, 5, false }, { 0, 6, false }, { 0, 7, false },
	     { 0, 8, true });
}

/* A thousand others do not cost more memory, and cannot be mistaken for each other. */
static void test_room(void)
{
	struct callers *c = callers_new(10);
	char text[32];
	int known = 0;

	for (uint64_t round = 0; round < 4; round++)
		for (int i = 0; i < 1000; i++) {
			struct ipaddr who;

			snprintf(text, sizeof(text), "198.18.%d.%d", i / 250, i % 250);
			who = addr(text);
			known += callers_answered(c, &who, round + 1,
						  (boot_t){ (1000 + round * HOUR) * NS_PER_S }, &rule);
		}
	t_ok("a crowd pushes itself out", known < 20);
	callers_refused(c, &(struct ipaddr){ .family = 4, .prefix = 32 });
	callers_free(c);
	callers_free(NULL);
}

int main(void)
{
	test_rule();
	test_room();
	return t_done();
}
