// SPDX-License-Identifier: GPL-2.0-or-later
/* What somebody who has taken over a confined process still can do, and what not. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../t.h"
#include "base/log.h"
#include "confine/confine.h"

struct scene {
	char top[T_DIR], in[T_DIR + 8], out[T_DIR + 8];	/* may be written; may not */
	pid_t other;					/* a process like any of root's */
};

/* 0, or the errno of what gave -1. */
static int errno_of(long ret)
{
	return ret < 0 ? errno : 0;
}

static int try_open(const char *dir, const char *name, int flags)
{
	char path[T_DIR + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void *in_thread(void *ctx)
{
	*(int *)ctx = errno_of(syscall(SYS_execve, "/bin/true", NULL, NULL));
	return NULL;
}

/* ---- files ------------------------------------------------------------------------- */

static void test_files(const struct scene *s)
{
	char a[T_DIR + 32], b[T_DIR + 32];

	t_is("any file is read", try_open(s->out, "there", O_RDONLY), 0);
	t_is("any directory is read", try_open(s->out, "", O_RDONLY | O_DIRECTORY), 0);
	t_is("a file of ours is made", try_open(s->in, "new", O_WRONLY | O_CREAT | O_EXCL), 0);
	t_is("and written", try_open(s->in, "new", O_RDWR | O_TRUNC), 0);
	snprintf(a, sizeof(a), "%s/new", s->in);
	snprintf(b, sizeof(b), "%s/newer", s->in);
	t_is("and renamed", errno_of(rename(a, b)), 0);
	snprintf(a, sizeof(a), "%s/newer", s->out);
	t_ok("but not to where it may not be", rename(b, a) && (errno == EXDEV || errno == EACCES));
	t_is("and removed", errno_of(unlink(b)), 0);

	t_is("no other is written", try_open(s->out, "there", O_WRONLY), EACCES);
	t_is("nor added to", try_open(s->out, "there", O_WRONLY | O_APPEND), EACCES);
	t_is("nor made", try_open(s->out, "new", O_WRONLY | O_CREAT), EACCES);
	snprintf(a, sizeof(a), "%s/there", s->out);
	t_is("nor removed", errno_of(unlink(a)), EACCES);
	snprintf(b, sizeof(b), "%s/link", s->in);
	t_is("no link is made, also where we may write", errno_of(symlink(a, b)), EACCES);
	t_ok("of either kind", link(a, b) && (errno == EXDEV || errno == EACCES));
	t_is("no directory", errno_of(mkdir(b, 0700)), EACCES);
}

/* Landlock asks for none of these: root may do them to its own files without rights. */
static void test_owners(const struct scene *s)
{
	char path[T_DIR + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/there", s->out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	t_is("chmod", errno_of(chmod(path, 04755)), EPERM);
	t_is("fchmod", errno_of(fchmod(fd, 0666)), EPERM);
	t_is("fchmodat", errno_of(fchmodat(AT_FDCWD, path, 0666, 0)), EPERM);
	t_is("fchmodat2", errno_of(syscall(452, AT_FDCWD, path, 0666, 0)), EPERM);
	t_is("chown", errno_of(chown(path, 65534, 65534)), EPERM);
	t_is("fchown", errno_of(fchown(fd, 0, 0)), EPERM);
	t_is("setxattr", errno_of(setxattr(path, "user.a", "b", 1, 0)), EPERM);
	close(fd);
}

/* ---- programs and processes ---------------------------------------------------------- */

static void test_processes(const struct scene *s)
{
	int err = 0;
	pthread_t thread;

	t_is("no program", errno_of(syscall(SYS_execve, "/bin/true", NULL, NULL)), EPERM);
	t_is("no process", errno_of(fork()), EPERM);
	t_is("no namespace", errno_of(unshare(CLONE_NEWUSER)), EPERM);
	t_is("a thread", pthread_create(&thread, NULL, in_thread, &err), 0);
	pthread_join(thread, NULL);
	t_is("which may do no more", err, EPERM);
	t_is("no signal to others", errno_of(kill(s->other, 0)), EPERM);
	t_is("by another call", errno_of(syscall(SYS_tgkill, s->other, s->other, 0)), EPERM);
	t_is("but to itself, for abort()",
	     errno_of(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0)), 0);
	t_is("nobody is looked into", errno_of(ptrace(PTRACE_ATTACH, s->other, 0, 0)), EPERM);
	t_is("no file system", errno_of(mount("none", s->in, "tmpfs", 0, NULL)), EPERM);
	t_is("no io_uring", errno_of(syscall(425, 1, NULL)), EPERM);
	t_is("no keys", errno_of(syscall(SYS_keyctl, 0, 0, 0, 0, 0)), EPERM);
}

static void test_sockets(void)
{
	t_is("UDP", try_socket(AF_INET, SOCK_DGRAM), 0);
	t_is("TCP", try_socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK), 0);
	t_is("netlink", try_socket(AF_NETLINK, SOCK_RAW), 0);
	t_is("syslog", try_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC), 0);
	t_is("no D-Bus", try_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC), EPERM);
	t_is("nor its like", try_socket(AF_UNIX, SOCK_SEQPACKET), EPERM);
	t_is("no packets", try_socket(AF_PACKET, SOCK_RAW), EPERM);
}

/* ---- stage --------------------------------------------------------------------------- */

static bool set_up(struct scene *s)
{
	if (!t_dir(s->top))
		return false;
	snprintf(s->in, sizeof(s->in), "%s/in", s->top);
	snprintf(s->out, sizeof(s->out), "%s/out", s->top);
	if (mkdir(s->in, 0700) || mkdir(s->out, 0700) ||
	    try_open(s->out, "there", O_WRONLY | O_CREAT))
		return false;
	s->other = fork();
	if (!s->other) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	return s->other > 0;
}

/* In a process of its own, which it is for the rest of its life. */
static int in_confinement(const struct scene *s)
{
	const char *dirs[] = { s->in };
	struct confined c;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	confine(&c, dirs, 1);
	if (!c.landlock && !c.seccomp) {
		printf("0 passed, 0 failed, 1 skipped (%s)\n", c.why);
		fflush(stdout);
		return 77;
	}
	t_ok("what is missing is told", (c.landlock && c.seccomp) == !c.why);
	if (c.landlock)
		test_files(s);
	if (c.seccomp) {
		test_owners(s);
		test_processes(s);
		test_sockets();
	}
	return t_done();
}

int main(void)
{
	struct scene s;
	int status = 0;
	pid_t pid;

	log_plain(LOG_LEVEL_ERROR);
	if (!set_up(&s))
		return EXIT_FAILURE;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		status = in_confinement(&s);
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = 1 << 8;
	kill(s.other, SIGKILL);
	waitpid(s.other, NULL, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
