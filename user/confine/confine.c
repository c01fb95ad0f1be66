// SPDX-License-Identifier: GPL-2.0-or-later
#include "confine/confine.h"

#include <string.h>

#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1	/* who looks for leaks at the end looks into our process */
#else
#define SANITIZED 0
#endif

void confine(struct confined *out, const char *const *dirs, size_t n)
{
	int files, calls;

	*out = (struct confined){ .why = "it was built with a sanitizer" };
	if (SANITIZED)
		return;
	files = confine_files(dirs, n);
	calls = confine_calls();
	out->landlock = files > 0 ? files : 0;
	out->seccomp = !calls;
	out->why = files < 0 ? strerror(-files) : calls ? strerror(-calls) : NULL;
	if (files < 0)
		log_info("confine: no Landlock (%s): the daemon may write where root may",
			 strerror(-files));
	if (calls)
		log_info("confine: no seccomp (%s): the daemon may do what root may",
			 strerror(-calls));
}
