// SPDX-License-Identifier: GPL-2.0-or-later
#include "decide/ignorecache.h"

#include <errno.h>
#include <stdlib.h>

#include "../t.h"

static boot_t at(uint64_t s)
{
	return (boot_t){ s * NS_PER_S };
}

static int get(struct ignorecache *c, const char *key, uint64_t s)
{
	return ignorecache_get(c, key, strlen(key), at(s));
}

static void put(struct ignorecache *c, const char *key, bool ignore, uint64_t s)
{
	t_is(key, ignorecache_put(c, key, strlen(key), ignore, at(s)), 0);
}

static void test_answers(void)
{
	struct ignorecache *c = ignorecache_new(100, 300 * NS_PER_S);

	t_is("not known", get(c, "a", 0), -ENOENT);
	put(c, "a", true, 0);
	put(c, "b", false, 0);
	t_is("ignore", get(c, "a", 1), 1);
	t_is("do not", get(c, "b", 1), 0);
	t_is("just in time", get(c, "a", 299), 1);
	t_is("looking does not prolong", get(c, "a", 300), -ENOENT);
	put(c, "b", true, 200);
	t_is("a new answer", get(c, "b", 499), 1);
	ignorecache_free(c);
	ignorecache_free(NULL);
}

static void test_full(void)
{
	struct ignorecache *c = ignorecache_new(2, 300 * NS_PER_S);

	put(c, "a", true, 0);
	put(c, "b", true, 0);
	t_is("used", get(c, "a", 0), 1);
	put(c, "c", true, 0);
	t_is("stays", get(c, "a", 0), 1);
	t_is("the one not used goes", get(c, "b", 0), -ENOENT);
	ignorecache_free(c);
	c = ignorecache_new(0, 300 * NS_PER_S);
	put(c, "a", true, 0);
	t_is("no room at all", get(c, "a", 0), -ENOENT);
	ignorecache_free(c);
}

int main(void)
{
	test_answers();
	test_full();
	return t_done();
}
