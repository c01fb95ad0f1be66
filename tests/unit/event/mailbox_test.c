// SPDX-License-Identifier: GPL-2.0-or-later
/* Datagrams that carry more than text: nothing of a sender's stays with us. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../t.h"
#include "event/mailbox.h"

#define EVENT	"{\"jail\": \"web\", \"ip\": \"192.0.2.1\"}"
#define FDS	20

static size_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static void on_notice(void *ctx, const struct notice *n, bool trusted)
{
	(void)n;
	t_ok("of somebody who may write here", trusted);
	loop_stop(ctx);
}

/* One event, with @n descriptors of a file in its luggage. */
static ssize_t send_with_files(const char *path, int n)
{
	union {
		char room[CMSG_SPACE(FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct iovec io = { (void *)EVENT, strlen(EVENT) };
	struct msghdr h = {
		.msg_name = &sa, .msg_namelen = sizeof(sa), .msg_iov = &io,
		.msg_iovlen = 1, .msg_control = control.room,
		.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int)),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0), fds[FDS];
	ssize_t sent;

	strcpy(sa.sun_path, path);
	*c = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN((size_t)n * sizeof(int)),
	};
	for (int i = 0; i < n; i++)
		fds[i] = fd;
	memcpy(CMSG_DATA(c), fds, (size_t)n * sizeof(int));
	sent = sendmsg(fd, &h, 0);
	close(fd);
	return sent;
}

static void check_luggage(struct loop *loop, struct mailbox *m, const char *path)
{
	size_t before = open_files();

	for (int i = 0; i < 3; i++) {
		t_is("an event that carries files is sent", send_with_files(path, FDS),
		     (int64_t)strlen(EVENT));
		loop_run(loop);
	}
	t_is("it is an event like others", (int64_t)mailbox_stats(m)->taken, 3);
	t_is("its files do not stay open", (int64_t)open_files(), (int64_t)before);
}

static void check_what_is_there(const struct mailbox_params *p, const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	struct mailbox *m;

	t_ok("a file of that name", fd >= 0);
	close(fd);
	t_is("is no socket that a crash left", mailbox_unix(&m, p, path, (gid_t)-1), -EEXIST);
	t_is("and stays", unlink(path), 0);
}

int main(void)
{
	char dir[] = "/tmp/mailbox_test.XXXXXX", path[64];
	struct mailbox_params p = { .loop = loop_new(), .rate = 1000, .fn = on_notice };
	struct mailbox *m;

	if (!mkdtemp(dir) || !p.loop)
		return 1;
	p.ctx = p.loop;
	snprintf(path, sizeof(path), "%s/events", dir);
	check_what_is_there(&p, path);
	t_is("opened", mailbox_unix(&m, &p, path, (gid_t)-1), 0);
	check_luggage(p.loop, m, path);
	mailbox_free(m);
	loop_free(p.loop);
	rmdir(dir);
	return t_done();
}
