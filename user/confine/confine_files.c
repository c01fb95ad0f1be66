// SPDX-License-Identifier: GPL-2.0-or-later
/* confine_files - Landlock: nothing is written but below some directories. */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

/*
 * landlock(7), by number and version, since the kernel that we are built on may be
 * older than the one that we run on.  Reading files and directories is not among them.
 */
enum {
	CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446,	/* of every machine */
	GET_VERSION = 1, RULE_PATH_BENEATH = 1,
};
#define EXECUTE		(1ull << 0)
#define WRITE_FILE	(1ull << 1)
#define REMOVE_DIR	(1ull << 4)
#define REMOVE_FILE	(1ull << 5)
#define MAKE_CHAR	(1ull << 6)
#define MAKE_DIR	(1ull << 7)
#define MAKE_REG	(1ull << 8)
#define MAKE_SOCK	(1ull << 9)
#define MAKE_FIFO	(1ull << 10)
#define MAKE_BLOCK	(1ull << 11)
#define MAKE_SYM	(1ull << 12)
#define REFER		(1ull << 13)
#define TRUNCATE	(1ull << 14)
#define IOCTL_DEV	(1ull << 15)

/* All that was there in version 1, 2 ... */
static const uint64_t fs_rights[] = {
	EXECUTE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_CHAR | MAKE_DIR | MAKE_REG |
	MAKE_SOCK | MAKE_FIFO | MAKE_BLOCK | MAKE_SYM,
	REFER, TRUNCATE, 0, IOCTL_DEV,
};
/* What a database and its log need, and sockets that are taken away at the end. */
static const uint64_t ours = WRITE_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE;

struct ruleset {
	uint64_t fs;
	uint64_t net;		/* version 4 */
	uint64_t scoped;	/* version 6 */
};
#define NET_BIND_TCP		(1ull << 0)
#define SCOPE_ABSTRACT_UNIX	(1ull << 0)
#define SCOPE_SIGNAL		(1ull << 1)

static struct ruleset rules_of(int version)
{
	struct ruleset r = { 0 };

	for (int v = 0; v < version && v < (int)ARRAY_SIZE(fs_rights); v++)
		r.fs |= fs_rights[v];
	r.net = version >= 4 ? NET_BIND_TCP : 0;
	r.scoped = version >= 6 ? SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL : 0;
	return r;
}

static int allow(int ruleset, const char *dir, uint64_t rights)
{
	struct { uint64_t rights; int32_t fd; } __attribute__((packed)) rule = { rights, -1 };
	int err = 0;

	rule.fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rule.fd < 0 || syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0))
		err = -errno;
	if (rule.fd >= 0)
		close(rule.fd);
	if (err)
		log_warn("confine: nothing can be written in %s: %s", dir, strerror(-err));
	return err;
}

int confine_files(const char *const *dirs, size_t n)
{
	long version = syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
	struct ruleset rules = rules_of((int)version);
	int fd, err = 0;

	if (version <= 0)
		return version ? -errno : -ENOSYS;
	fd = (int)syscall(CREATE_RULESET, &rules, sizeof(rules), 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < n && !err; i++)
		err = allow(fd, dirs[i], ours & rules.fs);
	if (!err && syscall(RESTRICT_SELF, fd, 0))
		err = -errno;
	close(fd);
	return err ? err : (int)version;
}
