// SPDX-License-Identifier: GPL-2.0-or-later
#include "pyregex_parse.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Not an error: a global flag was found, all must be read again under it. */
#define START_AGAIN	1

int py_refuse(struct pyparser *ps, const char *at, const char *fmt, ...)
{
	va_list ap;

	ps->err->at = (size_t)(at - ps->pattern);
	va_start(ap, fmt);
	vsnprintf(ps->err->text, sizeof(ps->err->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int add_group(struct pyregex *out, char *name, bool open)
{
	struct pyregex_group *p;

	p = realloc(out->groups, (out->n_groups + 1) * sizeof(*p));
	if (!p) {
		free(name);
		return -ENOMEM;
	}
	out->groups = p;
	out->groups[out->n_groups++] = (struct pyregex_group){ name, open };
	return 0;
}

static int find_group(const struct pyregex *out, const char *name, size_t len)
{
	for (unsigned int i = 1; i < out->n_groups; i++) {
		const char *n = out->groups[i].name;

		if (n && !strncmp(n, name, len) && !n[len])
			return (int)i;
	}
	return -ENOENT;
}

static int push(struct pyparser *ps, const char *at, unsigned int group)
{
	if (ps->depth == PYREGEX_DEPTH)
		return py_refuse(ps, at, "more than %d groups in each other",
				 PYREGEX_DEPTH);
	ps->scopes[ps->depth++] = (struct pyscope){
		.at = (size_t)(at - ps->pattern),
		.flags = ps->flags,
		.group = group,
	};
	ps->last = PY_NOTHING;
	return 0;
}

static int push_text(struct pyparser *ps, const char *at, const char *text)
{
	str_puts(&ps->out->text, text);
	return push(ps, at, 0);
}

/* A name up to @end; @ps->p is at its first byte and goes behind @end. */
static int read_name(struct pyparser *ps, char end, const char **name, size_t *len)
{
	const char *p = ps->p;

	while (*p == '_' || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
	       (*p >= '0' && *p <= '9') || (unsigned char)*p >= 0x80)
		p++;
	if (p == ps->p || (*ps->p >= '0' && *ps->p <= '9'))
		return py_refuse(ps, ps->p, "a group's name begins with a letter");
	if (*p != end)
		return py_refuse(ps, p, "a group's name cannot go on with this");
	*name = ps->p;
	*len = (size_t)(p - ps->p);
	ps->p = p + 1;
	return 0;
}

/* A name or number that must be a group already seen, or (@later) to come. */
static int read_reference(struct pyparser *ps, bool number, int *group)
{
	const char *at = ps->p, *name;
	size_t len;
	int err;

	if (number && *at >= '0' && *at <= '9') {
		unsigned long n = strtoul(at, (char **)&ps->p, 10);

		if (*ps->p != ')' || !n || n > 9999)
			return py_refuse(ps, at, "not the number of a group");
		ps->p++;
		*group = (int)n;
		return 0;
	}
	err = read_name(ps, ')', &name, &len);
	if (err)
		return err;
	*group = find_group(ps->out, name, len);
	if (*group < 0)
		return py_refuse(ps, at, "there is no group \"%.*s\" before this",
				 (int)(len < 64 ? len : 64), name);
	return 0;
}

/* (?P<name>...) and (?P=name); PCRE2 sees numbers only. */
static int named(struct pyparser *ps, const char *at)
{
	const char *name;
	char *copy;
	size_t len;
	int group, err;

	if (*ps->p == '=') {
		ps->p++;
		err = read_reference(ps, false, &group);
		if (err)
			return err;
		if (ps->out->groups[group].open)
			return py_refuse(ps, at, "the group is not closed yet");
		str_printf(&ps->out->text, "\\g{%d}", group);
		ps->last = PY_ATOM;
		return 0;
	}
	if (*ps->p++ != '<')
		return py_refuse(ps, at, "(?P goes on with < or =");
	err = read_name(ps, '>', &name, &len);
	if (err)
		return err;
	if (find_group(ps->out, name, len) >= 0)
		return py_refuse(ps, name, "a second group \"%.*s\"",
				 (int)(len < 64 ? len : 64), name);
	copy = strndup(name, len);
	err = copy ? add_group(ps->out, copy, true) : -ENOMEM;
	if (err)
		return err;
	str_putc(&ps->out->text, '(');
	return push(ps, at, ps->out->n_groups - 1);
}

static int conditional(struct pyparser *ps, const char *at)
{
	int group, err;

	err = read_reference(ps, true, &group);
	if (err)
		return err;
	str_printf(&ps->out->text, "(?(%d)", group);
	err = push(ps, at, 0);
	if (!err)
		ps->scopes[ps->depth - 1].conditional = true;
	return err;
}

static unsigned int flag_of(char letter)
{
	switch (letter) {
	case 'i':	return REGEX_ICASE;
	case 'm':	return REGEX_MULTILINE;
	case 's':	return REGEX_DOTALL;
	case 'x':	return REGEX_VERBOSE;
	case 'a':	return REGEX_ASCII;
	default:	return 0;
	}
}

/* Flag letters up to the first other byte.  'u' is what we do anyhow, and 'L'
 * has never meant anything for text. */
static unsigned int read_flags(struct pyparser *ps)
{
	unsigned int flags = 0;

	for (; *ps->p && strchr("imsxauL", *ps->p); ps->p++)
		flags |= flag_of(*ps->p);
	return flags;
}

static void put_flags(struct str *s, unsigned int flags)
{
	if (flags & REGEX_ICASE)
		str_putc(s, 'i');
	if (flags & REGEX_MULTILINE)
		str_putc(s, 'm');
	if (flags & REGEX_DOTALL)
		str_putc(s, 's');
}

/* The group from @at on has flags of its own: (?i-s:...). */
static int scoped(struct pyparser *ps, const char *at, unsigned int on, unsigned int off)
{
	int err;

	if ((on | off) & REGEX_ASCII)
		return py_refuse(ps, at, "the flag a works only for the whole pattern");
	if (on & off)
		return py_refuse(ps, at, "a flag is both set and cleared");
	str_puts(&ps->out->text, "(?");
	put_flags(&ps->out->text, on);
	if (off) {
		str_putc(&ps->out->text, '-');
		put_flags(&ps->out->text, off);
	}
	str_putc(&ps->out->text, ':');
	err = push(ps, at, 0);
	ps->flags = (ps->flags | on) & ~off;
	return err;
}

/* (?flags), (?flags:...) and (?flags-flags:...) */
static int flags_group(struct pyparser *ps, const char *at)
{
	const char *first = ps->p;
	unsigned int on = read_flags(ps), off = 0;

	if (*ps->p == ')' && ps->p > first) {
		ps->p++;
		if ((ps->out->flags | on) == ps->out->flags)
			return 0;
		/* Older Pythons take it anywhere, for the whole pattern. */
		ps->out->flags |= on;
		return START_AGAIN;
	}
	if (*ps->p == '-') {
		first = ++ps->p;
		off = read_flags(ps);
	}
	if (*ps->p != ':' || ps->p == first)
		return py_refuse(ps, ps->p, "not known after (?");
	ps->p++;
	return scoped(ps, at, on, off);
}

/* Fail2ban reads ((?i)x) and (?:(?i)x) as (?i:x); 1: it was one of them. */
static int flags_inside(struct pyparser *ps, const char *at)
{
	const char *p = ps->p;
	unsigned int on;

	if (p[0] != '(' || p[1] != '?')
		return 0;
	ps->p += 2;
	on = read_flags(ps);
	if (ps->p == p + 2 || *ps->p != ')') {
		ps->p = p;
		return 0;
	}
	ps->p++;
	return scoped(ps, at, on, 0) ? -EINVAL : 1;
}

static int comment(struct pyparser *ps, const char *at)
{
	const char *end = strchr(ps->p, ')');

	if (!end)
		return py_refuse(ps, at, "the comment is not closed");
	ps->p = end + 1;
	return 0;
}

static int plain_group(struct pyparser *ps, const char *at)
{
	int found = flags_inside(ps, at);

	return found < 0 ? found : found ? 0 : push_text(ps, at, "(?:");
}

static int extension(struct pyparser *ps, const char *at)
{
	switch (*ps->p++) {
	case 'P':	return named(ps, at);
	case ':':	return plain_group(ps, at);
	case '#':	return comment(ps, at);
	case '=':	return push_text(ps, at, "(?=");
	case '!':	return push_text(ps, at, "(?!");
	case '>':	return push_text(ps, at, "(?>");
	case '(':	return conditional(ps, at);
	case '<':
		if (*ps->p != '=' && *ps->p != '!')
			return py_refuse(ps, at, "a named group is (?P<name>...)");
		return push_text(ps, at, *ps->p++ == '=' ? "(?<=" : "(?<!");
	}
	ps->p--;
	return flags_group(ps, at);
}

static int open_group(struct pyparser *ps, const char *at)
{
	int found, err;

	ps->prefix = PY_PREFIX_DONE;
	if (*ps->p == '?') {
		ps->p++;
		return extension(ps, at);
	}
	found = flags_inside(ps, at);
	if (found)
		return found < 0 ? found : 0;
	err = add_group(ps->out, NULL, true);
	if (err)
		return err;
	str_putc(&ps->out->text, '(');
	return push(ps, at, ps->out->n_groups - 1);
}

static int close_group(struct pyparser *ps, const char *at)
{
	const struct pyscope *scope;

	if (!ps->depth)
		return py_refuse(ps, at, "no group is open here");
	scope = &ps->scopes[--ps->depth];
	ps->flags = scope->flags;
	ps->out->groups[scope->group].open = false;
	str_putc(&ps->out->text, ')');
	ps->last = PY_ATOM;
	return 0;
}

static int alternative(struct pyparser *ps, const char *at)
{
	struct pyscope *scope = ps->depth ? &ps->scopes[ps->depth - 1] : NULL;

	if (scope && scope->conditional && scope->branched)
		return py_refuse(ps, at, "a third branch of a condition");
	if (scope)
		scope->branched = true;
	else
		str_reset(&ps->out->prefix);
	ps->prefix = PY_PREFIX_DONE;
	str_putc(&ps->out->text, '|');
	ps->last = PY_NOTHING;
	return 0;
}

static const char *digits_end(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/*
 * @ps->p is behind '{': write {n}, {n,} or {n,m} and return 1, or 0 if the
 * bracket stands for itself.  PCRE2 before 10.43 does not know {,m}.
 */
static int braces(struct pyparser *ps, const char *at)
{
	const char *low = ps->p, *comma = digits_end(low);
	const char *high = *comma == ',' ? comma + 1 : low;
	const char *end = digits_end(high);
	unsigned long min, max;

	if (*end != '}' || end == low)
		return 0;
	min = strtoul(low, NULL, 10);
	max = high == end ? ULONG_MAX : strtoul(high, NULL, 10);
	if (max < min)
		return py_refuse(ps, at, "the least number is above the greatest");
	if (min > 65535 || (high != end && max > 65535))
		return py_refuse(ps, at, "more than 65535 repetitions");
	ps->p = end + 1;
	str_printf(&ps->out->text, "{%lu", min);
	if (high != low)
		str_printf(&ps->out->text, ",%.*s", (int)(end - high), high);
	str_putc(&ps->out->text, '}');
	return 1;
}

/* What is repeated may be missing, so the last character is not certain. */
static void end_prefix(struct pyparser *ps)
{
	struct str *prefix = &ps->out->prefix;

	if (ps->prefix == PY_PREFIX_ANCHORED && prefix->len)
		prefix->s[--prefix->len] = '\0';
	ps->prefix = PY_PREFIX_DONE;
}

static int quantifier(struct pyparser *ps, const char *at)
{
	if (*at == '{') {
		int found = braces(ps, at);

		if (found < 0)
			return found;
		if (!found) {
			py_atom(ps, '{');
			return 0;
		}
	} else {
		str_putc(&ps->out->text, *at);
	}
	if (ps->last == PY_NOTHING)
		return py_refuse(ps, at, "there is nothing to repeat");
	if (ps->last == PY_REPEATED)
		return py_refuse(ps, at, "repeats a repetition");
	if (*ps->p == '?' || *ps->p == '+')
		str_putc(&ps->out->text, *ps->p++);
	ps->last = PY_REPEATED;
	end_prefix(ps);
	return 0;
}

static int literal(struct pyparser *ps, const char *at)
{
	uint32_t c;
	int err;

	ps->p = at;
	err = py_char(ps, &c);
	if (!err)
		py_atom(ps, c);
	return err;
}

/* ^, $ and the dot.  A prefix must be at the begin of the subject, not of a line. */
static int symbol(struct pyparser *ps, char c)
{
	bool begins = c == '^' && ps->prefix == PY_PREFIX_OPEN &&
		      !(ps->flags & (REGEX_MULTILINE | REGEX_ICASE));

	ps->prefix = begins ? PY_PREFIX_ANCHORED : PY_PREFIX_DONE;
	ps->last = c == '.' ? PY_ATOM : PY_NOTHING;
	str_putc(&ps->out->text, c);
	return 0;
}

/* Under the flag x: 1 if blanks or a comment were skipped. */
static int skip_blank(struct pyparser *ps, const char *at)
{
	if (!(ps->flags & REGEX_VERBOSE))
		return 0;
	if (strchr(" \t\n\r\f\v", *at))
		return 1;
	if (*at != '#')
		return 0;
	ps->p += strcspn(ps->p, "\n");
	return 1;
}

static int step(struct pyparser *ps)
{
	const char *at = ps->p++;

	if (skip_blank(ps, at))
		return 0;
	switch (*at) {
	case '\\':
		return py_escape(ps);
	case '[':
		return py_set(ps);
	case '(':
		return open_group(ps, at);
	case ')':
		return close_group(ps, at);
	case '|':
		return alternative(ps, at);
	case '*':
	case '+':
	case '?':
	case '{':
		return quantifier(ps, at);
	case '^':
	case '$':
	case '.':
		return symbol(ps, *at);
	}
	return literal(ps, at);
}

static int add_place(struct pyparser *ps)
{
	struct pyregex *out = ps->out;
	size_t size = out->size_places ? out->size_places * 2 : 64;
	struct pyregex_place *p;

	if (out->n_places == out->size_places) {
		p = realloc(out->places, size * sizeof(*p));
		if (!p)
			return -ENOMEM;
		out->places = p;
		out->size_places = size;
	}
	out->places[out->n_places++] = (struct pyregex_place){
		out->text.len, (size_t)(ps->p - ps->pattern),
	};
	return 0;
}

static int parse(struct pyparser *ps)
{
	int err = add_group(ps->out, NULL, true);

	while (!err && *ps->p) {
		err = add_place(ps);
		if (!err)
			err = step(ps);
	}
	if (!err && ps->depth)
		return py_refuse(ps, ps->pattern + ps->scopes[ps->depth - 1].at,
				 "the group is not closed");
	return err;
}

static void free_groups(struct pyregex *p)
{
	for (unsigned int i = 0; i < p->n_groups; i++)
		free(p->groups[i].name);
	p->n_groups = 0;
}

static void reset(struct pyregex *p)
{
	free_groups(p);
	p->n_places = 0;
	p->ascii = true;
	str_reset(&p->prefix);
	str_reset(&p->text);
	str_puts(&p->text, "");		/* an empty pattern is text as well */
}

int pyregex_translate(struct pyregex *out, const char *pattern,
		      unsigned int flags, struct regex_error *err)
{
	struct pyparser ps;
	int ret;

	*out = (struct pyregex){ .flags = flags };
	do {
		reset(out);
		ps = (struct pyparser){
			.out = out, .err = err, .flags = out->flags,
			.pattern = pattern, .p = pattern,
		};
		if (strlen(pattern) > PYREGEX_MAX)
			return py_refuse(&ps, pattern + PYREGEX_MAX,
					 "longer than %u bytes", PYREGEX_MAX);
		ret = parse(&ps);
	} while (ret == START_AGAIN);
	return !ret && out->text.failed ? -ENOMEM : ret;
}

void pyregex_fini(struct pyregex *p)
{
	free_groups(p);
	str_fini(&p->text);
	str_fini(&p->prefix);
	free(p->groups);
	free(p->places);
	*p = (struct pyregex){ 0 };
}

size_t pyregex_place(const struct pyregex *p, size_t at)
{
	size_t in = 0;

	for (size_t i = 0; i < p->n_places && p->places[i].out <= at; i++)
		in = p->places[i].in;
	return in;
}
