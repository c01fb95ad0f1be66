// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No descriptor is left for a client, or one goes on asking while his answer waits for
 * something: he waits, and nobody runs in circles.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
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

static unsigned int rounds;	/* of the loop */

/* Instead of those of base/clock.c: the loop looks at both in each round. */
boot_t boot_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (boot_t){ (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec };
}

wall_t wall_now(void)
{
	rounds++;
	return (wall_t){ 1700000000 * US_PER_S };
}

static int wait_for(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	r->waits = true;
	return 0;
}

static int stop(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)req, (void)r, (void)why;
	loop_stop(ctx);
	return 0;
}

static const struct ctl_handler handlers[] = { { "wait", wait_for }, { "stop", stop }, { 0 } };

static void on_time(void *ctx)
{
	loop_stop(ctx);
}

static int knock(const char *path, const char *request)
{
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
	int fd = knock(path, "{\"verb\": \"stop\"}\n");

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

static void check_waiting(struct loop *loop, const char *path)
{
	struct loop_timer timer = { .fn = on_time, .ctx = loop };
	int fd = knock(path, "{\"verb\": \"wait\"}\n");

	loop_timer_in(loop, &timer, NS_PER_S / 20);
	loop_run(loop);
	t_ok("and asks again", send(fd, "{}\n", 3, 0) == 3);
	rounds = 0;
	loop_timer_in(loop, &timer, NS_PER_S / 20);
	loop_run(loop);
	t_ok("that is left for later", rounds < 100);
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
	check_waiting(loop, path);
	ctl_server_free(s);
	loop_free(loop);
	rmdir(dir);
	return t_done();
}
