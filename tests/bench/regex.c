// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * regex - the most that one hostile line can cost.
 * Every filter of a Fail2ban configuration meets lines made to hurt: real sample
 * lines with a short text repeated thousands of times at a random place, and
 * the repeated text alone.  Prints the worst of each length, in CPU time.
 *
 *	regex CONFIG-DIR LOG-DIR LINES [SEED]
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "regex/regex.h"
#include "config/config.h"
#include "lanes/lane.h"
#include "lanes/logfile.h"

enum { MAX_SAMPLES = 4000, MAX_LINE = 65000 };

static const size_t lengths[] = { 300, 2000, 8000, 20000, 64000 };
static const char *const fills[] = {
	" ", "a", "1", ": ", "[", "]", "\"", "'", "from ", "for ", "a: ", "=\"", "user ",
	"1.2.3.4 ", "::", "a@", "<", "(", "x, ", "\\", "-", "\xc3\xa9", "\xff", "\t",
};

struct worst { double ms; char filter[256]; size_t fill; };

struct bench {
	char *samples[MAX_SAMPLES];	/* owns */
	size_t n_samples;
	struct regex_env *env;
	struct worst worst[ARRAY_SIZE(lengths)];
	uint64_t lines;
	char line[MAX_LINE];
};

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void take_samples(void *ctx, const char *data, size_t len)
{
	struct bench *b = ctx;
	const char *at = data, *line;
	size_t n;

	while (line_next(&at, data + len, &line, &n))
		if (n && *line != '#' && n < 2000 && b->n_samples < MAX_SAMPLES)
			b->samples[b->n_samples++] = strndup(line, n);
}

/* A sample with a fill repeated somewhere inside, @len bytes in all. */
static void make_line(struct bench *b, size_t len, size_t fill)
{
	const char *sample = b->samples[(size_t)random() % b->n_samples];
	size_t keep = random() % 4 ? strlen(sample) : 0, step = strlen(fills[fill]);
	size_t cut = keep ? (size_t)random() % keep : 0, at = cut;

	memcpy(b->line, sample, cut);
	while (at + step + (keep - cut) < len) {
		memcpy(b->line + at, fills[fill], step);
		at += step;
	}
	while (at < len)
		b->line[at++] = cut < keep ? sample[cut++] : ' ';
}

static void on_hit(void *ctx, struct lane *l, const struct hit *hit, const wall_t *when)
{
	(void)ctx, (void)l, (void)hit, (void)when;
}

static void torture(struct bench *b, struct lane *lane, const char *name, long lines)
{
	struct now now = { boot_now(), wall_now() };
	struct freshness fresh = { 0 };

	for (long i = 0; i < lines; i++) {
		size_t length = (size_t)i % ARRAY_SIZE(lengths);
		size_t fill = (size_t)random() % ARRAY_SIZE(fills);
		struct worst *w = &b->worst[length];
		double before;

		make_line(b, lengths[length], fill);
		before = cpu_ms();
		lane_line(lane, &fresh, b->line, lengths[length], &now);
		before = cpu_ms() - before;
		b->lines++;
		if (before > w->ms) {
			*w = (struct worst){ .ms = before, .fill = fill };
			snprintf(w->filter, sizeof(w->filter), "%s", name);
		}
	}
}

static void run_filter(struct bench *b, const char *dir, const char *name, long lines)
{
	struct diag d = { 0 };
	struct config *c = config_load_filter(dir, name, false, &d);
	struct lane_params p = { .env = b->env, .max_ids = 100, .as_logged = true,
				 .ops = { .hit = on_hit } };
	struct lane *lane = NULL;

	if (c && c->n_jails && !c->jails[0].broken) {
		p.conf = &c->jails[0];
		if (!lane_new(&lane, &p, wall_now(), &d))
			torture(b, lane, name, lines);
	}
	lane_free(lane);
	config_free(c);
	diag_fini(&d);
}

static void run_all(struct bench *b, const char *dir, long lines)
{
	char pattern[4096], name[256];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/filter.d/*.conf", dir);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		snprintf(name, sizeof(name), "%s", strrchr(found.gl_pathv[i], '/') + 1);
		*strrchr(name, '.') = '\0';
		run_filter(b, dir, name, lines);
	}
	globfree(&found);
}

int main(int argc, char **argv)
{
	static struct bench b;
	char pattern[4096];
	glob_t found;

	if (argc < 4)
		return 2;
	srandom(argc > 4 ? (unsigned int)atoi(argv[4]) : 1);
	snprintf(pattern, sizeof(pattern), "%s/*", argv[2]);
	if (glob(pattern, GLOB_MARK, NULL, &found))
		return 1;
	for (size_t i = 0; i < found.gl_pathc; i++)
		logfile_read(found.gl_pathv[i], NULL, take_samples, &b);
	globfree(&found);
	b.env = regex_env_new();
	if (!b.n_samples || !b.env)
		return 1;
	run_all(&b, argv[1], atol(argv[3]));
	printf("%llu hostile lines, %llu matches cut off by the limit\n\n",
	       (unsigned long long)b.lines, (unsigned long long)regex_env_limited(b.env));
	printf("%8s  %9s  %s\n", "bytes", "worst ms", "filter, repeated text");
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		printf("%8zu  %9.3f  %s, \"%s\"\n", lengths[i], b.worst[i].ms,
		       b.worst[i].filter, fills[b.worst[i].fill]);
	return 0;
}
