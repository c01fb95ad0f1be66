// SPDX-License-Identifier: GPL-2.0-or-later
/* What is wrong, in the order in which somebody mends it. */
#include "base/diag.h"
#include "../t.h"

static void sorted(void)
{
	static const char *const want[] = {
		"no place", "a:2: one", "a:2: two", "a:10: three", "b:1: four",
	};
	struct diag d = { 0 };
	char buf[64];

	diag_add(&d, DIAG_ERROR, "b", 1, "four");
	diag_add(&d, DIAG_NOTE, "a", 10, "three");
	diag_add(&d, DIAG_WARNING, "a", 2, "one");
	diag_add(&d, DIAG_ERROR, NULL, 0, "no place");
	diag_add(&d, DIAG_ERROR, "a", 2, "two");
	diag_sort(&d);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		t_str("by file and line", diag_format(&d.entries[i], buf, sizeof(buf)),
		      want[i]);
	t_is("counts stay", (int64_t)d.count[DIAG_ERROR], 3);
	diag_fini(&d);
	diag_sort(&d);
	t_is("nothing", (int64_t)d.n, 0);
}

static void repeated(void)
{
	struct diag d = { 0 };
	char buf[64];

	diag_add(&d, DIAG_WARNING, "a", 2, "one");
	diag_add(&d, DIAG_WARNING, "a", 3, "one");
	diag_add(&d, DIAG_ERROR, "a", 2, "two");
	diag_add(&d, DIAG_ERROR, "a", 2, "one");
	diag_add(&d, DIAG_NOTE, "a", 2, "one");
	diag_add(&d, DIAG_WARNING, "b", 2, "one");
	diag_sort(&d);
	t_is("once for each place", (int64_t)d.n, 4);
	t_str("it is where it was", diag_format(&d.entries[0], buf, sizeof(buf)), "a:2: one");
	t_is("at the worst", d.entries[0].level, DIAG_ERROR);
	t_str("others stay", diag_format(&d.entries[1], buf, sizeof(buf)), "a:2: two");
	t_is("errors", (int64_t)d.count[DIAG_ERROR], 2);
	t_is("warnings", (int64_t)d.count[DIAG_WARNING], 2);
	t_is("notes", (int64_t)d.count[DIAG_NOTE], 0);
	diag_fini(&d);
}

int main(void)
{
	sorted();
	repeated();
	return t_done();
}
