// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

#define PLACE	"/sys/fs/bpf"	/* the kernel's own, empty directory for it */

int xdp_place_mount(const char *pin)
{
	struct statfs fs;

	if (!starts_with(pin, PLACE "/") || statfs(PLACE, &fs) ||
	    (uint32_t)fs.f_type != SYSFS_MAGIC)
		return 0;
	if (mount("bpf", PLACE, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=700"))
		return -errno;
	return 1;
}

static int failed(const char *name)
{
	int err = -errno;

	log_err("xdp: cannot remove '%s': %s", name, strerror(-err));
	return err;
}

static DIR *open_below(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

/* Pins have no directories below them. */
static int clear_version(int parent, const char *name)
{
	DIR *d = open_below(parent, name);
	struct dirent *e;
	int err = 0;

	if (!d)
		return failed(name);
	while (!err && (e = readdir(d)))
		if (*e->d_name != '.' && unlinkat(dirfd(d), e->d_name, 0))
			err = failed(e->d_name);
	closedir(d);
	return err || !unlinkat(parent, name, AT_REMOVEDIR) ? err : failed(name);
}

static bool is_version(const char *name)
{
	return *name == 'v' && name[1] && !name[1 + strspn(name + 1, "0123456789")];
}

int xdp_place_clear(const char *pin)
{
	DIR *d = open_below(AT_FDCWD, pin);
	struct dirent *e;
	int err = 0;

	if (!d)
		return errno == ENOENT ? -ENOENT : failed(pin);
	while (!err && (e = readdir(d)))
		if (is_version(e->d_name))
			err = clear_version(dirfd(d), e->d_name);
	closedir(d);
	return err || !rmdir(pin) ? err : failed(pin);
}
