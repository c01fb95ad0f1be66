// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal/journal_guard.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

/* Flags of a signal: of this thread alone, as the database's has maps of its own. */
static _Thread_local volatile sig_atomic_t guarded, hit;

/* sigaction(2) and mmap(2) are system calls and no more, so they may be used here. */
static void on_bus(int sig, siginfo_t *info, void *context)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)info->si_addr & ~(size - 1));
	struct sigaction deadly = { .sa_handler = SIG_DFL };
	int err = errno;

	(void)context;
	if (guarded && info->si_code == BUS_ADRERR &&
	    mmap(page, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page)
		hit = 1;
	else
		sigaction(sig, &deadly, NULL);	/* it comes again, and ends us */
	errno = err;
}

void journal_guard_begin(void)
{
	struct sigaction guard = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	hit = 0;
	guarded = 1;
	sigaction(SIGBUS, &guard, NULL);
}

bool journal_guard_end(void)
{
	guarded = 0;
	return hit;
}
