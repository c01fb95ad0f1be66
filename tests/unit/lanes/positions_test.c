// SPDX-License-Identifier: GPL-2.0-or-later
/* Where reading stopped: what is kept, how much of it, and until when. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../t.h"
#include "lanes/positions.h"

struct scene {
	char dir[64];
	dev_t dev;
	struct loop *loop;
	struct sources *sources;
	struct positions all;
	char gone[512];			/* names, in the order of the map */
};

static const char *path(const struct scene *s, const char *name)
{
	static char text[2][128];
	static unsigned int turn;

	turn ^= 1;
	snprintf(text[turn], sizeof(text[turn]), "%s/%s", s->dir, name);
	return text[turn];
}

static void touch(const struct scene *s, const char *name)
{
	FILE *f = fopen(path(s, name), "w");

	t_ok(name, f && !fclose(f));
}

static int put(struct scene *s, const char *name, dev_t dev, const char *cursor)
{
	struct source_position p = { .dev = dev, .offset = 7, .cursor = cursor };

	return positions_put(&s->all, name, &p);
}

static bool knows(const struct scene *s, const char *name)
{
	return positions_get(&s->all, path(s, name));
}

static void on_gone(void *ctx, const char *name)
{
	struct scene *s = ctx;

	strncat(s->gone, name + strlen(s->dir) + 1, sizeof(s->gone) - strlen(s->gone) - 1);
	strncat(s->gone, ";", sizeof(s->gone) - strlen(s->gone) - 1);
}

/* ---- tests ----------------------------------------------------------------------- */

static void test_put(struct scene *s)
{
	const struct source_position *p;

	t_ok("nothing yet", !knows(s, "a"));
	t_is("put", put(s, path(s, "a"), s->dev, NULL), 0);
	t_is("a journal's", put(s, "journal", 0, "s=1"), 0);
	t_is("a later one", put(s, "journal", 0, "s=2"), 0);
	p = positions_get(&s->all, "journal");
	t_ok("is in its place", p && streq(p->cursor, "s=2"));
	p = positions_get(&s->all, path(s, "a"));
	t_ok("with all that was put", p && p->offset == 7 && p->dev == s->dev && !p->cursor);
}

/* A log that is followed is waited for; all others go with their files. */
static void test_gone(struct scene *s)
{
	struct source_spec spec = { .path = path(s, "waiting") };
	struct source_follow *follow;

	t_is("follow", sources_follow(s->sources, &spec, &follow), 0);
	touch(s, "there");
	put(s, path(s, "there"), s->dev, NULL);
	put(s, path(s, "2026/11/23"), s->dev, NULL);
	put(s, path(s, "unmounted"), s->dev + 1, NULL);
	put(s, path(s, "waiting"), s->dev, NULL);
	positions_forget_gone(&s->all, s->sources, on_gone, s);
	t_ok("no file, nobody waits", !knows(s, "a") && strstr(s->gone, "a;"));
	t_ok("nor directory", !knows(s, "2026/11/23") && strstr(s->gone, "2026/11/23;"));
	t_is("these two", (int64_t)strlen(s->gone), (int64_t)strlen("a;2026/11/23;"));
	t_ok("a file", knows(s, "there"));
	t_ok("a file system that is away", knows(s, "unmounted"));
	t_ok("a log that is awaited", knows(s, "waiting"));
	t_ok("a journal", positions_get(&s->all, "journal"));

	sources_unfollow(s->sources, follow);
	s->gone[0] = '\0';
	positions_forget_gone(&s->all, s->sources, on_gone, s);
	t_str("awaited no more", s->gone, "waiting;");
}

static void test_full(struct scene *s)
{
	int err = 0;
	char name[32];

	for (unsigned int i = 0; !err && i <= POSITIONS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		err = put(s, name, 0, NULL);
	}
	t_is("no more than so many", err, -ENOSPC);
	t_is("all of them", (int64_t)s->all.by_name.n, POSITIONS_MAX);
	t_is("counted", (int64_t)s->all.refused, 1);
	t_is("the known go on", put(s, "0", 5, NULL), 0);
}

int main(void)
{
	const struct source_sink nobody = { 0 };
	struct scene s = { .dir = "/tmp/positions-XXXXXX" };
	struct stat st;

	t_ok("directory", mkdtemp(s.dir) && !stat(s.dir, &st));
	s.dev = st.st_dev;
	s.loop = loop_new();
	t_is("sources", sources_new(&s.sources, s.loop, &nobody, NULL, NULL), 0);
	t_is("positions", positions_init(&s.all), 0);
	test_put(&s);
	test_gone(&s);
	test_full(&s);
	positions_fini(&s.all);
	sources_free(s.sources);
	loop_free(s.loop);
	unlink(path(&s, "there"));
	rmdir(s.dir);
	return t_done();
}
