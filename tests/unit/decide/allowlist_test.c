// SPDX-License-Identifier: GPL-2.0-or-later
/* Who is never banned, and what the operator is told about it. */
#include "decide/allowlist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#include "../t.h"

static const boot_t now = { 1000 * NS_PER_S };

static struct allowlist *list_of(const char *words)
{
	struct allowlist *a = allowlist_new("jail test");
	const char *end;

	t_ok("a list", a);
	for (; *words; words = *end ? end + 1 : end) {
		end = strchrnul(words, ' ');
		t_is(words, allowlist_add(a, words, (size_t)(end - words)), 0);
	}
	return a;
}

/* "KIND NET LABEL" of the match, or "". */
static const char *describe(bool found, const struct allow_match *m)
{
	static char text[256];
	char net[IPADDR_TEXT];

	if (!found)
		return "";
	snprintf(text, sizeof(text), "%s %s %s", allow_kind_name(m->kind),
		 ipaddr_format(&m->net, net), m->label ? m->label : "-");
	return text;
}

static const char *has_at(struct allowlist *a, const char *id, boot_t when)
{
	struct allow_match m;
	struct ipaddr addr;

	if (ipaddr_parse_net(id, strlen(id), &addr))
		addr = (struct ipaddr){ 0 };
	return describe(allowlist_has(a, id, strlen(id), &addr, when, &m), &m);
}

static const char *has(struct allowlist *a, const char *id)
{
	return has_at(a, id, now);
}

static const struct { const char *words, *id, *want; } rows[] = {
	{ "192.0.2.1", "192.0.2.1", "ignoreip 192.0.2.1 -" },
	{ "192.0.2.1", "192.0.2.2", "" },
	{ "192.0.2.1", "::ffff:192.0.2.1", "ignoreip 192.0.2.1 -" },
	{ "192.0.2.77/24", "192.0.2.200", "ignoreip 192.0.2.0/24 -" },
	{ "192.0.2.0/255.255.255.0", "192.0.2.200", "ignoreip 192.0.2.0/24 -" },
	{ "192.0.2.0/24 192.0.0.0/8", "192.0.2.200", "ignoreip 192.0.2.0/24 -" },
	{ "192.0.2.0/24 192.0.0.0/8", "192.1.2.200", "ignoreip 192.0.0.0/8 -" },
	{ "192.0.2.0/24", "192.0.2.0/25", "ignoreip 192.0.2.0/24 -" },
	{ "192.0.2.0/24", "192.0.2.0/23", "" },
	{ "0.0.0.0/0", "198.51.100.1", "ignoreip 0.0.0.0/0 -" },
	{ "0.0.0.0/0", "2001:db8::1", "" },
	{ "2001:DB8::/32", "2001:db8:ffff::1", "ignoreip 2001:db8::/32 -" },
	{ "[2001:db8::1]", "2001:db8::1", "ignoreip 2001:db8::1 -" },
	{ "root", "root", "ignoreip word - root" },
	{ "root", "Root", "" },
	{ "root", "roo", "" },
	{ "999.1.1.1", "999.1.1.1", "ignoreip word - 999.1.1.1" },
	{ "", "192.0.2.1", "" },
	{ "", "", "" },
};

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct allowlist *a = list_of(rows[i].words);

		t_str(rows[i].words, has(a, rows[i].id), rows[i].want);
		t_ok("also without a place for the match",
		     allowlist_has(a, "none", 4, NULL, now, NULL) == false);
		allowlist_free(a);
	}
	allowlist_free(NULL);
}

static const struct { const char *words, *net, *want; } touches[] = {
	{ "192.0.2.1", "192.0.2.0/24", "ignoreip 192.0.2.1 -" },
	{ "192.0.2.1", "192.0.3.0/24", "" },
	{ "192.0.2.0/25", "192.0.2.0/24", "ignoreip 192.0.2.0/25 -" },
	{ "192.0.0.0/16", "192.0.2.0/24", "ignoreip 192.0.0.0/16 -" },
	{ "192.0.2.0/24", "192.0.2.0/24", "ignoreip 192.0.2.0/24 -" },
	{ "192.0.1.255 192.0.3.0", "192.0.2.0/24", "" },
	{ "2001:db8::1", "2001:db8::/64", "ignoreip 2001:db8::1 -" },
	{ "10.0.0.1", "0.0.0.0/0", "ignoreip 10.0.0.1 -" },
	{ "::1", "0.0.0.0/0", "" },
};

static void test_touches(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(touches); i++) {
		struct allowlist *a = list_of(touches[i].words);
		struct allow_match m;
		struct ipaddr net;

		ipaddr_parse_net(touches[i].net, strlen(touches[i].net), &net);
		t_str(touches[i].net, describe(allowlist_touches(a, &net, now, &m), &m),
		      touches[i].want);
		t_is("without a place for the match", allowlist_touches(a, &net, now, NULL),
		     *touches[i].want != '\0');
		allowlist_free(a);
	}
}

static void test_remove(void)
{
	struct allowlist *a = list_of("192.0.2.1 192.0.2.1 198.51.100.0/24 root");

	t_is("one", allowlist_remove(a, "192.0.2.1", 9), 0);
	t_str("gone, however often it was added", has(a, "192.0.2.1"), "");
	t_is("twice", allowlist_remove(a, "192.0.2.1", 9), -ENOENT);
	t_str("the other stays", has(a, "198.51.100.7"), "ignoreip 198.51.100.0/24 -");
	t_is("in another spelling", allowlist_remove(a, "198.51.100.9/24", 15), 0);
	t_str("gone too", has(a, "198.51.100.7"), "");
	t_is("a word", allowlist_remove(a, "root", 4), 0);
	t_str("gone as well", has(a, "root"), "");
	t_str("and as a name", allowlist_name(a, 0), NULL);
	t_is("a file that is not there", allowlist_remove(a, "file:/x", 7), -ENOENT);
	allowlist_free(a);
}

/* ---- names ------------------------------------------------------------------- */

static const struct { const char *word; bool name; } names[] = {
	{ "localhost", true }, { "sip.example.com", true }, { "sip.example.com.", true },
	{ "a-b_c.example", true }, { "x1", true }, { "999.1.1.1", false },
	{ "1.2.3", false }, { "-x", false }, { ".x", false }, { "a b", false },
	{ "user@host", false }, { "::g", false }, { "x.1", false },
};

static void test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct allowlist *a = allowlist_new(NULL);

		t_is(names[i].word, allowlist_add(a, names[i].word, strlen(names[i].word)), 0);
		t_str(names[i].word, allowlist_name(a, 0), names[i].name ? names[i].word : NULL);
		allowlist_free(a);
	}
}

static void test_resolved(void)
{
	struct allowlist *a = list_of("trunk.example 192.0.2.9");
	struct ipaddr addrs[2];
	uint64_t version;

	ipaddr_parse("192.0.2.1", 9, &addrs[0]);
	ipaddr_parse("2001:db8::1", 11, &addrs[1]);
	t_str("not yet", has(a, "192.0.2.1"), "");
	t_is("resolved", allowlist_set_resolved(a, "trunk.example", addrs, 2), 0);
	t_str("now", has(a, "2001:db8::1"), "ignoreip name 2001:db8::1 trunk.example");
	version = allowlist_version(a, now);
	t_is("again", allowlist_set_resolved(a, "trunk.example", addrs, 2), 0);
	t_is("nothing new", (int64_t)allowlist_version(a, now), (int64_t)version);
	t_is("the resolver fails", allowlist_set_resolved(a, "trunk.example", NULL, 0), 0);
	t_str("last known good", has(a, "192.0.2.1"), "ignoreip name 192.0.2.1 trunk.example");
	t_is("moved", allowlist_set_resolved(a, "trunk.example", addrs + 1, 1), 0);
	t_str("the old one is no more", has(a, "192.0.2.1"), "");
	t_ok("something new", allowlist_version(a, now) > version);
	t_is("a name of nobody", allowlist_set_resolved(a, "other", addrs, 1), -ENOENT);
	allowlist_free(a);
}

static void test_max(void)
{
	struct allowlist *a = allowlist_new(NULL);

	allowlist_set_max(a, 2);
	t_is("one", allowlist_add(a, "192.0.2.1", 9), 0);
	t_is("two", allowlist_add(a, "192.0.2.2", 9), 0);
	t_is("three", allowlist_add(a, "192.0.2.3", 9), -E2BIG);
	t_is("which is counted", (int64_t)allowlist_stats(a).refused, 1);
	allowlist_set_max(a, 1);
	t_is("who is in stays", (int64_t)allowlist_stats(a).nets <= 2, 1);
	allowlist_set_max(a, SIZE_MAX);
	t_is("room again", allowlist_add(a, "192.0.2.3", 9), 0);
	allowlist_free(a);
}

/* Who takes somebody's place needs no more room. */
static void test_max_replaced(void)
{
	struct ipaddr two[2] = { { { 192, 0, 2, 1 }, 4, 32 }, { { 192, 0, 2, 2 }, 4, 32 } };
	struct allowlist *a = allowlist_new(NULL);

	allowlist_set_max(a, 2);
	t_is("our addresses", allowlist_set(a, ALLOW_SELF, NULL, two, 2), 0);
	two[0].bytes[3] = 7;
	t_is("are others now", allowlist_set(a, ALLOW_SELF, NULL, two, 2), 0);
	t_ok("and known", *has(a, "192.0.2.7"));
	t_is("more are too many", allowlist_set(a, ALLOW_GATEWAY, NULL, two, 1), -E2BIG);
	allowlist_free(a);
}

static void test_limits(void)
{
	struct allowlist *a = allowlist_new(NULL);
	char word[2048];
	int refused = 0;

	for (unsigned int i = 0; i < ALLOW_MAX_NAMES + 5; i++) {
		snprintf(word, sizeof(word), "n%u", i);
		refused += allowlist_add(a, word, strlen(word)) == -E2BIG;
	}
	t_is("names", refused, 5);
	t_is("counted", (int64_t)allowlist_stats(a).refused, 5);
	t_is("as many as allowed", (int64_t)allowlist_stats(a).names, ALLOW_MAX_NAMES);
	memset(word, 'x', sizeof(word));
	t_is("an endless word", allowlist_add(a, word, sizeof(word)), -E2BIG);
	t_is("no such word", allowlist_remove(a, word, sizeof(word)), -ENOENT);
	t_is("a word with a NUL", allowlist_add(a, "a\0b", 3), -E2BIG);
	allowlist_free(a);
}

/* ---- groups ----------------------------------------------------------------- */

static void seen(void *ctx, const struct allow_match *m)
{
	char *text = ctx, net[IPADDR_TEXT];

	sprintf(text + strlen(text), "%s(%s) ", ipaddr_format(&m->net, net),
		allow_kind_name(m->kind));
}

static void test_groups(void)
{
	struct allowlist *a = list_of("192.0.2.1");
	struct ipaddr nets[3];
	char text[256] = "";

	ipaddr_parse("192.0.2.1", 9, &nets[0]);
	ipaddr_parse("198.51.100.1", 12, &nets[1]);
	ipaddr_parse("127.0.0.1", 9, &nets[2]);
	t_is("own", allowlist_set(a, ALLOW_SELF, NULL, nets + 2, 1), 0);
	t_is("a peer", allowlist_set(a, ALLOW_TRUSTED, "trunk", nets, 2), 0);
	t_str("has a label", has(a, "198.51.100.1"), "trusted 198.51.100.1 trunk");
	allowlist_each(a, now, seen, text);
	t_str("in order", text,
		"127.0.0.1(own address) 192.0.2.1(ignoreip) 198.51.100.1(trusted) ");
	t_is("another set", allowlist_set(a, ALLOW_TRUSTED, "trunk", nets, 1), 0);
	t_str("replaces", has(a, "198.51.100.1"), "");
	t_is("none", allowlist_set(a, ALLOW_TRUSTED, "trunk", NULL, 0), 0);
	t_str("the operator's entry is another one", has(a, "192.0.2.1"), "ignoreip 192.0.2.1 -");
	t_is("none of what is not there", allowlist_set(a, ALLOW_TRUSTED, "x", NULL, 0), 0);
	t_is("too many", allowlist_set(a, ALLOW_TRUSTED, "x", nets, ALLOW_MAX_NETS), -E2BIG);
	t_is("entries", (int64_t)allowlist_stats(a).nets, 2);
	allowlist_free(a);
}

/* ---- files ---------------------------------------------------------------------- */

static char dir[T_DIR];
static char path[T_DIR + 8];

static void write_file(const char *text)
{
	static long age;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	/* Coarse clocks: two writes in a row must not look the same. */
	struct timespec times[2] = { { 0, UTIME_OMIT }, { 1700000000 + age++, 0 } };

	t_ok("written", fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	futimens(fd, times);
	close(fd);
}

static boot_t after(double s)
{
	return (boot_t){ now.ns + (uint64_t)(s * 1e9) };
}

static void test_file(void)
{
	char word[T_DIR + 64];
	struct allowlist *a;

	write_file("# all of 10.0.0.0/8\n192.0.2.1,192.0.2.2 198.51.100.0/24;not a comment\n"
		   "  ;2001:db8::9\n\r\n2001:db8::1 # or # 2001:db8::2\nnonsense 999.1.1.1");
	snprintf(word, sizeof(word), "file://%s", path);
	a = list_of(word);
	t_str("one", has(a, "192.0.2.2"), strcat(strcpy(word, "ignoreip file 192.0.2.2 "), path));
	t_ok("the last line", *has(a, "2001:db8::1"));
	t_str("a comment", has(a, "2001:db8::2"), "");
	t_str("a comment in the first column", has(a, "10.1.1.1"), "");
	t_is("bad words are counted", (int64_t)allowlist_stats(a).bad, 5);
	write_file("192.0.2.7");
	t_str("not looked at again within a second", has_at(a, "192.0.2.7", after(0.9)), "");
	t_ok("but after one", *has_at(a, "192.0.2.7", after(1)));
	t_str("and the old ones are gone", has_at(a, "192.0.2.2", after(1)), "");
	unlink(path);
	t_ok("vanished: last known good", *has_at(a, "192.0.2.7", after(2)));
	t_is("counted", (int64_t)allowlist_stats(a).file_errors, 1);
	write_file("192.0.2.8");
	t_str("left alone for a minute after an error", has_at(a, "192.0.2.8", after(61.9)), "");
	t_ok("then it is back", *has_at(a, "192.0.2.8", after(62)));
	t_is("one error in all", (int64_t)allowlist_stats(a).file_errors, 1);
	snprintf(word, sizeof(word), "file:%s", path);
	t_is("removed", allowlist_remove(a, word, strlen(word)), 0);
	t_str("with its entries", has_at(a, "192.0.2.8", after(62)), "");
	allowlist_free(a);
	unlink(path);
}

/* A file that is missing, and left alone for a minute, does not stop the others. */
static void test_two_files(void)
{
	char words[2 * T_DIR + 64];
	struct allowlist *a;

	write_file("192.0.2.1");
	snprintf(words, sizeof(words), "file:%s/missing file:%s", dir, path);
	a = list_of(words);
	t_ok("one is there", *has(a, "192.0.2.1"));
	t_is("one is not", (int64_t)allowlist_stats(a).file_errors, 1);
	write_file("192.0.2.2");
	t_ok("a second later", *has_at(a, "192.0.2.2", after(1)));
	allowlist_free(a);
	unlink(path);
}

static void test_strange_files(void)
{
	struct allowlist *a;
	char word[T_DIR + 64];

	snprintf(word, sizeof(word), "file:%s", path);
	t_is("a fifo", mkfifo(path, 0600), 0);
	a = list_of(word);
	t_str("is not waited for", has(a, "192.0.2.1"), "");
	t_is("is an error", (int64_t)allowlist_stats(a).file_errors, 1);
	allowlist_free(a);
	unlink(path);
	a = list_of(word);
	t_str("no file", has(a, "192.0.2.1"), "");
	write_file("");
	t_str("an empty one", has_at(a, "192.0.2.1", after(60)), "");
	t_is("is fine", (int64_t)allowlist_stats(a).file_errors, 1);
	allowlist_free(a);
	unlink(path);
}

int main(void)
{
	log_plain(LOG_LEVEL_ERROR);
	if (!t_dir(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/list", dir);
	test_rows();
	test_touches();
	test_remove();
	test_names();
	test_resolved();
	test_limits();
	test_max();
	test_max_replaced();
	test_groups();
	test_file();
	test_two_files();
	test_strange_files();
	rmdir(dir);
	return t_done();
}
