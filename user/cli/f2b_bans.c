// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is banned, and banning, in the words of fail2ban-client. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ipaddr.h"
#include "f2b.h"

struct entry {
	char who[IPADDR_TEXT];
	const char *jail;	/* borrows from the list of jails */
	double since, until;	/* INFINITY: no end */
	size_t at;		/* in the order in which they came */
};

/* All bans; there may be a million, so they are not kept as JSON. */
struct roll {
	json_t *jails;		/* owns: names of the jails that run, sorted */
	struct entry *v;	/* owns */
	size_t n, size;
	bool failed;
};

static void roll_fini(struct roll *r)
{
	json_decref(r->jails);
	free(r->v);
}

/* Bans by hand and of networks belong to no jail that Fail2ban would know. */
static const char *jail_of(const struct roll *r, const char *name)
{
	const json_t *it;
	size_t i;

	json_array_foreach(r->jails, i, it)
		if (streq(json_string_value(it), name))
			return json_string_value(it);
	return NULL;
}

static void take_ban(void *ctx, const json_t *row)
{
	struct roll *r = ctx;
	const json_t *until = json_object_get(row, "until");
	const char *jail = jail_of(r, out_str(row, "jail"));
	size_t size = r->size ? r->size * 2 : 256;
	struct entry *p;

	if (!jail)
		return;
	if (r->n == r->size) {
		p = realloc(r->v, size * sizeof(*p));
		if (!p) {
			r->failed = true;
			return;
		}
		r->v = p;
		r->size = size;
	}
	p = &r->v[r->n++];
	*p = (struct entry){ .jail = jail, .at = r->n, .since = out_num(row, "since"),
			     .until = json_is_null(until) ? INFINITY : json_number_value(until) };
	snprintf(p->who, sizeof(p->who), "%s", out_str(row, "address"));
}

static int by_beginning(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->since < y->since ? -1 : x->since > y->since ? 1 : x->at < y->at ? -1 : 1;
}

static int by_end(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->until < y->until ? -1 : x->until > y->until ? 1 : x->at < y->at ? -1 : 1;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(json_string_value(*(json_t *const *)a),
		      json_string_value(*(json_t *const *)b));
}

static json_t *jail_names(struct f2b *f)
{
	json_t *s = f2b_ask_one(f, json_pack("{s:s}", "verb", "status"));
	const json_t *jails = json_object_get(s, "jails"), *j;
	json_t **sorted = calloc(json_array_size(jails) + 1, sizeof(*sorted));
	json_t *names = s && sorted ? json_array() : NULL;
	size_t i;

	json_array_foreach(jails, i, j)
		if (names)
			sorted[i] = json_object_get(j, "name");
	if (names)
		qsort(sorted, json_array_size(jails), sizeof(*sorted), by_text);
	for (i = 0; names && i < json_array_size(jails); i++)
		json_array_append(names, sorted[i]);
	free(sorted);
	json_decref(s);
	return names;
}

/* Bans of @jail (NULL: of all), in the order that @compare wants. */
static int call_roll(struct f2b *f, const char *jail, struct roll *r,
		     int (*compare)(const void *a, const void *b))
{
	int err;

	*r = (struct roll){ .jails = jail_names(f) };
	if (!r->jails)
		return -EIO;
	err = f2b_ask(f, json_pack("{s:s, s:s*}", "verb", "list", "jail", jail), take_ban, r);
	if (!err && r->failed)
		err = -ENOMEM;
	if (!err && r->n)
		qsort(r->v, r->n, sizeof(*r->v), compare);
	return err;
}

/* ---- printing ------------------------------------------------------------------------ */

/* ['a', 'b'] of one jail's addresses, as Python writes a list. */
static void print_list(const struct roll *r, const char *jail)
{
	const char *separator = "";

	putchar('[');
	for (size_t i = 0; i < r->n; i++) {
		if (!streq(r->v[i].jail, jail))
			continue;
		printf("%s'%s'", separator, r->v[i].who);
		separator = ", ";
	}
	putchar(']');
}

int f2b_print_banned_line(struct f2b *f, const char *jail)
{
	struct roll r;
	int err = call_roll(f, jail, &r, by_beginning);

	for (size_t i = 0; i < r.n; i++)
		printf("%s%s", i ? " " : "", r.v[i].who);
	putchar('\n');
	roll_fini(&r);
	return err;
}

static bool is_banned(const struct roll *r, const char *jail, const char *text)
{
	char who[IPADDR_TEXT];
	struct ipaddr a;

	if (ipaddr_parse_net(text, strlen(text), &a))
		return false;
	ipaddr_format(&a, who);
	for (size_t i = 0; i < r->n; i++)
		if (streq(r->v[i].jail, jail) && streq(r->v[i].who, who))
			return true;
	return false;
}

static void print_jails_of(const struct roll *r, const char *who)
{
	const char *separator = "";
	const json_t *name;
	size_t i;

	putchar('[');
	json_array_foreach(r->jails, i, name)
		if (is_banned(r, json_string_value(name), who)) {
			printf("%s'%s'", separator, json_string_value(name));
			separator = ", ";
		}
	putchar(']');
}

int f2b_banned(struct f2b *f, int argc, char **argv)
{
	struct roll r;
	int err = call_roll(f, NULL, &r, by_beginning);
	const json_t *name;
	size_t i;

	if (!err) {
		putchar('[');
		for (int k = 0; k < argc; k++) {
			fputs(k ? ", " : "", stdout);
			print_jails_of(&r, argv[k]);
		}
		if (!argc)
			json_array_foreach(r.jails, i, name) {
				printf("%s{'%s': ", i ? ", " : "", json_string_value(name));
				print_list(&r, json_string_value(name));
				putchar('}');
			}
		puts("]");
	}
	roll_fini(&r);
	return err ? F2B_FAILED : F2B_OK;
}

int f2b_get_banned(struct f2b *f, const char *jail, int argc, char **argv)
{
	struct roll r;
	int err = call_roll(f, jail, &r, by_beginning);

	if (!err && !argc)
		print_list(&r, jail);
	if (!err && argc > 1)
		putchar('[');
	for (int i = 0; !err && i < argc; i++)
		printf("%s%d", i ? ", " : "", is_banned(&r, jail, argv[i]));
	if (!err)
		puts(argc > 1 ? "]" : "");
	roll_fini(&r);
	return err ? F2B_FAILED : F2B_OK;
}

static void print_with_time(const struct entry *e)
{
	char since[32], until[32];

	if (isinf(e->until))
		printf("%s \t%s + -1 = 9999-12-31 23:59:59\n", e->who,
		       out_time(e->since, since));
	else
		printf("%s \t%s + %.0f = %s\n", e->who, out_time(e->since, since),
		       round(e->until - floor(e->since)), out_time(e->until, until));
}

int f2b_get_banip(struct f2b *f, const char *jail, int argc, char **argv)
{
	bool times = argc && streq(argv[0], "--with-time");
	const char *separator = argc ? argv[0] : " ";
	struct roll r;
	int err = call_roll(f, jail, &r, by_end);

	for (size_t i = 0; !err && i < r.n; i++) {
		if (times)
			print_with_time(&r.v[i]);
		else
			printf("%s%s", i ? separator : "", r.v[i].who);
	}
	if (!err && (!times || !r.n))
		putchar('\n');
	roll_fini(&r);
	return err ? F2B_FAILED : F2B_OK;
}

/* ---- changing ------------------------------------------------------------------------ */

struct outcome {
	double fresh, lifted;
	bool refused;
};

static void take_outcome(void *ctx, const json_t *row)
{
	struct outcome *o = ctx;

	if (json_is_string(json_object_get(row, "refused"))) {
		fprintf(stderr, "ERROR   %s: %s\n", out_str(row, "refused"),
			out_str(row, "why"));
		o->refused = true;
	}
	o->fresh += out_num(row, "new");
	o->lifted += out_num(row, "unbanned");
}

static json_t *address_rows(int argc, char **argv)
{
	json_t *list = json_array();

	for (int i = 0; i < argc; i++)
		json_array_append_new(list, json_pack("{s:s}", "address", argv[i]));
	return list;
}

static int change(struct f2b *f, const char *verb, const char *jail, int argc, char **argv,
		  struct outcome *o)
{
	*o = (struct outcome){ 0 };
	return f2b_ask(f, json_pack("{s:s, s:o, s:s*}", "verb", verb,
				    "bans", address_rows(argc, argv), "jail", jail),
		       take_outcome, o);
}

int f2b_banip(struct f2b *f, const char *jail, int argc, char **argv)
{
	struct outcome o;

	if (change(f, "ban_many", jail, argc, argv, &o))
		return F2B_FAILED;
	printf("%.0f\n", o.fresh);
	return o.refused && !o.fresh ? F2B_FAILED : F2B_OK;
}

/* "not banned: ['a', 'b']": those of @argv that are not. */
static int report_absent(struct f2b *f, const char *jail, int argc, char **argv)
{
	struct roll r;
	int err = call_roll(f, jail, &r, by_beginning), absent = 0;

	for (int i = 0; !err && i < argc; i++)
		if (!is_banned(&r, jail, argv[i]))
			printf("%s'%s'", absent++ ? ", " : "not banned: [", argv[i]);
	if (absent)
		puts("]");
	roll_fini(&r);
	return err || absent ? F2B_FAILED : F2B_OK;
}

int f2b_unbanip(struct f2b *f, const char *jail, int argc, char **argv)
{
	bool strict = argc && streq(argv[0], "--report-absent");
	struct outcome o;

	if (strict) {
		argc--;
		argv++;
	}
	if (!argc)
		return f2b_refuse("Sorry but the command is invalid");
	if (strict && report_absent(f, jail, argc, argv))
		return F2B_FAILED;
	if (change(f, "unban_many", jail, argc, argv, &o))
		return F2B_FAILED;
	printf("%.0f\n", o.lifted);
	return F2B_OK;
}

int f2b_unban(struct f2b *f, int argc, char **argv)
{
	struct outcome o = { 0 };
	int err;

	if (!argc)
		return f2b_refuse("Invalid command");
	if (streq(argv[0], "--all"))
		err = f2b_ask(f, json_pack("{s:s}", "verb", "unban"), take_outcome, &o);
	else
		err = change(f, "unban_many", NULL, argc, argv, &o);
	if (err)
		return F2B_FAILED;
	printf("%.0f\n", o.lifted);
	return F2B_OK;
}
