// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * burst - the second stopwatch of latency.sh: what a flood in one log does to
 * those who watch another.
 *
 *	burst FLOODED-LOG LOG PIN-DIR DAEMON LINES-FILE...
 *
 * All of a LINES-FILE is appended to FLOODED-LOG as fast as it can be written, and
 * then the lines of one more attacker, whose ban says that all has been read; then
 * the same with the next one.  Meanwhile attackers come to LOG, one after the other,
 * each with as many lines as he needs in one write(2); the clock runs until his ban
 * is in the kernel's map.
 *
 * DAEMON, a process id: it is stopped until all is written, and the clock runs from
 * then on; so what is measured is reading, not this machine's new memory.  0: it
 * reads while the lines are written.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "lib/banmap.h"

#define ATTACKERS_MAX	30000
#define ROUNDS_MAX	50
#define LINES_OF_ONE	5		/* maxretry of sshd's jail */
#define LINES_OF_LAST	20		/* no less than asterisk's */
#define PATIENCE_NS	(60 * NS_PER_S)
#define LOOK_NS		50000		/* between two looks into the map */
#define PAUSE_NS	2000000		/* between two attackers */
#define TARGET_MS	50

struct lines {
	const char *s;			/* mapped */
	size_t len;
	uint64_t n;
};

struct bench {
	struct lines lines[ROUNDS_MAX];
	const char *flooded;
	int log;
	pid_t daemon;		/* to be stopped meanwhile; 0: not */
	struct banmap map;
	double seconds[ROUNDS_MAX];
	double ms[ATTACKERS_MAX];	/* of each attacker */
	int n_attackers;
};

/* Networks kept for benchmarks and documentation; the lines have 198.18.0.0/16. */
static struct ipaddr address(int a, int b, int c)
{
	return (struct ipaddr){
		.bytes = { 198, (uint8_t)a, (uint8_t)b, (uint8_t)c }, .family = 4, .prefix = 32,
	};
}

static void put_date(struct str *out, const char *format)
{
	time_t now = time(NULL);
	char date[64];
	struct tm tm;

	strftime(date, sizeof(date), format, gmtime_r(&now, &tm));
	str_puts(out, date);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* In a process of its own: exits with 0 when all is written. */
static void flood(const struct bench *b, const struct lines *lines, const char *last)
{
	int fd = open(b->flooded, O_WRONLY | O_APPEND | O_CLOEXEC);
	struct str s = { 0 };

	for (int i = 0; i < LINES_OF_LAST; i++) {
		put_date(&s, "[%Y-%m-%d %H:%M:%S] ");
		str_printf(&s, "NOTICE[28794] chan_sip.c: Registration from '\"100\" <sip:100@"
			   "192.0.2.10>' failed for '%s:5060' - Wrong password\n", last);
	}
	_exit(fd < 0 || s.failed || write_all(fd, lines->s, lines->len) ||
	      write_all(fd, s.s, s.len));
}

static int write_attacker(int fd, const char *who)
{
	struct str s = { 0 };
	int err;

	for (int i = 0; i < LINES_OF_ONE; i++) {
		put_date(&s, "%Y-%m-%dT%H:%M:%S");
		str_printf(&s, "+00:00 server sshd[%d]: Failed password for root from %s "
			   "port 4711 ssh2\n", 1000 + i, who);
	}
	err = s.failed ? -ENOMEM : write_all(fd, s.s, s.len);
	str_fini(&s);
	return err;
}

/* The other two are to have the processors. */
static void rest(long ns)
{
	nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static double since(boot_t begin)
{
	return (double)(boot_now().ns - begin.ns) / NS_PER_S;
}

static bool is_banned(const struct bench *b, const struct ipaddr *who)
{
	return banmap_look(&b->map, who).banned;
}

/* One attacker; *@over when meanwhile the burst was read. */
static int attack(struct bench *b, const struct ipaddr *last, boot_t begin, double *over)
{
	int n = b->n_attackers;
	struct ipaddr who = address(19, (b->daemon ? 128 : 1) + n / 250, n % 250);
	char text[IPADDR_TEXT];
	boot_t from = boot_now();
	int err = write_attacker(b->log, ipaddr_format(&who, text));

	while (!err && !is_banned(b, &who)) {
		if (!*over && is_banned(b, last))
			*over = since(begin);
		err = boot_now().ns - from.ns > PATIENCE_NS ? -ETIME : 0;
		rest(LOOK_NS);
	}
	if (!*over)
		b->ms[b->n_attackers++] = since(from) * 1e3;
	return err;
}

static int end_of_writer(pid_t writer)
{
	int status;

	return writer < 0 || waitpid(writer, &status, 0) != writer || status ? -EIO : 0;
}

/* Another one for each round, and for either way of measuring; not the stage's own. */
static struct ipaddr last_of(const struct bench *b, int round)
{
	return address(51, 100, 100 + (b->daemon ? ROUNDS_MAX : 0) + round);
}

static int one_round(struct bench *b, int round)
{
	struct ipaddr last = last_of(b, round);
	char text[IPADDR_TEXT];
	double over = 0;
	int written = 0, err = 0;
	boot_t begin;
	pid_t writer;

	ipaddr_format(&last, text);
	if (b->daemon && kill(b->daemon, SIGSTOP))
		return -errno;
	begin = boot_now();
	writer = fork();
	if (!writer)
		flood(b, &b->lines[round], text);
	if (b->daemon) {
		written = end_of_writer(writer);
		begin = boot_now();
		kill(b->daemon, SIGCONT);
	}
	while (!err && !over && b->n_attackers < ATTACKERS_MAX) {
		rest(PAUSE_NS);
		err = attack(b, &last, begin, &over);
		if (!over && is_banned(b, &last))
			over = since(begin);
	}
	b->seconds[round] = over;
	if (!b->daemon)
		written = end_of_writer(writer);
	return err ? err : written;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* True when the target was met. */
static bool report(struct bench *b, int rounds)
{
	int n = b->n_attackers;
	const struct lines *one = &b->lines[0];
	double median, worst = n ? 0 : INFINITY;

	qsort(b->seconds, (size_t)rounds, sizeof(double), by_size);
	qsort(b->ms, (size_t)n, sizeof(double), by_size);
	median = b->seconds[(rounds - 1) / 2];
	worst = n ? b->ms[n - 1] : worst;
	printf("  %.0f MB, %llu lines, %s: read in %.3f s (median of %d), "
	       "%.2f M lines/s\n", (double)one->len / 1e6, (unsigned long long)one->n,
	       b->daemon ? "all there at once" : "while they are written", median, rounds,
	       (double)one->n / median / 1e6);
	if (n)
		printf("  meanwhile in another log, %d attackers, ms to the kernel's map: "
		       "p50 %.2f, p99 %.2f, max %.2f\n", n, b->ms[(n - 1) / 2],
		       b->ms[(n * 99 - 1) / 100], worst);
	printf("  target, below %d ms: %s\n", TARGET_MS, worst < TARGET_MS ? "met" : "MISSED");
	return worst < TARGET_MS;
}

static int open_lines(struct lines *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	l->len = (size_t)st.st_size;
	l->s = mmap(NULL, l->len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (l->s == MAP_FAILED)
		return -errno;
	for (const char *p = l->s, *end = p + l->len;
	     (p = memchr(p, '\n', (size_t)(end - p))); p++)
		l->n++;
	close(fd);
	return 0;
}

static int open_all(struct bench *b, char **argv, int rounds)
{
	int err = 0;

	b->map.fd4 = b->map.fd6 = -1;
	b->flooded = argv[1];
	b->daemon = atoi(argv[4]);
	b->log = open(argv[2], O_WRONLY | O_APPEND | O_CLOEXEC);
	if (b->log < 0)
		return -errno;
	for (int i = 0; i < rounds && !err; i++)
		err = open_lines(&b->lines[i], argv[5 + i]);
	return err ? err : banmap_open(&b->map, argv[3]);
}

int main(int argc, char **argv)
{
	static struct bench b;		/* too large for the stack */
	int rounds = argc - 5, err;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: burst FLOODED-LOG LOG PIN-DIR DAEMON "
			"LINES-FILE...\n");
		return 2;
	}
	err = open_all(&b, argv, rounds);
	for (int i = 0; i < rounds && !err; i++)
		err = one_round(&b, i);
	if (err)
		fprintf(stderr, "burst: %s\n", strerror(-err));
	else if (!report(&b, rounds))
		err = -ETIME;
	banmap_close(&b.map);
	return !!err;
}
