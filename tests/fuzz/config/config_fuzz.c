// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole configuration: the input is jail.conf and, behind a line "----",
 * filter.d/x.conf.  Whatever it says must load; a jail that is sound must print
 * as something that reads back, and prints, the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];		/* of this process */

static void write_file(const char *name, const void *data, size_t size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

static void remove_directory(void)
{
	static const char *const names[] = { "jail.conf", "filter.d/x.conf", "filter.d", "" };
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
}

/* A directory for this process, made at the first call. */
static void make_directory(void)
{
	char sub[80];

	if (*dir)
		return;
	snprintf(dir, sizeof(dir), "/dev/shm/xdpban-fuzz-%d", getpid());
	snprintf(sub, sizeof(sub), "%s/filter.d", dir);
	if ((mkdir(dir, 0700) && access(dir, W_OK)) || (mkdir(sub, 0700) && access(sub, W_OK)))
		abort();
	atexit(remove_directory);
}

/* The printed configuration; NULL: something in it is broken. */
static char *load_and_print(void)
{
	const struct config_options o = { .dir = dir, .disabled_too = true };
	struct diag d = { 0 };
	struct config *c = config_load(&o, &d);
	char *text = NULL;
	size_t len = 0;
	bool sound = c;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; c && i < c->n_jails; i++)
		sound &= !c->jails[i].broken;
	if (!f || (c && config_print(c, f)))
		abort();
	fclose(f);
	config_free(c);
	diag_fini(&d);
	if (!sound) {
		free(text);
		return NULL;
	}
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *part = memmem(data, size, "\n----\n", 6);
	size_t jail = part ? (size_t)(part - (const char *)data) : size;
	char *first, *again;

	if (size > 20000)
		return 0;
	make_directory();
	write_file("jail.conf", data, jail);
	write_file("filter.d/x.conf", part ? part + 6 : "", part ? size - jail - 6 : 0);
	first = load_and_print();
	if (!first)
		return 0;
	write_file("jail.conf", first, strlen(first));
	again = load_and_print();
	if (!again || strcmp(first, again)) {
		fprintf(stderr, "--- printed:\n%s--- then:\n%s", first, again ? again : "(broken)\n");
		abort();
	}
	free(first);
	free(again);
	return 0;
}
