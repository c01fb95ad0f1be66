// SPDX-License-Identifier: GPL-2.0-or-later
/* One value, read as everything a value can be: a time, a list, parameters. */
#include "config/jail_file.h"
#include "ini/params.h"
#include "config/scope.h"
#include "config/timespan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct loader *l, const struct value *v)
{
	const struct text text = { v->s, "f", 1 };
	struct config_jail jail = { 0 };
	struct config_scope scope = { 0 };
	struct str out = { 0 };
	struct params p;
	size_t offset = 0;
	double seconds;

	timespan_parse(v->s, &seconds, NULL);
	while (params_next(l, v, &offset, &p))
		;
	if (jail_defaults(l, &jail))
		return;
	for (size_t i = 0; i < n_jail_rows; i++)
		option_set(l, &jail_rows[i], &jail, v);
	scope_set_ports(l, &scope, &text);
	scope_set_protocols(l, &scope, &text);
	scope_format_ports(&scope, &out);
	str_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pool *pool = pool_new((size_t)64 << 20);
	struct diag d = { 0 };
	struct loader l;
	struct value v;
	char *text;

	if (pool && !loader_init(&l, pool, "/none", &d)) {
		text = pool_strndup(pool, (const char *)data, size);
		if (text && !value_make(pool, &v, text, (struct place){ "f", 1 }))
			read_all(&l, &v);
	}
	pool_free(pool);
	diag_fini(&d);
	return 0;
}
