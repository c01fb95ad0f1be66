// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/formula.h"

#include <errno.h>
#include <math.h>

#include "../t.h"

/* Evaluated with ban.Time 600, ban.Count 3, banFactor 2. */
static const struct {
	const char *text;
	double value;
} good[] = {
	{ "ban.Time * (1<<(ban.Count if ban.Count<20 else 20)) * banFactor", 9600 },
	{ "ban.Time * math.exp(float(ban.Count+1)*banFactor)/math.exp(1*banFactor)",
	  242057.27609564 },
	{ "1 + 2 * 3", 7 }, { "(1 + 2) * 3", 9 }, { "2 ** 3 ** 2", 512 }, { "-2 ** 2", -4 },
	{ "2 ** -1", 0.5 }, { "7 // 2", 3 }, { "-7 // 2", -4 }, { "-7 % 3", 2 },
	{ "7 / 2", 3.5 }, { "1 << 4", 16 }, { "16 >> 2", 4 }, { "1 + 1 << 2", 8 },
	{ "1 < 2 < 3", 1 }, { "3 > 2 > 2", 0 }, { "1 == 1", 1 }, { "1 != 1", 0 },
	{ "2 >= 2", 1 }, { "2 <= 1", 0 }, { "1 if 0 else 2 if 0 else 3", 3 },
	{ "not 0", 1 }, { "not 1 == 1", 0 }, { "1 and 2", 2 }, { "0 or 5", 5 },
	{ "0 and 1 / 0", 0 }, { "min(3, 1, 2)", 1 }, { "max(3, 1, 2)", 3 }, { "max(4)", 4 },
	{ "int(2.9)", 2 }, { "int(-2.9)", -2 }, { "float(3)", 3 }, { "round(2.5)", 2 },
	{ "abs(-3)", 3 }, { "pow(2, 10)", 1024 }, { "math.pow(2, 10)", 1024 },
	{ "math.log(math.e)", 1 }, { "math.log(8, 2)", 3 }, { "math.log2(8)", 3 },
	{ "math.log10(1000)", 3 }, { "math.sqrt(16)", 4 }, { "math.floor(1.9)", 1 },
	{ "math.ceil(1.1)", 2 }, { "math.fabs(-1.5)", 1.5 }, { "1e3", 1000 },
	{ "1.5e-1", 0.15 }, { ".5", 0.5 }, { "5.", 5 }, { "True + True", 2 },
	{ "ban.Time", 600 }, { "\tban.Count\n", 3 }, { "banFactor", 2 },
};

/* Where Python would raise. */
static const char *const not_finite[] = {
	"1 / 0", "1 // 0", "1 % 0", "math.log(0)", "math.sqrt(-1)", "1 << 5000",
	"1 << -1", "1 << 1.5", "1e300 * 1e300", "math.exp(1000)", "1 >> -1",
};

static const struct {
	const char *text;
	size_t at;
} bad[] = {
	{ "", 0 }, { "1 +", 3 }, { "(1", 2 }, { "1 2", 2 }, { "foo", 0 },
	{ "__import__('os')", 0 }, { "ban.Time.x", 8 }, { "ban.IP", 0 }, { "1 if 2", 6 },
	{ "math.exp", 8 }, { "math.exp()", 9 }, { "min(1, 2", 8 }, { "1e", 2 },
	{ "pow(2)", 5 }, { "pow(1, 2, 3)", 9 }, { "1 = 2", 2 }, { "1; 2", 1 },
	{ "lambda: 1", 0 }, { "[1]", 0 }, { "1_000", 1 }, { "0x1f", 1 }, { "1.2.3", 3 },
};

static void test_hostile(void)
{
	static char text[100000];
	struct formula_error err;
	struct formula *f;

	memset(text, '(', sizeof(text) - 1);
	t_is("parentheses", formula_new(&f, text, &err), -EINVAL);
	memset(text, '-', sizeof(text) - 1);
	t_is("signs", formula_new(&f, text, &err), -EINVAL);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 2 ? '+' : '1';
	t_is("a sum without end", formula_new(&f, text, &err), -EINVAL);
	for (size_t i = 0; i + 4 < sizeof(text); i += 4)
		memcpy(text + i, "not ", 4);
	t_is("not not not", formula_new(&f, text, &err), -EINVAL);
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "1**", 3);
	t_is("powers", formula_new(&f, text, &err), -EINVAL);
}

static void test_constant(void)
{
	static const char *const texts[] = { "1 + max(2, 3)", "1 + banFactor", "ban.Count" };
	struct formula_error err;
	struct formula *f;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		t_is(texts[i], formula_new(&f, texts[i], &err), 0);
		t_is(texts[i], formula_is_constant(f), i == 0);
		formula_free(f);
	}
}

int main(void)
{
	struct formula_error err;
	struct formula *f;
	double v;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		t_is(good[i].text, formula_new(&f, good[i].text, &err), 0);
		v = formula_eval(f, 600, 3, 2);
		t_ok(good[i].text, fabs(v - good[i].value) < 1e-6);
		formula_free(f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(not_finite); i++) {
		t_is(not_finite[i], formula_new(&f, not_finite[i], &err), 0);
		t_ok(not_finite[i], !isfinite(formula_eval(f, 600, 3, 2)));
		formula_free(f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		t_is(bad[i].text, formula_new(&f, bad[i].text, &err), -EINVAL);
		t_is(bad[i].text, (int64_t)err.at, (int64_t)bad[i].at);
		t_ok(bad[i].text, err.text && *err.text);
	}
	test_hostile();
	test_constant();
	return t_done();
}
