// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost - runs a command and prints what it cost: seconds of CPU time (its own
 * and the kernel's for it), seconds that passed, and the most memory that it
 * had at once, in kB.  What the command prints goes nowhere.
 *
 * CPU time, because other work on the machine changes it least, and none of the
 * programs that are measured uses a second processor.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void run(char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	execvp(argv[0], argv);
	fprintf(stderr, "cost: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int main(int argc, char **argv)
{
	boot_t begin = boot_now();
	struct rusage use;
	int status;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: cost COMMAND...\n");
		return 2;
	}
	pid = vfork();	/* its memory is not to count as the command's */
	if (!pid)
		run(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid) {
		perror("cost");
		return 1;
	}
	printf("%.4f %.4f %ld\n", seconds(use.ru_utime) + seconds(use.ru_stime),
	       (double)(boot_now().ns - begin.ns) / NS_PER_S, use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
