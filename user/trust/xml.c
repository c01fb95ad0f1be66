// SPDX-License-Identifier: GPL-2.0-or-later
#include "xml.h"

#define BLANKS	" \t\r\n"

void xml_init(struct xml *x, char *text)
{
	*x = (struct xml){ text, 1 };
}

/* Go on to @to, counting lines. */
static void go_to(struct xml *x, char *to)
{
	for (; x->at < to; x->at++)
		x->line += *x->at == '\n';
}

/* Behind the first @what, or to the end. */
static void go_behind(struct xml *x, const char *what)
{
	char *end = strstr(x->at, what);

	go_to(x, end ? end + strlen(what) : x->at + strlen(x->at));
}

/* "&lt;" and its like, in place; any other "&" is itself. */
static void decode(char *s)
{
	static const struct { const char *entity; char c; } known[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&apos;", '\'' },
	};
	char *out = s;

	while (*s) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && !starts_with(s, known[i].entity))
			i++;
		*out++ = i < ARRAY_SIZE(known) ? known[i].c : *s;
		s += i < ARRAY_SIZE(known) ? strlen(known[i].entity) : 1;
	}
	*out = '\0';
}

/* One attribute at *@at; false when the tag ends there. */
static bool take_attr(struct xml *x, struct xml_tag *tag)
{
	struct xml_attr a;
	char quote, *name_end;

	go_to(x, x->at + strspn(x->at, BLANKS));
	if (!*x->at || *x->at == '>' || *x->at == '/' || *x->at == '<')
		return false;
	a.name = x->at;
	go_to(x, x->at + strcspn(x->at, BLANKS "=/<>"));
	name_end = x->at;
	go_to(x, x->at + strspn(x->at, BLANKS));
	if (*x->at != '=')
		return true;		/* no value */
	go_to(x, x->at + 1);
	go_to(x, x->at + strspn(x->at, BLANKS));
	quote = *x->at;
	if (quote != '"' && quote != '\'')
		return true;
	*name_end = '\0';
	a.value = ++x->at;
	go_to(x, x->at + strcspn(x->at, quote == '"' ? "\"" : "'"));
	if (*x->at)
		*x->at++ = '\0';
	decode(a.value);
	if (tag->n < XML_ATTRS)
		tag->attrs[tag->n++] = a;
	return true;
}

/* @x is behind "<" or "</". */
static void take_tag(struct xml *x, struct xml_tag *tag)
{
	char *name_end;

	tag->name = x->at;
	x->at += strcspn(x->at, BLANKS "/<>");
	/* One to the left, as what ends the name is looked at later. */
	name_end = x->at - 1;
	tag->name = memmove(tag->name - 1, tag->name, (size_t)(x->at - tag->name));
	while (take_attr(x, tag))
		;
	*name_end = '\0';
	if (*x->at == '/') {
		tag->closes = true;
		x->at++;
	}
	if (*x->at == '>')
		x->at++;
}

bool xml_next(struct xml *x, struct xml_tag *tag)
{
	for (;;) {
		go_to(x, x->at + strcspn(x->at, "<"));
		if (!*x->at)
			return false;
		*tag = (struct xml_tag){ .line = x->line };
		if (starts_with(x->at, "<!--"))
			go_behind(x, "-->");
		else if (x->at[1] == '?' || x->at[1] == '!')
			go_behind(x, ">");
		else
			break;
	}
	x->at++;
	tag->closes = *x->at == '/';
	tag->opens = !tag->closes;
	x->at += tag->closes;
	take_tag(x, tag);
	return true;
}

const char *xml_attr(const struct xml_tag *tag, const char *name)
{
	for (size_t i = 0; i < tag->n; i++)
		if (streq(tag->attrs[i].name, name))
			return tag->attrs[i].value;
	return "";
}
