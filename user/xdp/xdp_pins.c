// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xdp_pins - the directory where maps, program and attachments outlive us:
 * PIN/vN on a BPF file system, N being the version of bpf_abi.h.
 */
#include "xdp.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"

#define BPF_FS	0xcafe4a11	/* what statfs(2) says */

int xdp_pins_name(struct xdp *x, const char *pin)
{
	if (*pin != '/' || strlen(pin) > sizeof(x->dir) - 16) {
		log_err("xdp: the directory for pins, '%s', must be an absolute path", pin);
		return -EINVAL;
	}
	snprintf(x->dir, sizeof(x->dir), "%s/v%d", pin, ABI_VERSION);
	return 0;
}

/* The nearest directory above that is there must be on a BPF file system. */
static int check_bpffs(const struct xdp *x)
{
	char dir[sizeof(x->dir)];
	struct statfs fs;
	char *slash;

	memcpy(dir, x->dir, sizeof(dir));
	while (access(dir, F_OK) && (slash = strrchr(dir, '/')) && slash != dir) {
		if (errno == EACCES) {
			log_err("xdp: not allowed to look into '%s': needs root", dir);
			return -EACCES;
		}
		*slash = '\0';
	}
	if (!statfs(dir, &fs) && (uint32_t)fs.f_type == BPF_FS)
		return 0;
	if (starts_with(x->dir, "/sys/fs/bpf/"))
		log_err("xdp: '%s' is not on a BPF file system; mount one first: "
			"mount -t bpf bpf /sys/fs/bpf", x->dir);
	else	/* naming a place to mount it could hide what is there */
		log_err("xdp: '%s' is not on a BPF file system, which mount -t bpf makes; "
			"leave --pin out to use /sys/fs/bpf", x->dir);
	return -ENODEV;
}

/* Make the directories that are missing, for nobody else to look into. */
static int make_dirs(const struct xdp *x)
{
	char dir[sizeof(x->dir)];

	memcpy(dir, x->dir, sizeof(dir));
	for (char *p = dir + 1; ; p++) {
		char was = *p;

		if (was && was != '/')
			continue;
		*p = '\0';
		if (mkdir(dir, 0700) && errno != EEXIST) {
			int err = -errno;

			log_err("xdp: cannot make directory '%s': %s", dir, strerror(-err));
			return err;
		}
		*p = was;
		if (!was)
			return 0;
	}
}

int xdp_pins_lock(struct xdp *x)
{
	int err = check_bpffs(x);

	if (!err)
		err = make_dirs(x);
	if (err)
		return err;
	x->lock_fd = open(x->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->lock_fd < 0 || flock(x->lock_fd, LOCK_EX)) {
		err = -errno;
		log_err("xdp: cannot lock '%s': %s", x->dir, strerror(-err));
	}
	return err;
}

void xdp_pins_unlock(struct xdp *x)
{
	if (x->lock_fd >= 0)
		close(x->lock_fd);
	x->lock_fd = -1;
}

int xdp_pins_be_writer(struct xdp *x)
{
	char dir[sizeof(x->dir)];
	int err = 0;

	/* The directory above, which all versions share. */
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(x->dir, '/') - x->dir), x->dir);
	x->writer_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (x->writer_fd < 0 || flock(x->writer_fd, LOCK_EX | LOCK_NB))
		err = errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (err == -EBUSY)
		log_err("xdp: another xdpban already bans through '%s'; stop it, or choose "
			"another directory", dir);
	else if (err)
		log_err("xdp: cannot lock '%s': %s", dir, strerror(-err));
	return err;
}

void xdp_pins_path(const struct xdp *x, const char *name, char path[static PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", x->dir, name);
}

int xdp_pins_get(const struct xdp *x, const char *name)
{
	char path[PATH_MAX];

	if (!*x->dir)
		return -ENOENT;
	xdp_pins_path(x, name, path);
	return bpf_obj_get(path);
}

/* The new one takes the place of an old one in one step: there always is one. */
int xdp_pins_put(const struct xdp *x, int fd, const char *name)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	int err;

	xdp_pins_path(x, name, path);
	xdp_pins_path(x, "new", fresh);
	unlink(fresh);
	err = bpf_obj_pin(fd, fresh);
	if (!err && rename(fresh, path)) {
		err = -errno;
		unlink(fresh);
	}
	if (err)
		log_err("xdp: cannot pin '%s': %s", path, strerror(-err));
	return err;
}

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

static int repair(struct xdp *x, int m, uint64_t *repaired)
{
	int fd = xdp_pins_get(x, map_names[m]), err;
	bool same = fd >= 0 && map_id(fd) == map_id(x->maps.fd[m]);

	if (fd >= 0)
		close(fd);
	if (fd == -ENOENT) {
		err = make_dirs(x);
		if (!err)
			err = xdp_pins_put(x, x->maps.fd[m], map_names[m]);
		*repaired += !err;
		return err;
	}
	if (fd < 0 || same)
		return 0;	/* not allowed to look, or as it should be */
	log_err("xdp: somebody replaced '%s/%s': what attaches now does not see our "
		"bans; restart xdpban", x->dir, map_names[m]);
	return -ESTALE;
}

int xdp_pins_repair(struct xdp *x, uint64_t *repaired)
{
	int err = 0;

	for (int m = 0; m < maps_n(&x->maps) && *x->dir && !err; m++)
		err = repair(x, m, repaired);
	return err;
}
