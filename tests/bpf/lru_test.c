// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An LRU map evicts when it feels full, and tells nobody.  Fill the maps to the
 * promised capacity, churn on every CPU at once, and find every ban still there,
 * and none that the filter in front overlooks.
 * To show that this can fail: the same without head-room loses bans.
 *
 *	lru_test [CAPACITY...]	only these, both families
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "../unit/t.h"
#include "base/log.h"
#include "maps/maps_private.h"
#include "maps/walk.h"
#include "xdp/xdp.h"
#include "lift.h"

#define WORKERS		8

struct worker {
	pthread_t thread;
	struct xdp *x;
	int number;
	uint32_t n, rounds;		/* bans it holds; how often it replaces all */
	uint32_t first;			/* the oldest of them; the newest is first + n - 1 */
	uint8_t family;
	int err;
};

/* The @i-th address of a worker: all different, spread over the buckets. */
static struct ipaddr address(const struct worker *w, uint32_t i)
{
	struct ipaddr a = { .family = w->family, .prefix = w->family == 4 ? 32 : 128 };
	uint32_t v = (i * WORKERS + (uint32_t)w->number) * 2654435761u;

	memcpy(a.bytes, &v, 4);
	return a;
}

static void add(struct worker *w, uint32_t first, uint32_t n)
{
	struct enforce_ban *bans = calloc(n + 1, sizeof(*bans));
	int err;

	for (uint32_t i = 0; i < n; i++)
		bans[i] = (struct enforce_ban){ .who = address(w, first + i), .n = 1,
						.ends = { { 0, BOOT_NEVER } } };
	err = enforcer_add(&w->x->maps.e, bans, n);
	if (err)
		w->err = err;
	free(bans);
}

static void del(struct worker *w, uint32_t i)
{
	struct ipaddr a = address(w, i);
	int err = lift(&w->x->maps.e, &a, 1);

	if (err)
		w->err = err;
}

static void move_to_cpu(unsigned int n)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(n % (unsigned int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/*
 * Replace the oldest by newer ones: one at a time, and several in one call;
 * write some again that are there; and wander from CPU to CPU, since each one
 * keeps free entries to itself.
 */
static void *churn(void *arg)
{
	struct worker *w = arg;
	uint32_t end = w->first + w->rounds * w->n;

	add(w, w->first, w->n);
	while (w->first < end && !w->err) {
		uint32_t step = w->first % 3 ? 1 : 7;

		if (w->first % 500 < step)
			move_to_cpu((unsigned int)(w->number + w->first / 500));
		for (uint32_t i = 0; i < step; i++)
			del(w, w->first + i);
		add(w, w->first + w->n, step);
		w->first += step;
		add(w, w->first + w->n / 2, 1);
	}
	return NULL;
}

static uint32_t lost(const struct worker *w)
{
	uint32_t n = 0;

	for (uint32_t i = w->first; i < w->first + w->n; i++) {
		struct ipaddr a = address(w, i);
		struct enforce_hits hits;

		n += enforcer_hits(&w->x->maps.e, &a, (boot_t){ 0 }, &hits) != 0;
	}
	return n;
}

/* How many of the worker's bans the filter does not know. */
static uint32_t overlooked(const struct worker *w)
{
	uint32_t n = 0;

	for (uint32_t i = w->first; i < w->first + w->n; i++) {
		struct ipaddr a = address(w, i);

		n += !maps_front_maybe(&w->x->maps, w->family == 6, a.bytes);
	}
	return n;
}

static bool find_any(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	(void)ctx;
	*out = (struct enforce_ban){ .who = *who, .n = 1, .ends = { { 0, BOOT_NEVER } } };
	return true;
}

static bool next_none(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	(void)ctx, (void)cursor, (void)out;
	return false;
}

/* The comparison that makes the filter, and whether it knows all. */
static void check_filter(struct xdp *x, const struct worker w[WORKERS])
{
	struct enforce_truth as_it_is = { NULL, find_any, next_none };
	uint32_t n = 0;

	t_is("all are compared", enforcer_resync(&x->maps.e, &as_it_is, boot_now, NULL), 0);
	for (int i = 0; i < WORKERS; i++)
		n += overlooked(&w[i]);
	t_is("bans that the filter overlooks", n, 0);
}

static bool fill_and_churn(uint32_t capacity, uint8_t family, uint32_t rounds)
{
	struct xdp_params params = { .max_bans = { family == 4 ? capacity : 1,
						   family == 6 ? capacity : 1 } };
	struct worker w[WORKERS] = { 0 };
	uint32_t gone = 0, there = 0;
	char what[128];
	struct xdp *x;

	if (xdp_open(&x, &params))
		return false;
	t_ok("the capacity is as asked for", x->maps.max_bans[family == 6] >= capacity);
	for (int i = 0; i < WORKERS; i++) {
		w[i] = (struct worker){ .x = x, .number = i, .family = family,
					.n = capacity / WORKERS, .rounds = rounds };
		pthread_create(&w[i].thread, NULL, churn, &w[i]);
	}
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(w[i].thread, NULL);
		t_is("no call failed", w[i].err, 0);
	}
	for (int i = 0; i < WORKERS; i++)
		gone += lost(&w[i]);
	map_count(x->maps.fd[family == 4 ? MAP_BANS4 : MAP_BANS6], &there);
	snprintf(what, sizeof(what), "bans lost of %u, IPv%u, after %u changes", capacity,
		 family, rounds * capacity);
	t_is(what, gone, 0);
	t_is("and none is there too many", there, capacity);
	check_filter(x, w);
	xdp_close(x);
	return true;
}

/* The same number of entries in an LRU map that has room for just these. */
static void without_headroom(uint32_t capacity)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "no_headroom", 4, 24, capacity, NULL);
	struct host_ban ban = { .end = ~0ull };
	uint32_t there = 0;

	for (uint32_t i = 0; i < capacity; i++) {
		uint32_t key = i * 2654435761u;

		if (i % 100 == 0)
			move_to_cpu(i / 100);
		bpf_map_update_elem(fd, &key, &ban, BPF_ANY);
	}
	map_count(fd, &there);
	t_ok("without head-room bans are lost", there < capacity);
	close(fd);
}

static void check_sizes(void)
{
	static const uint32_t capacities[] = { 1, 100, 1000, 65536, 262144, 1000000, 4000000 };

	for (unsigned int cpus = 1; cpus <= 512; cpus *= 2)
		for (size_t i = 0; i < ARRAY_SIZE(capacities); i++) {
			uint32_t entries = maps_lru_entries(capacities[i], cpus);
			uint32_t back = maps_lru_capacity(entries, cpus);

			t_ok("the kernel cannot run out", entries >= capacities[i] + 129 * (cpus + 1));
			t_ok("and the capacity is found again, or a little more",
			     back >= capacities[i] &&
			     back <= capacities[i] + capacities[i] / 16 + 1);
		}
	t_is("a map that is too small has none", maps_lru_capacity(100, 2), 0);
}

/*
 * "At most 120 bytes of kernel memory for a ban, all maps of IPv4 counted."  But for
 * the tries, which grow with what is in them: nothing is, and kernels before 6.3 say
 * how much that may become.
 */
static void check_memory(uint32_t capacity)
{
	static const enum map_id counted[] = { MAP_BANS4, MAP_FRONT4, MAP_SCOPES,
						MAP_SETTINGS, MAP_CPU };
	struct xdp_params params = { .max_bans = { capacity, 1024 } };
	unsigned long bytes = 0;
	char line[256], path[64];
	struct xdp *x;

	if (xdp_open(&x, &params))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		unsigned long memlock = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", x->maps.fd[counted[i]]);
		f = fopen(path, "r");
		while (f && fgets(line, sizeof(line), f))
			sscanf(line, "memlock: %lu", &memlock);
		if (f)
			fclose(f);
		bytes += memlock;
	}
	printf("%u bans: %.1f bytes of kernel memory each\n", capacity,
	       (double)bytes / capacity);
	t_ok("the kernel says how much", bytes > 0);
	t_ok("at most 120 bytes a ban", bytes <= 120ul * capacity);
	xdp_close(x);
}

/* Bytes that a map of @capacity bans of either family will not exceed. */
#define BAN_BYTES	160ull

static bool memory_for(uint32_t capacity)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f) &&
	       !sscanf(line, "MemAvailable: %llu", &kib))
		;
	if (f)
		fclose(f);
	return kib * 1024 > capacity * BAN_BYTES;
}

static int capacities(char **list)
{
	for (; *list; list++) {
		uint32_t capacity = (uint32_t)strtoul(*list, NULL, 10) / WORKERS * WORKERS;

		if (!memory_for(capacity)) {
			printf("not enough memory for %u bans\n", capacity);
			return 77;
		}
		printf("%u bans\n", capacity);
		fill_and_churn(capacity, 4, 1);
		fill_and_churn(capacity, 6, 1);
		check_memory(capacity);
	}
	return t_done();
}

int main(int argc, char **argv)
{
	libbpf_set_print(NULL);
	log_plain(LOG_LEVEL_ERROR);
	if (argc > 1)
		return capacities(argv + 1);
	if (!fill_and_churn(800, 4, 20)) {
		puts("this kernel or user cannot load the program");
		return 77;
	}
	fill_and_churn(20000, 4, 8);
	fill_and_churn(20000, 6, 8);
	fill_and_churn(ENFORCE_MAX_BANS, 4, 1);
	without_headroom(20000);
	check_sizes();
	check_memory(ENFORCE_MAX_BANS);
	check_memory(1000000);
	return t_done();
}
