// SPDX-License-Identifier: GPL-2.0-or-later
/* A page that is gone reads as zeros under the guard, and is deadly without it. */
#include "journal/journal_guard.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../t.h"

/* Three pages of 'x', of which the file has lost the last two. */
static const volatile char *cut_file(size_t page)
{
	char name[] = "/tmp/guardXXXXXX";
	int fd = mkstemp(name);
	char *text = malloc(3 * page);
	void *map;

	memset(text, 'x', 3 * page);
	unlink(name);
	t_ok("a file", write(fd, text, 3 * page) == (ssize_t)(3 * page));
	map = mmap(NULL, 3 * page, PROT_READ, MAP_SHARED, fd, 0);
	t_ok("mapped", map != MAP_FAILED);
	t_is("cut", ftruncate(fd, (off_t)page), 0);
	close(fd);
	free(text);
	return map;
}

static void test_guarded(const volatile char *map, size_t page)
{
	journal_guard_begin();
	t_is("what is there", map[0], 'x');
	t_ok("is all right", !journal_guard_end());
	journal_guard_begin();
	t_is("what is gone", map[page + 5], 0);
	t_is("and more of it", map[2 * page], 0);
	t_ok("is noticed", journal_guard_end());
	journal_guard_begin();
	t_ok("once", !journal_guard_end());
}

/* The signal that ends a child that reads there; 0: none did. */
static int deadly(const volatile char *p)
{
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		_exit(*p == 'y');
	}
	t_ok("a child", pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const volatile char *map = cut_file(page);

	test_guarded(map, page);
	/* The handler is there, but nobody has asked for it now. */
	map = cut_file(page);
	t_is("what is there", deadly(map), 0);
	t_is("without the guard", deadly(map + page), SIGBUS);
	return t_done();
}
