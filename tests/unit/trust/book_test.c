// SPDX-License-Identifier: GPL-2.0-or-later
/* What was good stays good: unreadable files, names that nobody resolves. */
#include "../ini/tree.h"
#include "base/str.h"
#include "trust/book.h"

static const struct trust_limits limits = { 16, 32 };
static const struct tree_file files[] = {
	{ "a.list", "198.51.100.1\nsip.example.com\n" },
	{ "b.conf", "[x]\ntype=identify\nmatch=198.51.100.2\n#include c.conf\n" },
	{ "c.conf", "[y]\ntype=identify\nmatch=198.51.100.3,sip.example.com\n" },
};

struct stage {
	char *dir, a[300], b[300], c[300];
	struct trust_book *book;
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static void set_up(struct stage *s)
{
	struct trust_source v[2];

	s->dir = tree_make(files, ARRAY_SIZE(files));
	snprintf(s->a, sizeof(s->a), "%s/a.list", s->dir);
	snprintf(s->b, sizeof(s->b), "%s/b.conf", s->dir);
	snprintf(s->c, sizeof(s->c), "%s/c.conf", s->dir);
	v[0] = (struct trust_source){ TRUST_LIST, s->a };
	v[1] = (struct trust_source){ TRUST_PJSIP, s->b };
	s->book = trust_book_new();
	t_is("configure", trust_book_configure(s->book, v, 2, &limits), 0);
	t_is("read", trust_book_read(s->book), 0);
}

static void take_down(struct stage *s)
{
	trust_book_free(s->book);
	tree_remove(s->dir);
}

static int add_group(void *ctx, const char *label, const struct ipaddr *nets, size_t n)
{
	char net[IPADDR_TEXT];
	struct str *out = ctx;

	(void)label;
	for (size_t i = 0; i < n; i++)
		str_printf(out, "%s ", ipaddr_format(&nets[i], net));
	return 0;
}

static void nets_are(const char *what, const struct stage *s, const char *want)
{
	struct str out = { 0 };

	str_puts(&out, "");
	t_is(what, trust_book_groups(s->book, add_group, &out), 0);
	t_str(what, out.s, want);
	str_fini(&out);
}

/* ---- files ---------------------------------------------------------------------- */

static void check_files(void)
{
	struct stage s;

	set_up(&s);
	nets_are("all that is named by address", &s, "198.51.100.1 198.51.100.2 198.51.100.3 ");
	write_file(s.c, "[y]\ntype=identify\nmatch=198.51.100.4\n");
	trust_book_read(s.book);
	nets_are("a change counts", &s, "198.51.100.1 198.51.100.2 198.51.100.4 ");
	unlink(s.c);
	trust_book_read(s.book);
	nets_are("what is missing says what it said", &s,
		 "198.51.100.1 198.51.100.2 198.51.100.4 ");
	trust_book_read(s.book);
	nets_are("however often it is looked for", &s,
		 "198.51.100.1 198.51.100.2 198.51.100.4 ");
	t_ok("and that is known", trust_book_reading(s.book, 1)->entries[1].kept);
	mkdir(s.c, 0700);
	trust_book_read(s.book);
	nets_are("no file, the same", &s, "198.51.100.1 198.51.100.2 198.51.100.4 ");
	rmdir(s.c);
	write_file(s.c, "");
	trust_book_read(s.book);
	nets_are("an empty one names nobody", &s, "198.51.100.1 198.51.100.2 ");
	unlink(s.b);
	trust_book_read(s.book);
	nets_are("a PBX that is gone names nobody", &s, "198.51.100.1 ");
	take_down(&s);
}

static void check_sources(void)
{
	struct stage s;
	struct trust_source other;

	set_up(&s);
	other = (struct trust_source){ TRUST_PJSIP, s.b };
	trust_book_configure(s.book, &other, 1, &limits);
	nets_are("a source that stays is not read again", &s, "198.51.100.2 198.51.100.3 ");
	trust_book_configure(s.book, NULL, 0, &limits);
	trust_book_read(s.book);
	nets_are("none", &s, "");
	t_ok("nor names", !trust_book_ask(s.book, (boot_t){ 0 }));
	take_down(&s);
}

/* ---- names ---------------------------------------------------------------------- */

static struct ipaddr host4(uint8_t last)
{
	return (struct ipaddr){ { 203, 0, 113, last }, 4, 32 };
}

/* The name's answer at second @at: @n addresses from @first on. */
static bool answer(struct stage *s, uint8_t first, size_t n, bool complete, int64_t at)
{
	struct ipaddr addrs[100];
	const struct trust_answer a = { addrs, n, 60, complete };

	for (size_t i = 0; i < n; i++)
		addrs[i] = host4((uint8_t)(first + i));
	return trust_book_answer(s->book, "sip.example.com", true, &a,
				 (boot_t){ (uint64_t)at * NS_PER_S },
				 (wall_t){ at * US_PER_S });
}

static void check_names(void)
{
	const char *known = "198.51.100.1 203.0.113.1 203.0.113.2 198.51.100.2 198.51.100.3 "
			    "203.0.113.1 203.0.113.2 ";
	const struct trust_name *n;
	struct stage s;

	set_up(&s);
	n = trust_book_ask(s.book, (boot_t){ 0 });
	t_str("one name, though two lines have it", n ? n->host : NULL, "sip.example.com");
	t_ok("is asked for once", !trust_book_ask(s.book, (boot_t){ 0 }));
	t_ok("an answer is news", answer(&s, 1, 2, true, 100));
	t_ok("the same is none", !answer(&s, 1, 2, true, 110));
	nets_are("both lines have its addresses", &s, known);
	t_is("it is due when its time is up", (int64_t)trust_book_due(s.book).ns,
	     (int64_t)(170 * NS_PER_S));
	t_ok("not before", !trust_book_ask(s.book, (boot_t){ 169 * NS_PER_S }));
	t_ok("then", trust_book_ask(s.book, (boot_t){ 170 * NS_PER_S }) != NULL);
	t_ok("no answer is no news", !answer(&s, 0, 0, false, 170));
	t_ok("but a failure", n->failed);
	t_is("soon to be tried again", (int64_t)trust_book_due(s.book).ns,
	     (int64_t)(200 * NS_PER_S));
	nets_are("what was known stays", &s, known);
	t_ok("for ever", !answer(&s, 0, 0, true, 1000000));
	nets_are("really", &s, known);
	t_ok("whom the next answer leaves out", answer(&s, 1, 1, true, 1000000));
	t_is("is gone then, as his hour is over", (int64_t)n->n, 1);
	take_down(&s);
}

static void check_linger(void)
{
	const struct trust_name *n;
	struct stage s;

	set_up(&s);
	n = trust_book_ask(s.book, (boot_t){ 0 });
	answer(&s, 1, 2, true, 100);
	t_ok("another part of its addresses", answer(&s, 3, 2, true, 200));
	t_is("adds to it", (int64_t)n->n, 4);
	t_ok("part of an answer is no proof", !answer(&s, 3, 2, false, 100 + 3600));
	t_is("that others are gone", (int64_t)n->n, 4);
	t_ok("an hour later they are", answer(&s, 3, 2, true, 100 + 3600));
	t_is("gone", (int64_t)n->n, 2);
	answer(&s, 10, 100, true, 4000);
	t_is("there is a limit", (int64_t)n->n, TRUST_MAX_ADDRS);
	take_down(&s);
}

static void check_saved(void)
{
	static const char lines[] =
		"other.example.com srv 100 203.0.113.9@100\n"
		"sip.example.com host 100 203.0.113.8@100\n"
		"rubbish\nsip.example.com srv x 203.0.113.7@100\n"
		"sip.example.com srv 90 203.0.113.5@90 203.0.113.6@x 0.0.0.0@1 x@1 1.2.3.4\n";
	struct str text = { 0 };
	struct stage s;

	set_up(&s);
	trust_book_load(s.book, lines, sizeof(lines) - 1);
	trust_book_save(s.book, &text);
	t_str("what was known to an earlier run", text.s,
	      "sip.example.com srv 90 203.0.113.5@90\n");
	trust_book_ask(s.book, (boot_t){ 0 });
	answer(&s, 1, 1, true, 200);
	trust_book_load(s.book, text.s, text.len);
	str_reset(&text);
	trust_book_save(s.book, &text);
	t_str("does not replace what this one knows", text.s,
	      "sip.example.com srv 200 203.0.113.5@90 203.0.113.1@200\n");
	str_fini(&text);
	take_down(&s);
}

/* ---- caps ------------------------------------------------------------------------ */

static void check_caps(void)
{
	struct str text = { 0 };
	struct stage s;
	size_t n = 0;

	set_up(&s);
	for (int i = 0; i < 30000; i++)
		str_printf(&text, i < 2000 ? "h%d.example\n" : "10.%d.%d.1\n", i / 250, i % 250);
	write_file(s.a, text.s);
	trust_book_read(s.book);
	t_is("entries of one source", (int64_t)trust_book_reading(s.book, 0)->n,
	     TRUST_MAX_ENTRIES);
	t_ok("what is beyond is counted",
	     trust_book_reading(s.book, 0)->refused >= 30000 - TRUST_MAX_ENTRIES);
	t_ok("and told", trust_book_reading(s.book, 0)->problems.n == 1);
	while (trust_book_ask(s.book, (boot_t){ 0 }))
		n++;
	t_ok("names", n <= TRUST_MAX_NAMES);
	str_fini(&text);
	take_down(&s);
}

int main(void)
{
	check_files();
	check_sources();
	check_names();
	check_linger();
	check_saved();
	check_caps();
	return t_done();
}
