// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex.h"

#include "literals.h"
#include "plain.h"
#include "pyregex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * Two limits, because PCRE2's own counts steps of very different length: one
 * can read all of a long subject.  At first the steps are so few that they end
 * within about a millisecond, however long each takes: 10,000 for a subject of
 * up to 800 bytes (Fail2ban's samples need 1,000; interpreted 5,000), fewer for
 * longer ones.  What needs more is matched again under a watch that sees each
 * step and how far it read, until the fuel is used up: less than 5 ms for the
 * worst that stock filters and 64 kB can do, where 100,000 steps took a second.
 */
#define STEPS		10000
#define STEPS_BYTES	(800u * STEPS)	/* steps times bytes, for longer ones */
#define WATCHED_STEPS	10000000
#define FUEL		25000		/* for all expressions that see one line */
#define FUEL_BYTES	64		/* read by one step for one unit of fuel */
#define FUEL_LIMIT	(FUEL / 8)	/* what reaching the first limit costs */
#define HEAP_LIMIT	(16u << 10)	/* kB, for the interpreter */
#define JIT_STACK_MIN	(32u << 10)
#define JIT_STACK_MAX	(4u << 20)

struct regex_env {
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	pcre2_jit_stack *stack;
	pcre2_match_data *data;		/* wide enough for every expression */
	uint32_t data_pairs;
	uint32_t steps;			/* the limit in @match */
	uint64_t limited;
	bool jit;
	/* The watch: what is left for the line at hand; where the last step was. */
	uint64_t fuel;
	size_t last;
	struct regex_reach *reach;	/* borrows; NULL: nobody wants to know */
};

struct code {
	pcre2_code *code;
	bool jit;			/* else the interpreter matches */
};

/* What hardly any expression ever needs, and what it takes to make it then. */
struct seldom {
	char *pattern;			/* owns: as given */
	unsigned int flags;
	struct code utf;		/* for subjects that are not plain */
	bool utf_ready;			/* with JIT, if that can be had */
	pcre2_code *watched;		/* to match under the watch; NULL until then */
};

struct regex {
	struct regex_env *env;		/* borrows */
	struct code plain;		/* .code NULL: the pattern is not ASCII */
	char *prefix;			/* owns; any match begins with it, at 0 */
	size_t prefix_len;
	struct seldom *seldom;		/* owns */
	struct pyregex_group *groups;	/* owns, with the names */
	unsigned int n_groups;		/* with [0] */
};

/* ---- what all expressions share ---- */

static inline void set_steps(struct regex_env *env, uint32_t steps)
{
	if (env->steps == steps)
		return;
	pcre2_set_match_limit(env->match, steps);
	pcre2_set_depth_limit(env->match, steps);
	env->steps = steps;
}

static void note_reach(struct regex_reach *r, const pcre2_callout_block *b)
{
	size_t len = b->current_position - b->start_match, best = r->end - r->start;

	/* Looking behind, it may be before the start. */
	if (b->current_position < b->start_match || len < best)
		return;
	if (len == best && (b->start_match != r->start || b->pattern_position < r->pattern))
		return;
	*r = (struct regex_reach){ b->start_match, b->current_position, b->pattern_position };
}

/* A step that read far costs more; backwards counts as well. */
static int on_step(pcre2_callout_block *b, void *data)
{
	struct regex_env *env = data;
	size_t at = b->current_position;
	size_t moved = at > env->last ? at - env->last : env->last - at;
	uint64_t cost = 1 + moved / FUEL_BYTES;

	env->last = at;
	if (env->reach)
		note_reach(env->reach, b);
	if (cost > env->fuel) {
		env->fuel = 0;
		return PCRE2_ERROR_MATCHLIMIT;
	}
	env->fuel -= cost;
	return 0;
}

struct regex_env *regex_env_new(void)
{
	struct regex_env *env = calloc(1, sizeof(*env));
	uint32_t jit = 0;

	if (!env)
		return NULL;
	env->compile = pcre2_compile_context_create(NULL);
	env->match = pcre2_match_context_create(NULL);
	if (!env->compile || !env->match)
		goto fail;
	pcre2_set_newline(env->compile, PCRE2_NEWLINE_LF);
	pcre2_set_heap_limit(env->match, HEAP_LIMIT);
	pcre2_set_callout(env->match, on_step, env);
	pcre2_config(PCRE2_CONFIG_JIT, &jit);
	env->stack = jit ? pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL)
			 : NULL;
	/* Cleared when the first expression finds no executable memory. */
	env->jit = env->stack != NULL;
	pcre2_jit_stack_assign(env->match, NULL, env->stack);
	return env;
fail:
	regex_env_free(env);
	return NULL;
}

void regex_env_free(struct regex_env *env)
{
	if (!env)
		return;
	pcre2_match_data_free(env->data);
	pcre2_jit_stack_free(env->stack);
	pcre2_match_context_free(env->match);
	pcre2_compile_context_free(env->compile);
	free(env);
}

void regex_env_refill(struct regex_env *env)
{
	env->fuel = FUEL;
}

uint64_t regex_env_limited(const struct regex_env *env)
{
	return env->limited;
}

bool regex_env_jit(const struct regex_env *env)
{
	return env->jit;
}

const char *regex_library(char *buf, size_t size)
{
	char version[64];

	pcre2_config(PCRE2_CONFIG_VERSION, version);	/* at most 24 bytes */
	snprintf(buf, size, "%.*s", (int)strcspn(version, " "), version);
	return buf;
}

/* Here, so that no match ever allocates. */
static int reserve_data(struct regex_env *env, uint32_t pairs)
{
	pcre2_match_data *data;

	if (pairs <= env->data_pairs)
		return 0;
	data = pcre2_match_data_create(pairs, NULL);
	if (!data)
		return -ENOMEM;
	pcre2_match_data_free(env->data);
	env->data = data;
	env->data_pairs = pairs;
	return 0;
}

/* ---- compiling ---- */

static uint32_t options_of(unsigned int flags)
{
	/* Python's multi-line ^ matches behind a final newline too. */
	uint32_t options = PCRE2_ALT_CIRCUMFLEX;

	if (flags & REGEX_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & REGEX_ICASE)
		options |= PCRE2_CASELESS;
	if (flags & REGEX_DOTALL)
		options |= PCRE2_DOTALL;
	return options;
}

/* No executable memory at all, or an expression that is too much for JIT. */
static void add_jit(struct regex_env *env, struct code *c)
{
	int err = env->jit ? pcre2_jit_compile(c->code, PCRE2_JIT_COMPLETE) : -1;

	c->jit = !err;
	if (err == PCRE2_ERROR_NOMEMORY)
		env->jit = false;
}

static uint32_t unicode_of(const struct pyregex *py)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;

	return py->flags & REGEX_ASCII ? options : options | PCRE2_UCP;
}

/* What is wrong with a pattern shows here. */
static int compile_utf(const struct regex *re, const struct pyregex *py,
		       struct regex_error *err)
{
	PCRE2_SIZE at;
	int code;

	re->seldom->utf.code = pcre2_compile((PCRE2_SPTR)py->text.s, py->text.len,
					     unicode_of(py) | options_of(py->flags),
					     &code, &at, re->env->compile);
	if (re->seldom->utf.code)
		return 0;
	err->at = pyregex_place(py, at);
	pcre2_get_error_message(code, (PCRE2_UCHAR *)err->text, sizeof(err->text));
	return -EINVAL;
}

/* Without it, only speed is lost. */
static int compile_plain(struct regex *re, const struct pyregex *py)
{
	struct str text = { 0 };
	PCRE2_SIZE at;
	int code, err = 0;

	if (!py->ascii)
		return 0;
	if (py->flags & REGEX_LINE && re->env->jit)
		err = pyregex_for_line(py, &text);
	else
		str_add(&text, py->text.s, py->text.len);
	if (!err && !text.failed)
		re->plain.code = pcre2_compile((PCRE2_SPTR)text.s, text.len,
					       options_of(py->flags), &code, &at,
					       re->env->compile);
	str_fini(&text);
	if (!re->plain.code)
		return err;
	add_jit(re->env, &re->plain);
	/* It was only to show that the pattern is right. */
	pcre2_code_free(re->seldom->utf.code);
	re->seldom->utf.code = NULL;
	return err;
}

/* UTF-8 does for all subjects; what is watched need not be fast. */
static pcre2_code *compile_steps(const struct regex *re, const struct pyregex *py,
				 uint32_t more)
{
	uint32_t options = unicode_of(py) | PCRE2_AUTO_CALLOUT | more;
	PCRE2_SIZE at;
	int code;

	return pcre2_compile((PCRE2_SPTR)py->text.s, py->text.len,
			     options | options_of(py->flags), &code, &at,
			     re->env->compile);
}

static int compile_watched(const struct regex *re)
{
	struct seldom *s = re->seldom;
	struct regex_error err;
	struct pyregex py;

	if (!pyregex_translate(&py, s->pattern, s->flags, &err))
		s->watched = compile_steps(re, &py, 0);
	pyregex_fini(&py);
	if (s->watched && re->env->jit)
		pcre2_jit_compile(s->watched, PCRE2_JIT_COMPLETE);
	return s->watched ? 0 : -ENOMEM;
}

static int keep_pattern(struct regex *re, const char *pattern, unsigned int flags)
{
	re->seldom = calloc(1, sizeof(*re->seldom));
	if (!re->seldom)
		return -ENOMEM;
	re->seldom->flags = flags;
	re->seldom->pattern = strdup(pattern);
	return re->seldom->pattern ? 0 : -ENOMEM;
}

static int take_prefix(struct regex *re, struct pyregex *py)
{
	re->prefix_len = py->prefix.len;
	re->prefix = str_take(&py->prefix);
	return re->prefix ? 0 : -ENOMEM;
}

static void take_groups(struct regex *re, struct pyregex *py)
{
	re->groups = py->groups;
	re->n_groups = py->n_groups;
	py->groups = NULL;
	py->n_groups = 0;
}

int regex_new(struct regex **out, struct regex_env *env, const char *pattern,
	      unsigned int flags, struct regex_error *err)
{
	struct regex *re = calloc(1, sizeof(*re));
	struct pyregex py = { 0 };
	int ret = -ENOMEM;

	*err = (struct regex_error){ 0 };
	if (!re)
		return ret;
	re->env = env;
	ret = pyregex_translate(&py, pattern, flags, err);
	if (!ret)
		ret = keep_pattern(re, pattern, flags);
	if (!ret)
		ret = compile_utf(re, &py, err);
	if (!ret)
		ret = compile_plain(re, &py);
	if (!ret)
		ret = reserve_data(env, py.n_groups);
	if (!ret)
		ret = take_prefix(re, &py);
	if (ret)
		goto fail;
	take_groups(re, &py);
	pyregex_fini(&py);
	*out = re;
	return 0;
fail:
	pyregex_fini(&py);
	regex_free(re);
	return ret;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	for (unsigned int i = 0; i < re->n_groups; i++)
		free(re->groups[i].name);
	free(re->groups);
	free(re->prefix);
	if (re->seldom) {
		pcre2_code_free(re->seldom->utf.code);
		pcre2_code_free(re->seldom->watched);
		free(re->seldom->pattern);
		free(re->seldom);
	}
	pcre2_code_free(re->plain.code);
	free(re);
}

unsigned int regex_groups(const struct regex *re)
{
	return re->n_groups - 1;
}

int regex_group(const struct regex *re, const char *name)
{
	for (unsigned int i = 1; i < re->n_groups; i++)
		if (re->groups[i].name && streq(re->groups[i].name, name))
			return (int)i;
	return -ENOENT;
}

const char *regex_group_name(const struct regex *re, unsigned int number)
{
	return number < re->n_groups ? re->groups[number].name : NULL;
}

int regex_literals(const struct regex *re, struct literal_sets *out)
{
	const struct seldom *s = re->seldom;
	struct regex_error err;
	struct pyregex py;
	int ret;

	*out = (struct literal_sets){ 0 };
	ret = pyregex_translate(&py, s->pattern, s->flags, &err);
	if (!ret)
		ret = literals_find(out, py.text.s, py.text.len, py.flags & REGEX_ICASE);
	pyregex_fini(&py);
	return ret;
}

/* ---- matching ---- */

/* Of all its groups PCRE2 says where they are, or that they are not. */
static void fill_spans(const struct regex *re, struct regex_span *spans, unsigned int n)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(re->env->data);

	_Static_assert(REGEX_UNSET == PCRE2_UNSET, "spans take PCRE2's offsets");
	_Static_assert(sizeof(*spans) == 2 * sizeof(*at), "and their form");
	memcpy(spans, at, (n < re->n_groups ? n : re->n_groups) * sizeof(*spans));
	for (unsigned int i = re->n_groups; i < n; i++)
		spans[i] = (struct regex_span){ REGEX_UNSET, REGEX_UNSET };
}

static inline uint32_t steps_for(size_t len)
{
	return len <= STEPS_BYTES / STEPS ? STEPS : (uint32_t)(STEPS_BYTES / len) + 1;
}

static inline int run(const struct regex *re, const struct code *c, const char *subject,
		      size_t len, size_t start)
{
	struct regex_env *env = re->env;
	PCRE2_SPTR s = (PCRE2_SPTR)subject;

	set_steps(env, steps_for(len));
	if (c->jit)
		return pcre2_jit_match(c->code, s, len, start, 0, env->data, env->match);
	return pcre2_match(c->code, s, len, start, 0, env->data, env->match);
}

/* For the first subject that is not plain. */
static void prepare_utf(const struct regex *re)
{
	struct seldom *s = re->seldom;
	struct regex_error err;
	struct pyregex py;

	s->utf_ready = true;
	if (!s->utf.code) {
		if (!pyregex_translate(&py, s->pattern, s->flags, &err))
			compile_utf(re, &py, &err);
		pyregex_fini(&py);
	}
	if (s->utf.code)
		add_jit(re->env, &s->utf);
}

static int run_utf(const struct regex *re, const char *subject, size_t len, size_t start)
{
	if (!re->seldom->utf_ready)
		prepare_utf(re);
	if (!re->seldom->utf.code)
		return PCRE2_ERROR_NOMEMORY;
	return run(re, &re->seldom->utf, subject, len, start);
}

static int run_watched(const struct regex *re, const char *subject, size_t len,
		       size_t start)
{
	struct regex_env *env = re->env;

	env->fuel -= env->fuel < FUEL_LIMIT ? env->fuel : FUEL_LIMIT;
	if (!env->fuel || (!re->seldom->watched && compile_watched(re)))
		return PCRE2_ERROR_MATCHLIMIT;
	env->last = start;
	set_steps(env, WATCHED_STEPS);
	return pcre2_match(re->seldom->watched, (PCRE2_SPTR)subject, len, start, 0,
			   env->data, env->match);
}

int regex_match_known(const struct regex *re, const char *subject, size_t len,
		      bool plain, size_t start, struct regex_span *spans,
		      unsigned int n)
{
	int found = PCRE2_ERROR_MATCHLIMIT;

	/* Most expressions of a filter are told apart by how they begin. */
	if (re->prefix_len && (start || len < re->prefix_len ||
			       memcmp(subject, re->prefix, re->prefix_len)))
		return 0;
	if (re->env->fuel)
		found = plain && re->plain.code
			? run(re, &re->plain, subject, len, start)
			: run_utf(re, subject, len, start);
	if (found == PCRE2_ERROR_MATCHLIMIT)
		found = run_watched(re, subject, len, start);
	if (found > 0) {
		fill_spans(re, spans, n);
		return 1;
	}
	/* Anything but a plain "no" is a limit: of steps, depth or memory. */
	if (found != PCRE2_ERROR_NOMATCH)
		re->env->limited++;
	return 0;
}

static void reach_with(const struct regex *re, const pcre2_code *code,
		       const char *subject, size_t len, struct regex_reach *out)
{
	struct regex_env *env = re->env;

	regex_env_refill(env);
	set_steps(env, WATCHED_STEPS);
	env->last = 0;
	env->reach = out;
	pcre2_match(code, (PCRE2_SPTR)subject, len, 0, 0, env->data, env->match);
	env->reach = NULL;
}

int regex_reach(const struct regex *re, const char *subject, size_t len,
		struct regex_reach *out)
{
	const struct seldom *s = re->seldom;
	pcre2_code *code = NULL;
	struct regex_error err;
	struct pyregex py;

	*out = (struct regex_reach){ 0 };
	/* Not a step may be optimised away, or there is nothing to tell. */
	if (!pyregex_translate(&py, s->pattern, s->flags, &err))
		code = compile_steps(re, &py, PCRE2_NO_START_OPTIMIZE |
					      PCRE2_NO_AUTO_POSSESS);
	if (code)
		reach_with(re, code, subject, len, out);
	out->pattern = pyregex_place(&py, out->pattern);
	pyregex_fini(&py);
	pcre2_code_free(code);
	return code ? 0 : -ENOMEM;
}

int regex_match(const struct regex *re, const char *subject, size_t len,
		size_t start, struct regex_span *spans, unsigned int n)
{
	bool plain = plain_is_ascii(subject, len);

	regex_env_refill(re->env);
	if (plain && re->seldom->flags & REGEX_LINE)
		plain = len && memchr(subject, '\n', len) == subject + len - 1;
	return regex_match_known(re, subject, len, plain, start, spans, n);
}
