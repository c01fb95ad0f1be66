// SPDX-License-Identifier: GPL-2.0-or-later
#include "allow_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allowlist.h"

static int id_of(const struct stat *st, struct allow_file_id *id)
{
	/* A fifo or a device would block the reader. */
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	*id = (struct allow_file_id){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size,
		.mtime_ns = st->st_mtim.tv_sec * (int64_t)NS_PER_S + st->st_mtim.tv_nsec,
	};
	return 0;
}

int allow_file_look(const char *path, struct allow_file_id *id)
{
	struct stat st;

	return stat(path, &st) ? -errno : id_of(&st, id);
}

static bool is_separator(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == '\0';
}

static int add(struct allow_list *list, const struct ipaddr *net, size_t max)
{
	size_t size = list->size ? list->size * 2 : 64;
	struct ipaddr *p;

	if (list->n >= max) {
		list->refused++;
		return 0;
	}
	if (list->n == list->size) {
		p = realloc(list->nets, size * sizeof(*p));
		if (!p)
			return -ENOMEM;
		list->nets = p;
		list->size = size;
	}
	list->nets[list->n++] = *net;
	return 0;
}

int allow_file_parse(const char *text, size_t len, size_t max, struct allow_list *list)
{
	const char *end = text + len;

	while (text < end) {
		const char *word = text;
		struct ipaddr net;
		int err;

		if (is_separator(*word)) {
			text++;
			continue;
		}
		if (*word == '#' || *word == ';') {
			text = memchr(word, '\n', (size_t)(end - word));
			if (!text)
				return 0;
			continue;
		}
		while (text < end && !is_separator(*text))
			text++;
		if (ipaddr_parse_net(word, (size_t)(text - word), &net)) {
			list->bad++;
			continue;
		}
		err = add(list, &net, max);
		if (err)
			return err;
	}
	return 0;
}

static int read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	return (int)len;
}

int allow_file_read(const char *path, size_t max, struct allow_list *list)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct allow_file_id id = { 0 };
	struct stat st;
	char *buf = NULL;
	int err, len;

	*list = (struct allow_list){ 0 };
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) ? -errno : id_of(&st, &id);
	if (!err && id.size > ALLOW_MAX_FILE)
		err = -EFBIG;
	if (err)
		goto out;
	buf = malloc((size_t)id.size + 1);
	if (!buf) {
		err = -ENOMEM;
		goto out;
	}
	len = read_all(fd, buf, (size_t)id.size);
	err = len < 0 ? len : allow_file_parse(buf, (size_t)len, max, list);
out:
	free(buf);
	close(fd);
	return err;
}
