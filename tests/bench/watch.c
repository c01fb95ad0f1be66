// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * watch - says when addresses get banned and when their first packet is dropped.
 *
 * It looks at the pinned maps every fifth of a millisecond, so the times that
 * it prints are that much late at most, plus what the scheduler adds: never
 * early.  One line for each event, "banned ADDRESS EPOCH" or "dropped ADDRESS
 * EPOCH"; ends when all has happened, or with a signal.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "lib/banmap.h"

#define LOOK_EVERY_NS	200000
#define WATCHED_MAX	64

struct watched {
	struct ipaddr who;
	bool banned, dropped;
};

static void say(const char *what, const struct ipaddr *who)
{
	wall_t now = wall_now();
	char text[IPADDR_TEXT];

	printf("%s %s %lld.%06lld\n", what, ipaddr_format(who, text),
	       (long long)(now.us / US_PER_S), (long long)(now.us % US_PER_S));
	fflush(stdout);
}

/* True when nothing more can happen to @w. */
static bool look_at(const struct banmap *map, struct watched *w)
{
	struct banlook look;

	if (w->dropped)
		return true;
	look = banmap_look(map, &w->who);
	if (look.banned && !w->banned) {
		w->banned = true;
		say("banned", &w->who);
	}
	if (look.dropped) {
		w->dropped = true;
		say("dropped", &w->who);
	}
	return w->dropped;
}

static void watch(const struct banmap *map, struct watched *list, int n)
{
	const struct timespec nap = { .tv_nsec = LOOK_EVERY_NS };
	int done;

	do {
		nanosleep(&nap, NULL);
		done = 0;
		for (int i = 0; i < n; i++)
			done += look_at(map, &list[i]);
	} while (done < n);
}

int main(int argc, char **argv)
{
	struct watched list[WATCHED_MAX] = { 0 };
	struct banmap map;
	int err, n = argc - 2;

	if (n < 1 || n > WATCHED_MAX) {
		fprintf(stderr, "usage: watch PIN-DIR ADDRESS...\n");
		return 2;
	}
	for (int i = 0; i < n; i++) {
		if (ipaddr_parse(argv[i + 2], strlen(argv[i + 2]), &list[i].who)) {
			fprintf(stderr, "watch: '%s' is no address\n", argv[i + 2]);
			return 2;
		}
	}
	err = banmap_open(&map, argv[1]);
	if (err) {
		fprintf(stderr, "watch: %s: %s\n", argv[1], strerror(-err));
		return 1;
	}
	watch(&map, list, n);
	banmap_close(&map);
	return 0;
}
