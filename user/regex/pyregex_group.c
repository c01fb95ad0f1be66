// SPDX-License-Identifier: GPL-2.0-or-later
/* Groups: all that begins with a round bracket. */
#include "pyregex_parse.h"

#include <errno.h>
#include <stdlib.h>

int py_add_group(struct pyregex *out, char *name)
{
	struct pyregex_group *p;

	p = realloc(out->groups, (out->n_groups + 1) * sizeof(*p));
	if (!p) {
		free(name);
		return -ENOMEM;
	}
	out->groups = p;
	out->groups[out->n_groups++] = (struct pyregex_group){ name, true };
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
	err = copy ? py_add_group(ps->out, copy) : -ENOMEM;
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
		return PY_START_AGAIN;
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

int py_open_group(struct pyparser *ps, const char *at)
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
	err = py_add_group(ps->out, NULL);
	if (err)
		return err;
	str_putc(&ps->out->text, '(');
	return push(ps, at, ps->out->n_groups - 1);
}

int py_close_group(struct pyparser *ps, const char *at)
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
