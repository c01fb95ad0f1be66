// SPDX-License-Identifier: GPL-2.0-or-later
#include "control/ctl_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

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

static int send_request(FILE *f, json_t *req)
{
	if (json_dumpf(req, f, JSON_COMPACT) || fputc('\n', f) == EOF || fflush(f))
		return errno ? -errno : -EIO;
	return 0;
}

/* 1: that was the last object; 0: go on; -errno. */
static int take_line(const char *line, size_t len,
		     void (*row)(void *ctx, const json_t *obj), void *ctx,
		     char *why, size_t why_size)
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

static int read_answer(FILE *f, void (*row)(void *ctx, const json_t *obj),
		       void *ctx, char *why, size_t why_size)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int ret = 0;

	while (!ret) {
		errno = 0;
		len = getline(&line, &size, f);
		if (len < 0)
			ret = errno ? -errno : -ECONNRESET;
		else
			ret = take_line(line, (size_t)len, row, ctx, why, why_size);
	}
	free(line);
	return ret > 0 ? 0 : ret;
}

int ctl_request(const char *path, json_t *req,
		void (*row)(void *ctx, const json_t *obj), void *ctx,
		char *why, size_t why_size)
{
	int fd = dial(path);
	int ret = fd;
	FILE *f;

	if (fd >= 0) {
		f = fdopen(fd, "r+");
		if (!f) {
			ret = -errno;
			close(fd);
		} else {
			ret = send_request(f, req);
			if (!ret)
				ret = read_answer(f, row, ctx, why, why_size);
			fclose(f);
		}
	}
	json_decref(req);
	return ret;
}
