// SPDX-License-Identifier: GPL-2.0-or-later
#include "formula.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define NODES_MAX	512	/* operands and operators of one formula */
#define DEPTH_MAX	32	/* parentheses inside parentheses */
#define ARGS_MAX	8

enum op {
	OP_NUMBER, OP_TIME, OP_COUNT, OP_FACTOR, OP_NEG, OP_NOT, OP_ADD, OP_SUB,
	OP_MUL, OP_DIV, OP_FLOORDIV, OP_MOD, OP_POW, OP_SHL, OP_SHR, OP_LT, OP_LE,
	OP_GT, OP_GE, OP_EQ, OP_NE, OP_AND, OP_OR, OP_IF, OP_CALL, OP_ARG,
};

enum fn {
	FN_EXP, FN_LOG, FN_LOG2, FN_LOG10, FN_SQRT, FN_FLOOR, FN_CEIL, FN_ABS,
	FN_POW, FN_INT, FN_FLOAT, FN_ROUND, FN_MIN, FN_MAX,
};

static const struct {
	const char *name;
	enum fn fn;
	unsigned int min, max;		/* arguments */
} functions[] = {
	{ "math.exp", FN_EXP, 1, 1 },	  { "math.log", FN_LOG, 1, 2 },
	{ "math.log2", FN_LOG2, 1, 1 },	  { "math.log10", FN_LOG10, 1, 1 },
	{ "math.sqrt", FN_SQRT, 1, 1 },	  { "math.floor", FN_FLOOR, 1, 1 },
	{ "math.ceil", FN_CEIL, 1, 1 },	  { "math.fabs", FN_ABS, 1, 1 },
	{ "math.pow", FN_POW, 2, 2 },	  { "pow", FN_POW, 2, 2 },
	{ "abs", FN_ABS, 1, 1 },	  { "int", FN_INT, 1, 1 },
	{ "float", FN_FLOAT, 1, 1 },	  { "round", FN_ROUND, 1, 1 },
	{ "min", FN_MIN, 1, ARGS_MAX },	  { "max", FN_MAX, 1, ARGS_MAX },
};

struct node {
	enum op op;
	unsigned int fn;		/* of OP_CALL: index into functions */
	int a, b, c;			/* operands: indices, -1: none */
	double number;
};

struct formula {
	struct node nodes[NODES_MAX];
	int n, root;
};

struct parser {
	struct formula *f;
	const char *text, *s;
	struct formula_error *err;
	unsigned int depth;
};

/* ---- parsing: each level takes what binds tighter from the next ----------------- */

static int fail(struct parser *p, const char *why)
{
	if (!p->err->text)
		*p->err = (struct formula_error){ (size_t)(p->s - p->text), why };
	return -1;
}

static int node(struct parser *p, enum op op, int a, int b, int c)
{
	if (p->err->text)
		return -1;
	if (p->f->n == NODES_MAX)
		return fail(p, "the formula is too long");
	p->f->nodes[p->f->n] = (struct node){ .op = op, .a = a, .b = b, .c = c };
	return p->f->n++;
}

static void skip_blanks(struct parser *p)
{
	while (*p->s == ' ' || *p->s == '\t' || *p->s == '\n')
		p->s++;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c >= '0' && c <= '9');
}

/* Take @token when it comes next; a word must end there. */
static bool take(struct parser *p, const char *token)
{
	size_t len = strlen(token);

	skip_blanks(p);
	if (strncmp(p->s, token, len) ||
	    (is_word(token[len - 1]) && is_word(p->s[len])))
		return false;
	p->s += len;
	return true;
}

static int parse_if(struct parser *p);

static int parse_number(struct parser *p)
{
	double v = 0, scale = 1;
	int exp = 0, n;

	for (; *p->s >= '0' && *p->s <= '9'; p->s++)
		v = v * 10 + (*p->s - '0');
	if (*p->s == '.')
		for (p->s++; *p->s >= '0' && *p->s <= '9'; p->s++)
			v += (*p->s - '0') * (scale /= 10);
	if (*p->s == 'e' || *p->s == 'E') {
		bool minus = p->s[1] == '-';

		p->s += 1 + (p->s[1] == '-' || p->s[1] == '+');
		for (n = 0; *p->s >= '0' && *p->s <= '9' && exp < 1000; p->s++, n++)
			exp = exp * 10 + (*p->s - '0');
		if (!n)
			return fail(p, "an exponent needs digits");
		v *= pow(10, minus ? -exp : exp);
	}
	if (is_word(*p->s) || *p->s == '.')
		return fail(p, "not a number");
	n = node(p, OP_NUMBER, -1, -1, -1);
	if (n >= 0)
		p->f->nodes[n].number = v;
	return n;
}

static int parse_call(struct parser *p, unsigned int fn)
{
	int call = node(p, OP_CALL, -1, -1, -1), last = call, arg;
	unsigned int n = 0;

	if (!take(p, "("))
		return fail(p, "a function needs its arguments in parentheses");
	do {
		if (++n > functions[fn].max)
			return fail(p, "too many arguments");
		arg = node(p, OP_ARG, parse_if(p), -1, -1);
		if (arg < 0 || last < 0)
			return -1;
		if (last == call)
			p->f->nodes[last].a = arg;
		else
			p->f->nodes[last].b = arg;
		last = arg;
	} while (take(p, ","));
	if (n < functions[fn].min)
		return fail(p, "an argument is missing");
	if (!take(p, ")"))
		return fail(p, "a \")\" is missing");
	p->f->nodes[call].fn = fn;
	return call;
}

static int parse_name(struct parser *p)
{
	static const struct { const char *name; enum op op; double value; } names[] = {
		{ "ban.Time", OP_TIME, 0 }, { "ban.Count", OP_COUNT, 0 },
		{ "banFactor", OP_FACTOR, 0 }, { "math.pi", OP_NUMBER, M_PI },
		{ "math.e", OP_NUMBER, M_E }, { "True", OP_NUMBER, 1 },
		{ "False", OP_NUMBER, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (take(p, names[i].name)) {
			int n = node(p, names[i].op, -1, -1, -1);

			if (n >= 0)
				p->f->nodes[n].number = names[i].value;
			return n;
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(functions); i++)
		if (take(p, functions[i].name))
			return parse_call(p, i);
	return fail(p, "neither a number nor a name that formulas know");
}

static int parse_atom(struct parser *p)
{
	int n;

	if (take(p, "(")) {
		n = parse_if(p);
		if (n >= 0 && !take(p, ")"))
			return fail(p, "a \")\" is missing");
		return n;
	}
	skip_blanks(p);
	if ((*p->s >= '0' && *p->s <= '9') ||
	    (*p->s == '.' && p->s[1] >= '0' && p->s[1] <= '9'))
		return parse_number(p);
	return parse_name(p);
}

static int parse_unary(struct parser *p);

/* ** binds tighter than a minus on its left, and to the right: -2**-2**2. */
static int parse_power(struct parser *p)
{
	int a = parse_atom(p);

	return a >= 0 && take(p, "**") ? node(p, OP_POW, a, parse_unary(p), -1) : a;
}

static int parse_unary(struct parser *p)
{
	int n;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deep");
	if (take(p, "-"))
		n = node(p, OP_NEG, parse_unary(p), -1, -1);
	else if (take(p, "+"))
		n = parse_unary(p);
	else
		n = parse_power(p);
	p->depth--;
	return n;
}

static int parse_product(struct parser *p)
{
	int a = parse_unary(p);

	while (a >= 0) {
		if (take(p, "//"))
			a = node(p, OP_FLOORDIV, a, parse_unary(p), -1);
		else if (take(p, "*"))
			a = node(p, OP_MUL, a, parse_unary(p), -1);
		else if (take(p, "/"))
			a = node(p, OP_DIV, a, parse_unary(p), -1);
		else if (take(p, "%"))
			a = node(p, OP_MOD, a, parse_unary(p), -1);
		else
			break;
	}
	return a;
}

static int parse_sum(struct parser *p)
{
	int a = parse_product(p);

	while (a >= 0) {
		if (take(p, "+"))
			a = node(p, OP_ADD, a, parse_product(p), -1);
		else if (take(p, "-"))
			a = node(p, OP_SUB, a, parse_product(p), -1);
		else
			break;
	}
	return a;
}

static int parse_shift(struct parser *p)
{
	int a = parse_sum(p);

	while (a >= 0) {
		if (take(p, "<<"))
			a = node(p, OP_SHL, a, parse_sum(p), -1);
		else if (take(p, ">>"))
			a = node(p, OP_SHR, a, parse_sum(p), -1);
		else
			break;
	}
	return a;
}

/* a < b < c is (a < b) and (b < c). */
static int parse_comparison(struct parser *p)
{
	static const struct { const char *token; enum op op; } ops[] = {
		{ "<=", OP_LE }, { ">=", OP_GE }, { "==", OP_EQ }, { "!=", OP_NE },
		{ "<", OP_LT }, { ">", OP_GT },
	};
	int a = parse_shift(p), all = -1;
	size_t i;

	while (a >= 0) {
		int b, one;

		for (i = 0; i < ARRAY_SIZE(ops) && !take(p, ops[i].token); i++)
			;
		if (i == ARRAY_SIZE(ops))
			break;
		b = parse_shift(p);
		one = node(p, ops[i].op, a, b, -1);
		all = all < 0 ? one : node(p, OP_AND, all, one, -1);
		a = p->err->text ? -1 : b;
	}
	return a >= 0 && all >= 0 ? all : a;
}

static int parse_not(struct parser *p)
{
	int n;

	if (!take(p, "not"))
		return parse_comparison(p);
	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deep");
	n = node(p, OP_NOT, parse_not(p), -1, -1);
	p->depth--;
	return n;
}

static int parse_and(struct parser *p)
{
	int a = parse_not(p);

	while (a >= 0 && take(p, "and"))
		a = node(p, OP_AND, a, parse_not(p), -1);
	return a;
}

static int parse_or(struct parser *p)
{
	int a = parse_and(p);

	while (a >= 0 && take(p, "or"))
		a = node(p, OP_OR, a, parse_and(p), -1);
	return a;
}

static int parse_if(struct parser *p)
{
	int value, condition, other;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deep");
	value = parse_or(p);
	if (value >= 0 && take(p, "if")) {
		condition = parse_or(p);
		if (condition >= 0 && !take(p, "else"))
			return fail(p, "an \"else\" is missing");
		other = parse_if(p);
		value = node(p, OP_IF, value, condition, other);
	}
	p->depth--;
	return value;
}

int formula_new(struct formula **out, const char *text, struct formula_error *err)
{
	struct formula *f = calloc(1, sizeof(*f));
	struct parser p = { .f = f, .text = text, .s = text, .err = err };

	if (!f)
		return -ENOMEM;
	*err = (struct formula_error){ 0 };
	f->root = parse_if(&p);
	skip_blanks(&p);
	if (f->root >= 0 && *p.s)
		fail(&p, "this does not belong to the formula");
	if (err->text) {
		formula_free(f);
		return -EINVAL;
	}
	*out = f;
	return 0;
}

void formula_free(struct formula *f)
{
	free(f);
}

bool formula_is_constant(const struct formula *f)
{
	for (int i = 0; i < f->n; i++)
		if (f->nodes[i].op >= OP_TIME && f->nodes[i].op <= OP_FACTOR)
			return false;
	return true;
}

/* ---- evaluating ------------------------------------------------------------------- */

struct context {
	const struct formula *f;
	double time, count, factor;
};

static double eval(const struct context *c, int i);

/* Python shifts integers only, and not by a negative number. */
static double shift(double a, double b, bool left)
{
	if (a != floor(a) || b != floor(b) || !(b >= 0 && b <= 4096))
		return NAN;
	return left ? ldexp(a, (int)b) : floor(ldexp(a, -(int)b));
}

static double call(const struct context *c, const struct node *n)
{
	double v[ARGS_MAX] = { 0 }, best;
	const struct node *nodes = c->f->nodes;
	int count = 0;

	for (int arg = n->a; arg >= 0; arg = nodes[arg].b)
		v[count++] = eval(c, nodes[arg].a);
	switch (functions[n->fn].fn) {
	case FN_EXP:	return exp(v[0]);
	case FN_LOG:	return count > 1 ? log(v[0]) / log(v[1]) : log(v[0]);
	case FN_LOG2:	return log2(v[0]);
	case FN_LOG10:	return log10(v[0]);
	case FN_SQRT:	return sqrt(v[0]);
	case FN_FLOOR:	return floor(v[0]);
	case FN_CEIL:	return ceil(v[0]);
	case FN_ABS:	return fabs(v[0]);
	case FN_POW:	return pow(v[0], v[1]);
	case FN_INT:	return trunc(v[0]);
	case FN_FLOAT:	return v[0];
	case FN_ROUND:	return rint(v[0]);	/* to even, as Python does */
	case FN_MIN:
	case FN_MAX:
		best = v[0];
		for (int i = 1; i < count; i++)
			if (functions[n->fn].fn == FN_MIN ? v[i] < best : v[i] > best)
				best = v[i];
		return best;
	}
	return NAN;
}

static double compare_or_shift(enum op op, double a, double b)
{
	switch (op) {
	case OP_SHL:	return shift(a, b, true);
	case OP_SHR:	return shift(a, b, false);
	case OP_LT:	return a < b;
	case OP_LE:	return a <= b;
	case OP_GT:	return a > b;
	case OP_GE:	return a >= b;
	case OP_EQ:	return a == b;
	case OP_NE:	return a != b;
	default:	return NAN;
	}
}

/* The result has the sign of @b, as in Python. */
static double modulo(double a, double b)
{
	double m = fmod(a, b);		/* NaN for b == 0 */

	return m != 0 && (m < 0) != (b < 0) ? m + b : m;
}

static double binary(enum op op, double a, double b)
{
	switch (op) {
	case OP_ADD:	return a + b;
	case OP_SUB:	return a - b;
	case OP_MUL:	return a * b;
	case OP_DIV:	return b == 0 ? NAN : a / b;
	case OP_FLOORDIV: return b == 0 ? NAN : floor(a / b);
	case OP_MOD:	return modulo(a, b);
	case OP_POW:	return pow(a, b);
	default:	return compare_or_shift(op, a, b);
	}
}

static double eval(const struct context *c, int i)
{
	const struct node *n = &c->f->nodes[i];
	double a;

	switch (n->op) {
	case OP_NUMBER:	return n->number;
	case OP_TIME:	return c->time;
	case OP_COUNT:	return c->count;
	case OP_FACTOR:	return c->factor;
	case OP_NEG:	return -eval(c, n->a);
	case OP_NOT:	return !eval(c, n->a);
	case OP_AND:	return (a = eval(c, n->a)) != 0 ? eval(c, n->b) : a;
	case OP_OR:	return (a = eval(c, n->a)) != 0 ? a : eval(c, n->b);
	case OP_IF:	return eval(c, eval(c, n->b) != 0 ? n->a : n->c);
	case OP_CALL:	return call(c, n);
	default:	return binary(n->op, eval(c, n->a), eval(c, n->b));
	}
}

double formula_eval(const struct formula *f, double time, double count, double factor)
{
	const struct context c = { f, time, count, factor };

	return eval(&c, f->root);
}
