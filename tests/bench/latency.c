// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * latency - the stopwatch of latency.sh.
 *
 * Attackers come one after another.  For each, the lines before the deciding
 * one are written to the log, and after a pause of random length the deciding
 * one, with a single write(2).  Then the clock runs until the ban is in the
 * kernel's map, and until the map's counter says that a packet of the attacker,
 * who sends all the time, was dropped.  The same goes for Fail2ban, whose
 * action writes down when it was called.  The two take turns, so that whatever
 * else the machine does slows both.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/banmap.h"
#include "lib/wire.h"

#define ROUNDS_MAX	10000
#define LINES_BEFORE	4		/* maxretry is 5 */
#define PATIENCE_NS	(10 * NS_PER_S)
/* Long enough that each attacker finds both at rest, as in real life. */
#define PAUSE_MIN_MS	100
#define PAUSE_MAX_MS	600

enum lap { LAP_MAP, LAP_DROP, LAP_PEER, LAP_N };

struct bench {
	int log, peer_log, stamps;
	struct banmap map;
	struct wire wire;
	int rounds;
	double ms[LAP_N][ROUNDS_MAX + 1];
};

/* Every other one comes over IPv6.  These networks are kept for benchmarks. */
static struct ipaddr attacker(int round)
{
	struct ipaddr v4 = { .bytes = { 198, 18 }, .family = 4, .prefix = 32 };
	struct ipaddr v6 = { .bytes = { 0x20, 0x01, 0x00, 0x02 }, .family = 6,
			     .prefix = 128 };
	struct ipaddr *who = round % 2 ? &v6 : &v4;
	int host = round % 2 ? 14 : 2;

	who->bytes[host] = round >> 8;
	who->bytes[host + 1] = round & 0xff;
	return *who;
}

/* One line as sshd writes it through rsyslog. */
static size_t sshd_line(char *buf, size_t size, const char *who, int port)
{
	struct timespec now;
	struct tm tm;
	char date[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	return snprintf(buf, size, "%s.%06ld+00:00 server sshd[%d]: Failed password for "
			"root from %s port %d ssh2\n", date, now.tv_nsec / 1000, port, who,
			port);
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* Write the lines of @who; returns when the deciding one was handed over. */
static int write_lines(int fd, const char *who, int round, boot_t *since)
{
	char line[256];
	size_t len;

	for (int i = 0; i < LINES_BEFORE; i++) {
		len = sshd_line(line, sizeof(line), who, 10000 + round);
		if (write(fd, line, len) != (ssize_t)len)
			return -EIO;
	}
	pause_ms(PAUSE_MIN_MS + random() % (PAUSE_MAX_MS - PAUSE_MIN_MS));
	len = sshd_line(line, sizeof(line), who, 10000 + round);
	*since = boot_now();
	return write(fd, line, len) == (ssize_t)len ? 0 : -EIO;
}

static double ms_between(boot_t from, boot_t to)
{
	return ((double)to.ns - (double)from.ns) / 1e6;
}

/* Both laps of xdpban; -ETIME when the ban did not come. */
static int round_of_xdpban(struct bench *b, int round)
{
	struct ipaddr who = attacker(round);
	char text[IPADDR_TEXT];
	boot_t since, now;
	bool in_map = false;
	int err = write_lines(b->log, ipaddr_format(&who, text), round, &since);

	if (err)
		return err;
	do {
		struct banlook look = banmap_look(&b->map, &who);

		now = boot_now();
		if (look.banned && !in_map) {
			b->ms[LAP_MAP][round] = ms_between(since, now);
			in_map = true;
		}
		if (look.dropped) {
			b->ms[LAP_DROP][round] = ms_between(since, now);
			return 0;
		}
		err = wire_send(&b->wire, &who);
		if (err && err != -ENOBUFS)
			return err;
		sched_yield();
	} while (now.ns - since.ns < PATIENCE_NS);
	return -ETIME;
}

/* The action appends "ADDRESS NANOSECONDS" of the boot clock, one a line. */
static int read_stamp(int fd, const char *who, boot_t *stamp)
{
	char line[128], name[64];
	ssize_t len = read(fd, line, sizeof(line) - 1);
	unsigned long long ns;

	if (len < 0)
		return -errno;
	line[len] = '\0';
	if (!strchr(line, '\n')) {
		lseek(fd, -len, SEEK_CUR);	/* it is still being written */
		return -EAGAIN;
	}
	if (sscanf(line, "%63s %llu", name, &ns) != 2 || strcmp(name, who))
		return -EPROTO;
	stamp->ns = ns;
	return 0;
}

static int round_of_peer(struct bench *b, int round)
{
	struct ipaddr who = attacker(round);
	char text[IPADDR_TEXT];
	boot_t since, stamp = { 0 };
	int err = write_lines(b->peer_log, ipaddr_format(&who, text), round, &since);

	while (!err && boot_now().ns - since.ns < PATIENCE_NS) {
		err = read_stamp(b->stamps, text, &stamp);
		if (!err) {
			b->ms[LAP_PEER][round] = ms_between(since, stamp);
			return 0;
		}
		if (err == -EAGAIN)
			err = 0;
		pause_ms(1);
	}
	return err ? err : -ETIME;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: the p-quantile of n values is the ceil(p * n)-th. */
static double quantile(const double *sorted, int n, double p)
{
	int rank = (int)(p * n);

	return sorted[rank < p * n ? rank : rank - 1];
}

static void print_row(struct bench *b, enum lap lap, const char *who, const char *what)
{
	double *v = b->ms[lap];

	qsort(v, b->rounds, sizeof(*v), by_size);
	printf("  %-10s %-26s %9.3f %9.3f %9.3f\n", who, what,
	       quantile(v, b->rounds, 0.5), quantile(v, b->rounds, 0.99), v[b->rounds - 1]);
}

/* True when the target was met. */
static bool print_table(struct bench *b)
{
	double p50[LAP_N], p99[LAP_N];

	printf("  %-37s %9s %9s %9s\n", "milliseconds from the deciding line", "p50", "p99",
	       "max");
	print_row(b, LAP_MAP, "xdpban", "ban in the kernel's map");
	print_row(b, LAP_DROP, "", "first packet dropped");
	print_row(b, LAP_PEER, "Fail2ban", "action called");
	for (int i = 0; i < LAP_N; i++) {
		p50[i] = quantile(b->ms[i], b->rounds, 0.5);
		p99[i] = quantile(b->ms[i], b->rounds, 0.99);
	}
	printf("  Fail2ban takes %.0f times as long in the median, %.0f times at p99\n",
	       p50[LAP_PEER] / p50[LAP_MAP], p99[LAP_PEER] / p99[LAP_MAP]);
	printf("  target, p99 at most 1 ms from line to map: %s\n",
	       p99[LAP_MAP] <= 1 ? "met" : "MISSED");
	return p99[LAP_MAP] <= 1;
}

static int open_all(struct bench *b, char **argv)
{
	int err;

	b->map.fd4 = b->map.fd6 = b->wire.fd = -1;
	b->log = open(argv[2], O_WRONLY | O_APPEND | O_CLOEXEC);
	b->peer_log = open(argv[3], O_WRONLY | O_APPEND | O_CLOEXEC);
	b->stamps = open(argv[4], O_RDONLY | O_CLOEXEC);
	if (b->log < 0 || b->peer_log < 0 || b->stamps < 0)
		return -errno;
	err = banmap_open(&b->map, argv[5]);
	if (err)
		return err;
	return wire_open(&b->wire, argv[6], argv[7], argv[8], argv[9]);
}

/*
 * Fail2ban says that a jail has started somewhat before it looks at its log, and what
 * is written between is never read: so its first round, which does not count, may
 * have to be written again.
 */
static int first_of_peer(struct bench *b, int round)
{
	int err = round_of_peer(b, round);

	return err == -ETIME ? round_of_peer(b, round) : err;
}

/* One round more than counts: in the first, both are still warming up. */
static int run(struct bench *b)
{
	int err = 0;

	for (int i = b->rounds; i >= 0 && !err; i--) {
		err = round_of_xdpban(b, i);
		if (err) {
			fprintf(stderr, "latency: round %d, xdpban: %s\n", i, strerror(-err));
			break;
		}
		err = i == b->rounds ? first_of_peer(b, i) : round_of_peer(b, i);
		if (err)
			fprintf(stderr, "latency: round %d, Fail2ban: %s\n", i,
				strerror(-err));
	}
	return err;
}

int main(int argc, char **argv)
{
	static struct bench b;		/* too large for the stack */
	int err;

	if (argc != 10 || (b.rounds = atoi(argv[1])) < 1 || b.rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: latency ROUNDS LOG PEER-LOG STAMPS PIN-DIR "
			"INTERFACE MAC IPV4 IPV6\n");
		return 2;
	}
	srandom(1);			/* the same pauses in every run */
	err = open_all(&b, argv);
	if (err)
		fprintf(stderr, "latency: %s\n", strerror(-err));
	else
		err = run(&b);
	if (!err && !print_table(&b))
		err = -ETIME;
	wire_close(&b.wire);
	banmap_close(&b.map);
	return !!err;
}
