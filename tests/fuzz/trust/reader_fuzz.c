// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A PBX's main file, of the kind that the first byte chooses, which may include
 * itself.  Whatever it says, nobody who must not be trusted is, and what was found
 * is found again in a book that is saved and read back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trust/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct { enum trust_kind kind; const char *file; bool directory; } kinds[] = {
	{ TRUST_ASTERISK, "pjsip.conf", true },
	{ TRUST_SIP, "sip.conf", false },
	{ TRUST_PJSIP, "pjsip.conf", false },
	{ TRUST_FREESWITCH, "freeswitch.xml", true },
	{ TRUST_KAMAILIO, "kamailio.cfg", false },
	{ TRUST_DISPATCHER, "dispatcher.list", false },
	{ TRUST_ADDRESS, "address.list", false },
	{ TRUST_DBTEXT, "address", true },
	{ TRUST_DBTEXT, "dispatcher", true },
	{ TRUST_LIST, "trusted", false },
};

static void write_file(const char *path, const uint8_t *data, size_t size)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
}

static int check_group(void *ctx, const char *label, const struct ipaddr *nets, size_t n)
{
	(void)ctx;
	if (!*label || !n)
		abort();
	for (size_t i = 0; i < n; i++)
		if (nets[i].prefix < (nets[i].family == 4 ? 16 : 32) ||
		    trust_is_nobody(&nets[i]))
			abort();
	return 0;
}

/* Every name gets an answer; what is saved of it is good again. */
static void check_names(struct trust_book *b)
{
	const struct ipaddr addr = { { 198, 51, 100, 1 }, 4, 32 };
	const struct trust_answer a = { &addr, 1, 60, true };
	const wall_t now = wall_from_s(1700000000);
	struct str saved = { 0 }, again = { 0 };
	const struct trust_name *n;

	while ((n = trust_book_ask(b, (boot_t){ 1 })))
		trust_book_answer(b, n->host, n->srv, &a, (boot_t){ 1 }, now);
	trust_book_save(b, &saved);
	trust_book_load(b, saved.s, saved.len);
	trust_book_save(b, &again);
	if (!streq(saved.s, again.s))
		abort();
	str_fini(&saved);
	str_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct trust_limits limits = { 16, 32 };
	struct trust_book *b = trust_book_new();
	struct trust_source source;
	char dir[64], path[128];
	size_t k;

	if (!size || !b) {
		trust_book_free(b);
		return 0;
	}
	k = data[0] % ARRAY_SIZE(kinds);
	snprintf(dir, sizeof(dir), "/tmp/xdpban-trust-fuzz-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/%s", dir, kinds[k].file);
	mkdir(dir, 0700);
	write_file(path, data + 1, size - 1);
	source = (struct trust_source){ kinds[k].kind, kinds[k].directory ? dir : path };
	if (trust_book_configure(b, &source, 1, &limits) || trust_book_read(b))
		abort();
	trust_book_groups(b, check_group, NULL);
	check_names(b);
	trust_book_free(b);
	unlink(path);
	rmdir(dir);
	return 0;
}
