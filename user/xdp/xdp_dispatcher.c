// SPDX-License-Identifier: GPL-2.0-or-later
#include "xdp_dispatcher.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

/* Programs with small numbers are called first: nobody else's time for the banned. */
#define PRIORITY	10
#define SLOTS		10	/* programs of one dispatcher */

/* ---- what libxdp has pinned ----------------------------------------------------- */

static void pins_of_libxdp(char dir[static 256])
{
	const char *bpffs = secure_getenv("LIBXDP_BPFFS");

	snprintf(dir, 256, "%s/xdp", bpffs ? bpffs : "/sys/fs/bpf");
}

static int prog_info(int fd, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	*info = (struct bpf_prog_info){ 0 };
	return bpf_obj_get_info_by_fd(fd, info, &len);
}

bool xdp_dispatcher_is(uint32_t prog_id)
{
	int fd = bpf_prog_get_fd_by_id(prog_id);
	struct bpf_prog_info info;
	bool is = fd >= 0 && !prog_info(fd, &info) && streq(info.name, "xdp_dispatcher");

	if (fd >= 0)
		close(fd);
	return is;
}

/* Is @prog_id pinned as one of the programs in @dir? */
static bool calls(const char *dir, uint32_t prog_id)
{
	bool found = false;

	for (int i = 0; i < SLOTS && !found; i++) {
		struct bpf_prog_info info;
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "%s/prog%d-prog", dir, i);
		fd = bpf_obj_get(path);
		if (fd < 0)
			continue;
		found = !prog_info(fd, &info) && info.id == prog_id;
		close(fd);
	}
	return found;
}

/* Pins of interfaces that are gone stay: the caller looks what is there now. */
int xdp_dispatcher_of(uint32_t prog_id, uint32_t *dispatcher)
{
	char top[256], dir[480];
	struct dirent *entry;
	int found = 0, ifindex;
	DIR *d;

	pins_of_libxdp(top);
	d = opendir(top);
	while (d && !found && (entry = readdir(d))) {
		if (sscanf(entry->d_name, "dispatch-%d-%u", &ifindex, dispatcher) != 2)
			continue;
		snprintf(dir, sizeof(dir), "%s/%.200s", top, entry->d_name);
		if (calls(dir, prog_id))
			found = ifindex;
	}
	if (d)
		closedir(d);
	return found;
}

/* ---- libxdp ---------------------------------------------------------------------- */

struct xdp_program;
struct xdp_multiprog;

/* As in libxdp 1.3, which does not look behind what it knows. */
struct xdp_program_opts {
	size_t sz;
	struct bpf_object *obj;
	void *open_opts;
	const char *prog_name, *find_filename, *open_filename, *pin_path;
	uint32_t id;
	int fd;
};

/* Of its interface (version 1.3 on), what is needed here. */
struct libxdp {
	void *so;			/* owns */
	struct xdp_program *(*create)(struct xdp_program_opts *opts);
	struct xdp_program *(*from_fd)(int fd);
	void (*close)(struct xdp_program *prog);
	int (*fd)(const struct xdp_program *prog);
	int (*set_run_prio)(struct xdp_program *prog, unsigned int prio);
	int (*attach)(struct xdp_program *prog, int ifindex, int mode, unsigned int flags);
	int (*detach)(struct xdp_program *prog, int ifindex, int mode, unsigned int flags);
	struct xdp_multiprog *(*on)(int ifindex);
	int (*mode)(const struct xdp_multiprog *mp);
	void (*on_close)(struct xdp_multiprog *mp);
	long (*error)(const void *ptr);
	void *(*set_print)(int (*fn)(int level, const char *fmt, va_list ap));
};

static const struct { const char *name; size_t at; } symbols[] = {
	{ "xdp_program__create", offsetof(struct libxdp, create) },
	{ "xdp_program__from_fd", offsetof(struct libxdp, from_fd) },
	{ "xdp_program__close", offsetof(struct libxdp, close) },
	{ "xdp_program__fd", offsetof(struct libxdp, fd) },
	{ "xdp_program__set_run_prio", offsetof(struct libxdp, set_run_prio) },
	{ "xdp_program__attach", offsetof(struct libxdp, attach) },
	{ "xdp_program__detach", offsetof(struct libxdp, detach) },
	{ "xdp_multiprog__get_from_ifindex", offsetof(struct libxdp, on) },
	{ "xdp_multiprog__attach_mode", offsetof(struct libxdp, mode) },
	{ "xdp_multiprog__close", offsetof(struct libxdp, on_close) },
	{ "libxdp_get_error", offsetof(struct libxdp, error) },
	{ "libxdp_set_print", offsetof(struct libxdp, set_print) },
};

/* What libxdp complained about last: its print function gets no context. */
static _Thread_local char libxdp_said[160];

static int listen_to_libxdp(int level, const char *fmt, va_list ap)
{
	char text[sizeof(libxdp_said)];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	if (level == 0)
		memcpy(libxdp_said, text, sizeof(text));
	log_debug("%s", text);
	return 0;
}

/* The library stays loaded: it keeps nothing but its print function. */
static int libxdp_load(struct libxdp *l)
{
	*libxdp_said = '\0';
	*l = (struct libxdp){ .so = dlopen("libxdp.so.1", RTLD_NOW | RTLD_LOCAL) };
	if (!l->so) {
		snprintf(libxdp_said, sizeof(libxdp_said), "libxdp is not installed "
			 "(Debian: apt install libxdp1)");
		return -EBUSY;
	}
	/* An open object is handed over, so both must be the same libbpf's. */
	if (dlsym(l->so, "bpf_object__load") != dlsym(RTLD_DEFAULT, "bpf_object__load")) {
		snprintf(libxdp_said, sizeof(libxdp_said), "libxdp uses another libbpf");
		return -EBUSY;
	}
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *fn = dlsym(l->so, symbols[i].name);

		if (!fn) {
			snprintf(libxdp_said, sizeof(libxdp_said),
				 "libxdp has no %s", symbols[i].name);
			return -EBUSY;
		}
		memcpy((char *)l + symbols[i].at, &fn, sizeof(fn));
	}
	l->set_print(listen_to_libxdp);
	return 0;
}

static int failed(int err, const char *what, const char *ifname)
{
	log_err("xdp: cannot %s the programs that libxdp runs on %s: %s", what, ifname,
		*libxdp_said ? libxdp_said : strerror(-err));
	return err;
}

/* In the mode that the others run in. */
static int mode_on(const struct libxdp *l, int ifindex)
{
	struct xdp_multiprog *mp = l->on(ifindex);
	int err = (int)l->error(mp), mode;

	if (err)
		return err;
	mode = l->mode(mp);
	l->on_close(mp);
	return mode;
}

static int join(const struct libxdp *l, struct xdp_program *prog, int ifindex)
{
	int mode = mode_on(l, ifindex), err = mode < 0 ? mode : 0;

	if (!err)
		err = l->set_run_prio(prog, PRIORITY);
	if (!err)
		err = l->attach(prog, ifindex, mode, 0);
	return err ? err : fcntl(l->fd(prog), F_DUPFD_CLOEXEC, 0);
}

int xdp_dispatcher_join(struct bpf_object *obj, const char *name, const char *ifname,
			int ifindex)
{
	struct xdp_program_opts opts = { .sz = sizeof(opts), .obj = obj, .prog_name = name };
	struct xdp_program *prog;
	struct libxdp l;
	int ret = libxdp_load(&l);

	if (ret)
		return failed(ret, "join", ifname);
	prog = l.create(&opts);
	ret = (int)l.error(prog);
	if (!ret) {
		ret = join(&l, prog, ifindex);
		l.close(prog);
	}
	return ret < 0 ? failed(ret, "join", ifname) : ret;
}

int xdp_dispatcher_leave(int prog_fd, const char *ifname, int ifindex)
{
	struct xdp_program *prog;
	struct libxdp l;
	int err = libxdp_load(&l), mode;

	if (err)
		return failed(err, "leave", ifname);
	prog = l.from_fd(prog_fd);
	err = (int)l.error(prog);
	if (err)
		return failed(err, "leave", ifname);
	mode = mode_on(&l, ifindex);
	err = mode < 0 ? mode : l.detach(prog, ifindex, mode, 0);
	l.close(prog);
	return err ? failed(err, "leave", ifname) : 0;
}
