// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/privs.h"

#include <errno.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/util.h"

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

int privs_drop(bool net_admin, bool net_raw)
{
	cap_value_t keep[3] = { CAP_DAC_READ_SEARCH };
	int n = 1, err;

	if (geteuid() != 0)
		return 0;
	if (net_admin)
		keep[n++] = CAP_NET_ADMIN;
	if (net_raw)
		keep[n++] = CAP_NET_RAW;
	err = drop_bounding(keep, n);
	if (!err)
		err = set_caps(keep, n);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	if (err)
		log_err("privileges: cannot give up capabilities: %s", strerror(-err));
	return err;
}
