// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as the kernel's answer about routes, and as a resolv.conf: what is found
 * there are addresses of hosts, and not more of them than the bytes can hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decide/host_nets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *ctx, const struct ipaddr *net)
{
	size_t *n = ctx;

	if (!ipaddr_is_host(net))
		abort();
	++*n;
}

static void take_any(void *ctx, const struct ipaddr *net)
{
	size_t *n = ctx;

	if (net->family != 4 && net->family != 6)
		abort();
	++*n;
}

static void as_routes(const uint8_t *data, size_t size)
{
	/* A copy of its own, so that a byte too far is noticed. */
	uint8_t *copy = malloc(size + !size);
	size_t n = 0;
	int ret;

	if (!copy)
		abort();
	memcpy(copy, data, size);
	ret = host_parse_routes(copy, size, take, &n);
	if (ret > 1 || n > size / 4)
		abort();
	free(copy);
}

static void as_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("resolv.conf", MFD_CLOEXEC);
	char path[64];
	size_t n = 0;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (host_resolvers(path, take_any, &n) || n > size / strlen("nameserver ::"))
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] & 1)
		as_file(data + 1, size - 1);
	else if (size)
		as_routes(data + 1, size - 1);
	return 0;
}
