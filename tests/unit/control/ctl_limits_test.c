// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What one client may cost: the longest request, to the byte; how long he may be
 * silent, not read, or wait; how many there may be.  And what is no request.  The
 * clock is ours, and far behind the machine's, so the loop's timers never have to wait.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../t.h"
#include "base/loop.h"
#include "control/ctl_client.h"
#include "control/ctl_server.h"

static boot_t the_time = { NS_PER_S };

/* Instead of those of base/clock.c. */
boot_t boot_now(void)
{
	the_time.ns += 1000;
	return the_time;
}

wall_t wall_now(void)
{
	return (wall_t){ 1700000000 * US_PER_S };
}

static void seconds_pass(unsigned int n)
{
	the_time.ns += n * NS_PER_S;
}

/* ---- what can be asked ------------------------------------------------------------ */

static int answered, streams;
static struct ctl_reply *waiting;

static int hello(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)r, (void)why;
	answered++;
	return 0;
}

static bool more_of_it(void *state, struct ctl_reply *r)
{
	(void)state;
	ctl_reply_add(r, json_pack("{s:s}", "text", "and so on"));
	r->waits = waiting == r;
	return true;
}

static void end_stream(void *state)
{
	(void)state;
	streams--;
}

static int no_end(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	(void)ctx, (void)req, (void)why;
	streams++;
	r->more = more_of_it;
	r->free_state = end_stream;
	return 0;
}

static int wait_for(void *ctx, const json_t *req, struct ctl_reply *r, struct str *why)
{
	waiting = r;
	r->waits = true;
	return no_end(ctx, req, r, why);
}

static const struct ctl_handler handlers[] = {
	{ "hello", hello }, { "no end", no_end }, { "wait", wait_for }, { 0 }
};

/* ---- the server, and those who call on it ----------------------------------------- */

static struct loop *loop;
static struct ctl_server *server;
static char path[T_DIR + 16];

struct turns { struct loop_timer timer; int left; };

static void on_turn(void *ctx)
{
	struct turns *t = ctx;

	if (t->left--)
		loop_timer_in(loop, &t->timer, 0);
	else
		loop_stop(loop);
}

/* Whatever the server can do now, it does. */
static void turn(void)
{
	struct turns t = { .left = 8 };

	t.timer = (struct loop_timer){ .fn = on_turn, .ctx = &t };
	loop_timer_in(loop, &t.timer, 0);
	loop_run(loop);
}

static int call(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, path);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		t_ok("somebody listens", false);
	turn();
	return fd;
}

static void ask(int fd, const char *verb)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "{\"verb\": \"%s\"}\n", verb);

	t_is("asked", send(fd, line, (size_t)n, MSG_NOSIGNAL), n);
	turn();
}

static bool is_gone(int fd)
{
	char buf[4096];
	ssize_t n;

	turn();
	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		;
	return !n || errno == ECONNRESET;
}

/* ---- how long a request may be ---------------------------------------------------- */

/* A request of @size bytes, the end of the line with them; is it answered? */
static bool is_answered(size_t size)
{
	static const char start[] = "{\"verb\":\"hello\",\"x\":\"";
	char *text = malloc(size);
	int fd = call(), before = answered;
	size_t sent = 0;
	ssize_t n = 0;

	memset(text, 'x', size);
	memcpy(text, start, strlen(start));
	memcpy(text + size - 3, "\"}\n", 3);
	while (sent < size && (n >= 0 || errno == EAGAIN)) {
		n = send(fd, text + sent, size - sent, MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		turn();
	}
	turn();
	t_ok("else it is hung up on", is_gone(fd) != (answered > before));
	close(fd);
	turn();
	free(text);
	return answered > before;
}

static void test_longest_request(void)
{
	t_ok("the longest request is answered", is_answered(CTL_REQUEST_MAX));
	t_ok("one byte more is too much", !is_answered(CTL_REQUEST_MAX + 1));
}

/* What is said to @line. */
static const char *answer_line(const char *line, char buf[256])
{
	int fd = call();
	ssize_t n;

	t_ok("said", send(fd, line, strlen(line), MSG_NOSIGNAL) > 0);
	turn();
	n = recv(fd, buf, 255, 0);
	buf[n > 0 ? n : 0] = '\0';
	close(fd);
	turn();
	return buf;
}

static void test_what_is_no_request(void)
{
	char buf[256];

	t_str("no JSON", answer_line("hello\n", buf),
	      "{\"error\":\"the request is not a JSON object\"}\n");
	t_str("two verbs", answer_line("{\"verb\":\"hello\",\"verb\":\"no end\"}\n", buf),
	      "{\"error\":\"the request is not a JSON object\"}\n");
	t_str("no verb", answer_line("{\"verb\":7}\n", buf),
	      "{\"error\":\"the daemon does not know this verb\"}\n");
	t_str("a list", answer_line("[\"hello\"]\n", buf),
	      "{\"error\":\"the daemon does not know this verb\"}\n");
	t_str("one", answer_line("{\"verb\":\"hello\"}\n", buf), "{\"done\":true}\n");
}

/* ---- how long he may do nothing --------------------------------------------------- */

static void test_silent(void)
{
	int fd = call();

	seconds_pass(CTL_IDLE_S - 1);
	t_ok("silent for a while", !is_gone(fd));
	seconds_pass(2);
	t_ok("for too long", is_gone(fd));
	close(fd);
}

static void test_silent_again(void)
{
	int fd = call(), before = answered;

	seconds_pass(CTL_IDLE_S - 1);
	ask(fd, "hello");
	t_is("he asks in time", answered - before, 1);
	seconds_pass(CTL_IDLE_S - 1);
	t_ok("and is given as long again", !is_gone(fd));
	seconds_pass(2);
	t_ok("but not longer", is_gone(fd));
	close(fd);
}

static void test_does_not_read(void)
{
	int fd = call();

	ask(fd, "no end");
	t_is("an answer without end", streams, 1);
	seconds_pass(CTL_IDLE_S - 1);
	turn();
	t_is("is not read for a while", streams, 1);
	seconds_pass(2);
	turn();
	t_is("for too long", streams, 0);
	t_ok("so he is hung up on", is_gone(fd));
	close(fd);
}

/* Who reads what he can get is no idler, however long his answer is. */
static void test_reads_slowly(void)
{
	char buf[16384];
	int fd = call();

	ask(fd, "no end");
	for (int i = 0; i < 100; i++) {
		seconds_pass(1);
		while (recv(fd, buf, sizeof(buf), 0) == sizeof(buf))
			;
		turn();
	}
	t_is("a long answer that is read", streams, 1);
	close(fd);
	turn();
	t_is("until he is gone", streams, 0);
}

static void test_waits(void)
{
	int fd = call();

	ask(fd, "wait");
	seconds_pass(CTL_IDLE_S - 1);
	turn();
	t_is("an answer waits for something", streams, 1);
	ctl_reply_go_on(waiting);
	seconds_pass(CTL_IDLE_S - 1);
	turn();
	t_is("and for something else", streams, 1);
	seconds_pass(2);
	turn();
	t_is("that does not come", streams, 0);
	t_ok("so he is hung up on", is_gone(fd));
	waiting = NULL;
	close(fd);
}

/* He has read all there is, so nothing but his end of the line says that he is gone. */
static void test_goes(void)
{
	char buf[4096];
	int fd = call();

	ask(fd, "wait");
	ctl_reply_go_on(waiting);
	t_ok("he reads", recv(fd, buf, sizeof(buf), 0) > 0);
	t_is("and waits", streams, 1);
	close(fd);
	turn();
	t_is("no longer", streams, 0);
	waiting = NULL;
}

/* ---- how many there may be -------------------------------------------------------- */

static void test_how_many(void)
{
	int fds[CTL_CLIENTS_MAX], one_more, before = answered;

	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		fds[i] = call();
	t_is("nobody is refused", (int64_t)ctl_server_refused(server), 0);
	one_more = call();
	t_is("one too many", (int64_t)ctl_server_refused(server), 1);
	t_ok("is hung up on", is_gone(one_more));
	close(one_more);
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		ask(fds[i], "hello");
	t_is("all others are served", answered - before, CTL_CLIENTS_MAX);
	close(fds[3]);
	turn();
	fds[3] = call();
	ask(fds[3], "hello");
	t_is("and who comes when one has gone", answered - before, CTL_CLIENTS_MAX + 1);
	t_is("nobody else was refused", (int64_t)ctl_server_refused(server), 1);
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		close(fds[i]);
	turn();
}

/* ---- the other end ---------------------------------------------------------------- */

static void test_stale(void)
{
	struct ctl_client *c = NULL;

	t_is("a client of ours", ctl_client_open(&c, path), 0);
	seconds_pass(CTL_IDLE_S / 2 - 1);
	t_ok("is sure that nobody has hung up yet", !ctl_client_is_stale(c));
	t_is("asks", ctl_client_send(c, json_pack("{s:s}", "verb", "hello")), 0);
	seconds_pass(CTL_IDLE_S / 2 - 1);
	t_ok("and is sure for as long again", !ctl_client_is_stale(c));
	seconds_pass(2);
	t_ok("but not longer", ctl_client_is_stale(c));
	ctl_client_close(c);
	turn();
}

static int answer_to(struct ctl_client *c, char why[64])
{
	return ctl_client_answer(c, NULL, NULL, why, 64);
}

static void test_hung_up_on(void)
{
	struct ctl_client *c = NULL;
	char why[64] = "";

	t_is("a client of ours", ctl_client_open(&c, path), 0);
	turn();
	seconds_pass(CTL_IDLE_S + 1);
	turn();
	t_is("that is hung up on", answer_to(c, why), -ECONNRESET);
	ctl_client_close(c);
}

/* Something else listens there, and says @text to each of ours. */
static int answer_of_other(const char *text)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd, err;
	struct ctl_client *c = NULL;
	char why[64] = "";

	strcat(strcpy(sa.sun_path, path), "2");
	t_is("it listens", bind(listener, (struct sockaddr *)&sa, sizeof(sa)) ||
	     listen(listener, 1), 0);
	t_is("ours calls", ctl_client_open(&c, sa.sun_path), 0);
	fd = accept(listener, NULL, NULL);
	t_ok("it speaks", send(fd, text, strlen(text), 0) > 0);
	close(fd);
	err = answer_to(c, why);
	ctl_client_close(c);
	close(listener);
	unlink(sa.sun_path);
	return err;
}

static void test_other_languages(void)
{
	t_is("not JSON", answer_of_other("220 mail.example ESMTP\n"), -EPROTO);
	t_is("no end of it", answer_of_other("{\"n\": 1}\n"), -ECONNRESET);
	t_is("ours", answer_of_other("{\"done\": true}\n"), 0);
}

int main(void)
{
	char dir[T_DIR];

	loop = loop_new();
	if (!t_dir(dir) || !loop)
		return 1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	t_is("the server listens", ctl_server_new(&server, loop, path, handlers, NULL), 0);
	test_longest_request();
	test_what_is_no_request();
	test_silent();
	test_silent_again();
	test_does_not_read();
	test_reads_slowly();
	test_waits();
	test_goes();
	test_how_many();
	test_stale();
	test_hung_up_on();
	test_other_languages();
	ctl_server_free(server);
	loop_free(loop);
	rmdir(dir);
	return t_done();
}
