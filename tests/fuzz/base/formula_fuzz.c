// SPDX-License-Identifier: GPL-2.0-or-later
/* bantime.formula: whatever compiles must also evaluate. */
#include <stdlib.h>

#include "base/formula.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct formula_error err;
	struct formula *f;

	if (!text)
		return 0;
	if (!formula_new(&f, text, &err)) {
		formula_eval(f, 600, 3, 1);
		formula_eval(f, -1, 1e9, -0.5);
		formula_free(f);
	} else if (err.text && err.at > strlen(text)) {
		abort();
	}
	free(text);
	return 0;
}
