// SPDX-License-Identifier: GPL-2.0-or-later
#include "tls_library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* POSIX says that a function's address fits, C has no conversion for it. */
static bool find(void *library, const char *name, void *out)
{
	void *address = dlsym(library, name);

	memcpy(out, &address, sizeof(address));
	return address;
}

static bool find_all(void *library, struct tls_library *l)
{
	return
#define F(name) find(library, "gnutls_" #name, &l->name) &&
		TLS_FUNCTIONS(F)
#undef F
		find(library, "gnutls_free", &l->free);
}

int tls_library_load(struct tls_library *l)
{
	/* Once loaded it stays: it does not forget everything when it is unloaded. */
	void *library = dlopen(TLS_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	bool complete;

	if (!library)
		return -ELIBACC;
	complete = find_all(library, l);
	dlclose(library);
	return complete ? 0 : -ELIBACC;
}
