// SPDX-License-Identifier: GPL-2.0-or-later
#include "unix_socket.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int open_socket(int type)
{
	return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/*
 * Does somebody answer at @sa?  A socket left by a crash refuses; a daemon that is
 * stopped, with more clients waiting than it may have (EAGAIN), is one.
 */
static bool is_alive(const struct sockaddr_un *sa, int type)
{
	int fd = open_socket(type);
	bool alive = fd >= 0 && (!connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) ||
				 errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

static bool is_in_the_way(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && !S_ISSOCK(st.st_mode);
}

int unix_socket_bind(const char *path, int type)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, err;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	if (is_alive(&sa, type))
		return -EADDRINUSE;
	if (is_in_the_way(path))
		return -EEXIST;
	fd = open_socket(type);
	if (fd < 0)
		return -errno;
	unlink(path);
	/* The socket must never exist with wider rights, not even for a moment. */
	mask = umask(0177);
	err = bind(fd, (struct sockaddr *)&sa, sizeof(sa)) ? -errno : 0;
	umask(mask);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}
