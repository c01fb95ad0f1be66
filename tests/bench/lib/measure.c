// SPDX-License-Identifier: GPL-2.0-or-later
#include "measure.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int need(const char *what, int ret)
{
	if (ret >= 0)
		return ret;
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(-ret));
	exit(1);
}

void take_core(void)
{
	struct sched_param first = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	if (sched_setaffinity(0, sizeof(set), &set) ||
	    sched_setscheduler(0, SCHED_FIFO, &first))
		need("cannot have a core to myself", -errno);
}

int compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double quantile(double *values, int n, double part)
{
	qsort(values, (size_t)n, sizeof(*values), compare_numbers);
	return values[(int)(part * (n - 1) + 0.5)];
}

void show_round(int r, int rounds)
{
	if (!isatty(2))
		return;
	if (r < rounds)
		fprintf(stderr, "\rround %d of %d ", r + 1, rounds);
	else
		fprintf(stderr, "\r\033[K");
}
