// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Another time for one process: preloaded into the daemon, this adds to what the
 * clocks say the two offsets (seconds, as doubles) in the file that
 * XDPBAN_TEST_CLOCK names: to the wall clock, and to the boot clock.  The test
 * changes the file while the daemon runs, which nobody may do to the machine's own
 * clocks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile double *offsets;

__attribute__((constructor)) static void map_offsets(void)
{
	const char *path = getenv("XDPBAN_TEST_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0) {
		p = mmap(NULL, 2 * sizeof(double), PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	if (p != MAP_FAILED)
		offsets = p;
}

static double offset_of(clockid_t clock)
{
	if (!offsets)
		return 0;
	return clock == CLOCK_REALTIME ? offsets[0] : clock == CLOCK_BOOTTIME ? offsets[1] : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int ret = (int)syscall(SYS_clock_gettime, clock, ts);
	long long ns = ts->tv_nsec + (long long)(offset_of(clock) * 1e9);

	ts->tv_sec += ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
	if (ts->tv_nsec < 0) {
		ts->tv_nsec += 1000000000;
		ts->tv_sec--;
	}
	return ret;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;
	int ret = clock_gettime(CLOCK_REALTIME, &ts);

	(void)tz;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return ret;
}

time_t time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out)
		*out = ts.tv_sec;
	return ts.tv_sec;
}
