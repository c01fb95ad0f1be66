// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/ctl_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

struct ctl_client {
	int fd;
	FILE *answers;			/* owns; reads from fd, which is its own then */
	boot_t sent;			/* the latest request */
};

static int dial(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timeval tv = { .tv_sec = CTL_IDLE_S };
	int fd, err;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int ctl_client_open(struct ctl_client **out, const char *path)
{
	struct ctl_client *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return -ENOMEM;
	ret = c->fd = dial(path);
	if (c->fd >= 0) {
		c->answers = fdopen(c->fd, "r");
		ret = c->answers ? 0 : -errno;
	}
	if (ret) {
		ctl_client_close(c);
		return ret;
	}
	c->sent = boot_now();
	*out = c;
	return 0;
}

bool ctl_client_is_stale(const struct ctl_client *c)
{
	return boot_now().ns - c->sent.ns > CTL_IDLE_S * NS_PER_S / 2;
}

void ctl_client_close(struct ctl_client *c)
{
	if (!c)
		return;
	if (c->answers)
		fclose(c->answers);
	else if (c->fd >= 0)
		close(c->fd);
	free(c);
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int ctl_client_send(struct ctl_client *c, json_t *req)
{
	char *text = json_dumps(req, JSON_COMPACT);
	struct str line = { 0 };
	int err = -ENOMEM;

	json_decref(req);
	c->sent = boot_now();
	if (text) {
		str_puts(&line, text);
		str_putc(&line, '\n');
		err = line.failed ? -ENOMEM : send_all(c->fd, line.s, line.len);
	}
	str_fini(&line);
	free(text);
	return err;
}

/* 1: that was the last object; 0: go on; -errno. */
static int take_line(const char *line, size_t len,
		     ctl_row_fn *row, void *ctx, char *why, size_t why_size)
{
	json_t *obj = json_loadb(line, len, 0, NULL);
	const char *error;
	int ret = 0;

	if (!obj)
		return -EPROTO;
	error = json_string_value(json_object_get(obj, "error"));
	if (error) {
		snprintf(why, why_size, "%s", error);
		ret = -EREMOTEIO;
	} else if (json_is_true(json_object_get(obj, "done"))) {
		ret = 1;
	} else if (row) {
		row(ctx, obj);
	}
	json_decref(obj);
	return ret;
}

int ctl_client_answer(struct ctl_client *c, ctl_row_fn *row, void *ctx,
		      char *why, size_t why_size)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = 0;

	while (!ret) {
		errno = 0;
		len = getline(&line, &size, c->answers);
		if (len < 0)
			ret = errno ? -errno : -ECONNRESET;
		else
			ret = take_line(line, (size_t)len, row, ctx, why, why_size);
	}
	free(line);
	return ret > 0 ? 0 : ret;
}

int ctl_request(const char *path, json_t *req, ctl_row_fn *row, void *ctx,
		char *why, size_t why_size)
{
	struct ctl_client *c = NULL;
	int err = ctl_client_open(&c, path);

	if (err)
		json_decref(req);
	else
		err = ctl_client_send(c, req);
	if (!err)
		err = ctl_client_answer(c, row, ctx, why, why_size);
	ctl_client_close(c);
	return err;
}
