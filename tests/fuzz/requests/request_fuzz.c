// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes in at the control socket, through the server and all handlers, of a
 * daemon that has everything but a kernel and a database.  Every line is answered
 * by whole JSON objects, of which exactly one is the last.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../unit/keeping/bystanders.h"
#include "base/log.h"
#include "daemon/parts.h"
#include "requests/requests.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- the stage ------------------------------------------------------------------- */

static const char *const files[][2] = {
	{ "jail.local", "[a]\nenabled = true\nfilter = f\nlogpath = /dev/null\nmaxretry = 2\n"
			"action = iptables[port=\"5060\", protocol=udp]\n"
			"[b]\nenabled = true\nfilter = f\nlogpath = /dev/null\n"
			"action = iptables-allports[]\nignoreip = 192.0.2.0/24\n" },
	{ "filter.d/f.conf", "[Definition]\nfailregex = ^bad <HOST>$\n" },
	{ "xdpban.local", "[xdpban]\nmax-bans = 64\ndbfile = None\ntrust = off\n" },
};

static char dir[64] = "/tmp/request_fuzz.XXXXXX", config[80], path[80];

/* What the last daemon leaves, which nobody ends. */
static void remove_all(void)
{
	static const char *const left[] = { "sock", "events.sock", "trusted" };
	char name[160];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(name, sizeof(name), "%s/%s", config, files[i][0]);
		unlink(name);
	}
	snprintf(name, sizeof(name), "%s/filter.d", config);
	rmdir(name);
	rmdir(config);
	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, left[i]);
		unlink(name);
	}
	rmdir(dir);
}

/* Names may be asked for: not on the machine's own network. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char name[160];

	(void)argc, (void)argv;
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		perror("a network namespace");
		exit(1);
	}
	if (!mkdtemp(dir))
		exit(1);
	snprintf(config, sizeof(config), "%s/etc", dir);
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(name, sizeof(name), "%s/filter.d", config);
	if (mkdir(config, 0700) || mkdir(name, 0700))
		exit(1);
	atexit(remove_all);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		FILE *f;

		snprintf(name, sizeof(name), "%s/%s", config, files[i][0]);
		f = fopen(name, "w");
		if (!f || fputs(files[i][1], f) < 0 || fclose(f))
			exit(1);
	}
	return 0;
}

static int number_scope(struct enforcer *e, const struct enforce_scope *s)
{
	(void)e;
	return 1 + s->protocols[0] % 100;
}

static void leave(struct enforcer *e)
{
	(void)e;
}

static const struct enforcer_ops ops = {
	.name = "none", .add = take_all, .resync_step = find_nothing_wrong, .scope = number_scope,
	.close = leave,
};
static struct enforcer kernel = { &ops };

static const struct daemon_options options = {
	.config = config, .socket = path, .state = dir, .pin = "/nonexistent", .foreground = true,
};

static bool raise_daemon(struct daemon *d)
{
	struct ban_db_params none = { .path = "None" };

	if (parts_init(d))
		return false;
	d->config = daemon_read_config(&options, &d->problems);
	d->enforcer = &kernel;
	log_plain(LOG_LEVEL_ERROR);
	return d->config && !ban_db_open(&d->db, &none) && !parts_join(d) &&
	       !bans_begin(d->bans, true) && !pipeline_start(d->pipeline, &d->problems) &&
	       !ctl_server_new(&d->control, d->loop, path, daemon_requests, d);
}

/* ---- a client -------------------------------------------------------------------- */

static void on_turn(void *ctx)
{
	loop_stop(ctx);
}

/* Once round, and what has come meanwhile into @answer; false: the other end closed. */
static bool turn(struct daemon *d, int fd, struct str *answer)
{
	struct loop_timer timer = { .fn = on_turn, .ctx = d->loop };
	char buf[65536];
	ssize_t n;

	loop_timer_in(d->loop, &timer, 0);
	loop_run(d->loop);
	loop_timer_cancel(d->loop, &timer);
	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		str_add(answer, buf, (size_t)n);
	return n < 0 && errno == EAGAIN;
}

static void talk(struct daemon *d, const char *data, size_t size, struct str *answer)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t n = 0;

	strcpy(sa.sun_path, path);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		abort();
	for (size_t at = 0; at < size; at += (size_t)(n > 0 ? n : 0)) {
		n = send(fd, data + at, size - at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno != EAGAIN || !turn(d, fd, answer)))
			abort();
	}
	shutdown(fd, SHUT_WR);
	while (turn(d, fd, answer))
		;
	close(fd);
}

static size_t count_last(const struct str *answer)
{
	const char *at = answer->s, *nl;
	size_t last = 0;

	for (; answer->len && at < answer->s + answer->len; at = nl + 1) {
		json_t *o;

		nl = memchr(at, '\n', answer->len - (size_t)(at - answer->s));
		o = nl ? json_loadb(at, (size_t)(nl - at), 0, NULL) : NULL;
		if (!json_is_object(o))
			abort();
		last += json_object_get(o, "done") || json_object_get(o, "error");
		json_decref(o);
	}
	return last;
}

static size_t count_lines(const char *data, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += data[i] == '\n';
	return n;
}

/* To make and end one takes longer than a hundred clients, who come one after another. */
static struct daemon *present(void)
{
	static struct daemon d;
	static int clients;

	if (clients == 100) {
		parts_fini(&d);
		clients = 0;
	}
	if (!clients++) {
		d = (struct daemon){ .o = &options };
		if (!raise_daemon(&d))
			abort();
	}
	return &d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str answer = { 0 };

	if (size > 65536)
		return 0;
	talk(present(), (const char *)data, size, &answer);
	if (count_last(&answer) != count_lines((const char *)data, size))
		abort();
	str_fini(&answer);
	return 0;
}
