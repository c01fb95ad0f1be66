// SPDX-License-Identifier: GPL-2.0-or-later
#include "regex_private.h"

#include "literals.h"

#include <errno.h>
#include <stdlib.h>

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

/* For the first subject that is not plain. */
void regex_prepare_utf(const struct regex *re)
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
pcre2_code *regex_compile_steps(const struct regex *re, const struct pyregex *py,
				uint32_t more)
{
	uint32_t options = unicode_of(py) | PCRE2_AUTO_CALLOUT | more;
	PCRE2_SIZE at;
	int code;

	return pcre2_compile((PCRE2_SPTR)py->text.s, py->text.len,
			     options | options_of(py->flags), &code, &at,
			     re->env->compile);
}

void regex_prepare_watched(const struct regex *re)
{
	struct seldom *s = re->seldom;
	struct regex_error err;
	struct pyregex py;

	if (!pyregex_translate(&py, s->pattern, s->flags, &err))
		s->watched = regex_compile_steps(re, &py, 0);
	pyregex_fini(&py);
	if (s->watched && re->env->jit)
		pcre2_jit_compile(s->watched, PCRE2_JIT_COMPLETE);
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
		ret = regex_env_reserve(env, py.n_groups);
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
