// SPDX-License-Identifier: GPL-2.0-or-later
/* No descriptor is left for a client: it waits, and nobody runs in circles. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "../t.h"
#include "base/loop.h"
#include "control/ctl_server.h"

static unsigned int calls;
static bool full = true;

/* Instead of the C library's. */
int accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	calls++;
	if (!full)
		return (int)syscall(SYS_accept4, fd, sa, len, flags);
	errno = EMFILE;
	return -1;
}

static int stop(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)req, (void)r, (void)why;
	loop_stop(ctx);
	return 0;
}

static const struct ctl_handler handlers[] = { { "stop", stop }, { 0 } };

static void on_time(void *ctx)
{
	loop_stop(ctx);
}

static int knock(const char *path)
{
	static const char request[] = "{\"verb\": \"stop\"}\n";
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	t_is("a client connects", connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	t_is("and asks", send(fd, request, strlen(request), 0), (int64_t)strlen(request));
	return fd;
}

static void check_full(struct loop *loop, const char *path)
{
	struct loop_timer timer = { .fn = on_time, .ctx = loop };
	int fd = knock(path);

	loop_timer_in(loop, &timer, NS_PER_S / 20);
	loop_run(loop);
	t_ok("it is tried", calls > 0);
	t_ok("but not thousands of times", calls < 100);
	full = false;
	loop_timer_in(loop, &timer, 60 * NS_PER_S);
	loop_run(loop);
	t_ok("and it is answered when there is room again", timer.armed);
	loop_timer_cancel(loop, &timer);
	close(fd);
}

int main(void)
{
	char dir[] = "/tmp/ctl_full_test.XXXXXX", path[64];
	struct loop *loop = loop_new();
	struct ctl_server *s;

	if (!mkdtemp(dir) || !loop)
		return 1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	t_is("the server listens", ctl_server_new(&s, loop, path, handlers, loop), 0);
	check_full(loop, path);
	ctl_server_free(s);
	loop_free(loop);
	rmdir(dir);
	return t_done();
}
