// SPDX-License-Identifier: GPL-2.0-or-later
#include <ares.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>

#include "regex/regex.h"
#include "regex/sieve.h"
#include "xdp/xdp_attach.h"
#include "cli.h"

/* PCRE2 is asked, not believed: executable memory may be forbidden. */
static void print_regex(void)
{
	struct regex_env *env = regex_env_new();
	struct regex_error err;
	struct regex *re = NULL;
	char name[64];

	if (env && regex_new(&re, env, "a", 0, &err))
		re = NULL;
	printf("expressions: PCRE2 %s, %s\n", regex_library(name, sizeof(name)),
	       env && regex_env_jit(env) ? "compiled (JIT)" : "interpreted (no JIT)");
	regex_free(re);
	regex_env_free(env);
}

int cmd_version(struct cli *c, int argc, char **argv)
{
	(void)c, (void)argc, (void)argv;
	puts("xdpban " XDPBAN_VERSION);
	print_regex();
	printf("prefilter:   its own, %s\n", sieve_kind());
	printf("kernel:      libbpf %s\n", xdp_library());
	printf("beside:      SQLite %s, jansson %s, c-ares %s, libsystemd (journal), "
	       "GnuTLS when needed\n",
	       sqlite3_libversion(), jansson_version_str(), ares_version(NULL));
	return EXIT_DONE;
}
