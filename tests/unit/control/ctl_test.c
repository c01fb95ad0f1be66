// SPDX-License-Identifier: GPL-2.0-or-later
/* The control socket between two processes: answers, streams, bad clients. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../t.h"
#include "base/loop.h"
#include "control/ctl_client.h"
#include "control/ctl_server.h"

enum { ROWS = 20000 };

static int echo(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)why;
	ctl_reply_add(r, json_deep_copy(req));
	return 0;
}

static int refuse(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)r;
	str_puts(why, "not today");
	return -EPERM;
}

static bool count_more(void *state, struct ctl_reply *r)
{
	int *n = state;

	for (; *n < ROWS && r->out.len < CTL_CHUNK; ++*n)
		ctl_reply_add(r, json_pack("{s:i}", "n", *n));
	return *n < ROWS;
}

static int count(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	r->state = calloc(1, sizeof(int));
	r->more = count_more;
	r->free_state = free;
	return 0;
}

/* An answer that waits for something, once for each "n". */
struct waiter {
	struct loop *loop;
	struct ctl_reply *reply;
	struct loop_timer timer;
	int64_t rounds;
};

static int waiters;	/* in the server's process */

static void on_time(void *ctx)
{
	struct waiter *w = ctx;

	ctl_reply_go_on(w->reply);
}

static bool wait_more(void *state, struct ctl_reply *r)
{
	struct waiter *w = state;

	ctl_reply_add(r, json_pack("{s:i}", "n", 0));
	if (!--w->rounds)
		return false;
	r->waits = true;
	loop_timer_in(w->loop, &w->timer, 1000000);
	return true;
}

static void free_waiter(void *state)
{
	struct waiter *w = state;

	loop_timer_cancel(w->loop, &w->timer);
	free(w);
	waiters--;
}

static int wait_for(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	struct waiter *w = calloc(1, sizeof(*w));

	(void)why;
	*w = (struct waiter){ .loop = ctx, .reply = r, .timer = { .fn = on_time, .ctx = w },
			      .rounds = json_integer_value(json_object_get(req, "n")) };
	waiters++;
	ctl_reply_add(r, json_pack("{s:i}", "n", 0));
	r->waits = true;
	r->more = wait_more;
	r->state = w;
	r->free_state = free_waiter;
	/* -1: for ever. */
	if (w->rounds > 0)
		loop_timer_in(w->loop, &w->timer, 1000000);
	return 0;
}

static int waiting(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	ctl_reply_add(r, json_pack("{s:i}", "n", waiters - 1));
	return 0;
}

static int stop(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)req, (void)r, (void)why;
	loop_stop(ctx);
	return 0;
}

static const struct ctl_handler handlers[] = {
	{ "echo", echo }, { "refuse", refuse }, { "count", count },
	{ "wait", wait_for }, { "waiting", waiting }, { "stop", stop }, { 0 }
};

static int serve(const char *path, int ready)
{
	struct loop *loop = loop_new();
	struct ctl_server *s;
	int err = ctl_server_new(&s, loop, path, handlers, loop);

	if (!err && write(ready, "", 1) == 1) {
		loop_run(loop);
		ctl_server_free(s);
	}
	loop_free(loop);
	return err != 0;
}

static void add_up(void *ctx, const json_t *obj)
{
	int64_t *sum = ctx;

	*sum += json_integer_value(json_object_get(obj, "n")) + 1;
}

static int ask(const char *path, const char *verb, int64_t *sum, char why[200])
{
	return ctl_request(path, json_pack("{s:s, s:i}", "verb", verb, "n", 41),
			   add_up, sum, why, 200);
}

/* Say raw bytes, and return whether the server hung up on them. */
static bool hangs_up(const char *path, size_t bytes)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char buf[4096], c;
	bool gone = false;

	memset(buf, 'x', sizeof(buf));
	strcpy(sa.sun_path, path);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return false;
	for (size_t sent = 0; sent < bytes && !gone; sent += sizeof(buf))
		gone = send(fd, buf, sizeof(buf), MSG_NOSIGNAL) < 0;
	gone = gone || recv(fd, &c, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET;
	close(fd);
	return gone;
}

/* Answers come in the order of the requests, however many were sent before. */
static void several_at_once(const char *path)
{
	static const char *const verbs[] = { "echo", "refuse", "count", "echo" };
	struct ctl_client *c = NULL;
	char why[200] = "";
	int64_t sum[4] = { 0 };
	int errs[4] = { 0 };

	t_is("one connection", ctl_client_open(&c, path), 0);
	t_ok("just opened", !ctl_client_is_stale(c));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		t_is("a request ahead", ctl_client_send(c, json_pack("{s:s, s:i}",
				     "verb", verbs[i], "n", (int)i)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		errs[i] = ctl_client_answer(c, add_up, &sum[i], why, sizeof(why));
	t_is("the first", errs[0] ? errs[0] : sum[0], 1);
	t_is("the second is refused", errs[1], -EREMOTEIO);
	t_is("the third is long", errs[2] ? errs[2] : sum[2],
	     (int64_t)ROWS * (ROWS + 1) / 2);
	t_is("the fourth", errs[3] ? errs[3] : sum[3], 4);
	ctl_client_close(c);
}

static int64_t how_many_wait(const char *path)
{
	char why[200] = "";
	int64_t n = 0;

	return ask(path, "waiting", &n, why) ? -1 : n;
}

static void answers_that_wait(const char *path)
{
	struct ctl_client *c = NULL, *patient = NULL;
	char why[200] = "";
	int64_t sum = 0;
	boot_t deadline = { boot_now().ns + 60 * NS_PER_S };

	t_is("after 41 rounds", ask(path, "wait", &sum, why), 0);
	t_is("it is complete", sum, 42);
	t_is("nobody waits any more", how_many_wait(path), 0);
	t_is("somebody", ctl_client_open(&c, path), 0);
	t_is("another", ctl_client_open(&patient, path), 0);
	t_is("who waits for ever", ctl_client_send(c, json_pack("{s:s, s:i}", "verb", "wait",
								"n", -1)), 0);
	t_is("and so does he", ctl_client_send(patient, json_pack("{s:s, s:i}", "verb", "wait",
								  "n", -1)), 0);
	while (how_many_wait(path) != 2 && boot_now().ns < deadline.ns)
		usleep(1000);
	ctl_client_close(c);
	while (how_many_wait(path) != 1 && boot_now().ns < deadline.ns)
		usleep(1000);
	t_is("one has gone", how_many_wait(path), 1);
	/* The other is there when the server ends; its memory is checked then. */
	sum = 0;
	t_is("others are served", ask(path, "echo", &sum, why), 0);
	ctl_client_close(patient);
}

static void check_clients(const char *path)
{
	char why[200] = "";
	int64_t sum = 0;

	t_is("echo answers", ask(path, "echo", &sum, why), 0);
	t_is("with what was asked", sum, 42);
	t_is("a refusal is told apart", ask(path, "refuse", NULL, why), -EREMOTEIO);
	t_str("with its reason", why, "not today");
	t_is("an unknown verb is refused", ask(path, "nonsense", NULL, why), -EREMOTEIO);
	sum = 0;
	t_is("a long answer streams", ask(path, "count", &sum, why), 0);
	t_is("and is complete", sum, (int64_t)ROWS * (ROWS + 1) / 2);
	several_at_once(path);
	answers_that_wait(path);
	t_ok("an endless request line is cut off", hangs_up(path, 4u << 20));
	sum = 0;
	t_is("others are still served", ask(path, "echo", &sum, why), 0);
}

/* Somebody named another file by mistake. */
static void check_what_is_there(const char *path)
{
	struct loop *loop = loop_new();
	struct ctl_server *s;
	char dir[64];

	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	t_ok("a file in the place of the socket", !mkdir(dir, 0700) && !mkfifo(path, 0600));
	t_is("is refused", ctl_server_new(&s, loop, path, handlers, loop), -EEXIST);
	t_is("and stays", unlink(path), 0);
	rmdir(dir);
	loop_free(loop);
}

/* A daemon that is stopped, and whose clients have filled its queue, is one, too. */
static void check_stopped(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct loop *loop = loop_new();
	struct ctl_server *s = NULL;
	int waiting[8], n = 0, fd;

	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	t_ok("somebody listens", !bind(fd, (struct sockaddr *)&sa, sizeof(sa)) && !listen(fd, 0));
	do
		waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	while (!connect(waiting[n++], (struct sockaddr *)&sa, sizeof(sa)) && n < 8);
	t_is("and lets everybody wait", errno, EAGAIN);
	alarm(60);
	t_is("a second daemon does not", ctl_server_new(&s, loop, path, handlers, loop),
	     -EADDRINUSE);
	alarm(0);
	while (n--)
		close(waiting[n]);
	close(fd);
	unlink(path);
	loop_free(loop);
}

int main(void)
{
	char dir[T_DIR], path[T_DIR + 16], why[200];
	int ready[2], status;
	pid_t pid;
	char c;

	if (!t_dir(dir) || pipe(ready))
		return 1;
	snprintf(path, sizeof(path), "%s/run/sock", dir);
	check_what_is_there(path);
	snprintf(path, sizeof(path), "%s/stopped", dir);
	check_stopped(path);
	snprintf(path, sizeof(path), "%s/run/sock", dir);
	t_is("no daemon, no file", ask(path, "echo", NULL, why), -ENOENT);
	pid = fork();
	if (!pid)
		_exit(serve(path, ready[1]));
	close(ready[1]);
	t_is("the server listens", read(ready[0], &c, 1), 1);
	check_clients(path);
	t_is("a second daemon is refused", serve(path, -1), 1);
	t_is("stop", ask(path, "stop", NULL, why), 0);
	waitpid(pid, &status, 0);
	t_ok("the server ended cleanly", WIFEXITED(status) && !WEXITSTATUS(status));
	t_is("the socket is gone", access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/run", dir);
	rmdir(path);
	rmdir(dir);
	return t_done();
}
