// SPDX-License-Identifier: GPL-2.0-or-later
#include "attach/privs.h"

#include <errno.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

#define FILES_MAX	65536u

/*
 * Under a flood the services it is aimed at take every processor, and the ban
 * that ends it would wait behind them.  Whoever started us with another
 * priority meant it.
 */
static void raise_priority(void)
{
	if (getpriority(PRIO_PROCESS, 0) == 0 && setpriority(PRIO_PROCESS, 0, -10))
		log_info("cannot raise the priority: %s", strerror(errno));
}

/* Most programs get 1024; the journal alone may be hundreds, for each jail. */
static void raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= FILES_MAX)
		return;
	files.rlim_cur = files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX;
	if (setrlimit(RLIMIT_NOFILE, &files))
		log_info("cannot raise the limit of open files: %s", strerror(errno));
}

void privs_raise(void)
{
	raise_priority();
	raise_file_limit();
}

static int drop_bounding(const cap_value_t *keep, int n)
{
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++) {
		bool kept = false;

		for (int i = 0; i < n; i++)
			kept = kept || keep[i] == cap;
		/* EINVAL: this kernel does not know the capability. */
		if (!kept && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL)
			return -errno;
	}
	return 0;
}

static int set_caps(const cap_value_t *keep, int n)
{
	cap_t caps = cap_init();
	int err = 0;

	if (!caps)
		return -errno;
	if (cap_set_flag(caps, CAP_PERMITTED, n, keep, CAP_SET) ||
	    cap_set_flag(caps, CAP_EFFECTIVE, n, keep, CAP_SET) ||
	    cap_set_proc(caps))
		err = -errno;
	cap_free(caps);
	return err;
}

/* The kernel counts links: ".", ".." and one for each thread; 0: it cannot be asked. */
static bool has_threads(void)
{
	struct stat st;

	return !stat("/proc/self/task", &st) && st.st_nlink > 3;
}

/* Rights are each thread's own, and its memory is everybody's. */
static int keep_only(const cap_value_t *keep, int n)
{
	int err = has_threads() ? -EBUSY : drop_bounding(keep, n);

	if (!err)
		err = set_caps(keep, n);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	if (err)
		log_err("privileges: cannot give up capabilities: %s", strerror(-err));
	return err;
}

/* Why CAP_LEASE, which user/source could use, is not kept: docs/design.md. */
int privs_drop(unsigned int more)
{
	cap_value_t keep[4] = { CAP_DAC_READ_SEARCH };
	int n = 1;

	if (geteuid() != 0)
		return 0;
	if (more & PRIVS_NET_ADMIN)
		keep[n++] = CAP_NET_ADMIN;
	if (more & PRIVS_NET_RAW)
		keep[n++] = CAP_NET_RAW;
	if (more & PRIVS_BPF)
		keep[n++] = CAP_BPF;
	return keep_only(keep, n);
}

int privs_drop_to_attach(void)
{
	static const cap_value_t wanted[] = {
		CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN,
	};
	cap_value_t keep[ARRAY_SIZE(wanted)];
	cap_t have = cap_get_proc();
	int n = 0;

	/* What was taken from us already cannot be kept. */
	for (size_t i = 0; have && i < ARRAY_SIZE(wanted); i++) {
		cap_flag_value_t v = CAP_CLEAR;

		if (!cap_get_flag(have, wanted[i], CAP_PERMITTED, &v) && v == CAP_SET)
			keep[n++] = wanted[i];
	}
	cap_free(have);
	return geteuid() ? 0 : keep_only(keep, n);
}
