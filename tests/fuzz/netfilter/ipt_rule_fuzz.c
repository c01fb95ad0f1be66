// SPDX-License-Identifier: GPL-2.0-or-later
/* A line that iptables-save printed, or anybody: what is taken for a ban is one. */
#include <stdlib.h>

#include "base/str.h"
#include "netfilter/ipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = strndup((const char *)data, size);
	struct enforce_scope again;
	struct str scope = { 0 };
	struct ipt_rule r;

	if (line && ipt_rule_parse(line, &r)) {
		if (r.who.family != 4 && r.who.family != 6)
			abort();
		/* What it says of ports can be said again. */
		enforce_scope_format(&r.scope, &scope);
		if (enforce_scope_parse(scope.s, &again) ||
		    memcmp(&again, &r.scope, sizeof(again)))
			abort();
		str_fini(&scope);
	}
	free(line);
	return 0;
}
