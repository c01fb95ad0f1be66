// SPDX-License-Identifier: GPL-2.0-or-later
/* Every expectation in these tables is what Python 3.11's re does. */
#include "regex/regex.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../t.h"

/* What the pattern finds in the subject; NULL: nothing. */
static const struct {
	const char *what, *pattern, *subject, *found;
	unsigned int flags;
} matches[] = {
	{ "plain text", "abc", "xabcx", "abc" },
	{ "the empty pattern", "", "abc", "" },
	{ "the leftmost match wins", "b|ab", "ab", "ab" },

	/* repetition */
	{ "{,n} counts from zero", "^a{,2}b", "aab", "aab" },
	{ "{,n} takes no more", "^a{,2}b", "aaab", NULL },
	{ "{,n} is not literal", "^a{,2}b", "a{,2}b", NULL },
	{ "{,} is any number", "^a{,}b", "aaaab", "aaaab" },
	{ "{n,} has no end", "^a{2,}", "aaaa", "aaaa" },
	{ "{n,m}? is lazy", "a{1,3}?", "aaa", "a" },
	{ "{} stands for itself", "a{}", "a{}", "a{}" },
	{ "{x} stands for itself", "a{x}", "a{x}", "a{x}" },
	{ "{1 } stands for itself", "a{1 }", "a{1 }", "a{1 }" },
	{ "an open bracket stands for itself", "a{1", "a{1", "a{1" },
	{ "a bracket can be repeated", "x{+", "x{{{", "x{{{" },
	{ "possessive", "a++a", "aaa", NULL },
	{ "atomic", "(?>a+)a", "aaa", NULL },
	{ "lazy", "<.+?>", "<a><b>", "<a>" },

	/* anchors */
	{ "\\Z is the very end", "a\\Z", "a\n", NULL },
	{ "\\Z at the very end", "a\\Z", "ba", "a" },
	{ "$ before a final newline", "a$", "a\n", "a" },
	{ "$ not before two", "a$", "a\n\n", NULL },
	{ "\\A", "\\Ab", "ab", NULL },
	{ "^ once", "^b", "a\nb", NULL },
	{ "^ in many lines", "^b", "a\nb", "b", REGEX_MULTILINE },
	{ "^ behind the last newline", "\n^", "a\n", "\n", REGEX_MULTILINE },
	{ "^ behind the last newline, in a group", "\n(?m:^)", "a\n", "\n" },
	{ "$ in many lines", "a$", "a\nb", "a", REGEX_MULTILINE },
	{ "a dot is no newline", "a.b", "a\nb", NULL },
	{ "a dot is a carriage return", "a.b", "a\rb", "a\rb" },
	{ "a dot with the flag", "a.b", "a\nb", "a\nb", REGEX_DOTALL },
	{ "no word boundary", "\\Bb", "ab", "b" },

	/* flags in the pattern */
	{ "(?iu)", "(?iu)AB", "ab", "ab" },
	{ "(?u)", "(?u)a", "a", "a" },
	{ "(?a) narrows \\w", "(?a)^\\w+", "a\xc3\xa9", "a" },
	{ "without it \\w is Unicode's", "^\\w+", "a\xc3\xa9", "a\xc3\xa9" },
	{ "(?L)", "(?L)a", "a", "a" },
	{ "(?s)", "(?s)a.b", "a\nb", "a\nb" },
	{ "a flag for a group", "a(?i:b)c", "aBc", "aBc" },
	{ "and only for it", "a(?i:b)c", "aBC", NULL },
	{ "a flag cleared in a group", "(?i)a(?-i:b)", "Ab", "Ab" },
	{ "cleared indeed", "(?i)a(?-i:b)", "AB", NULL },
	{ "a flag first in a group", "a((?i)b|c)d", "aCd", "aCd" },
	{ "and only there", "a((?i)b|c)d", "aCD", NULL },
	{ "first in a plain group", "a(?:(?i)b)d", "aBd", "aBd" },
	{ "a flag in the middle is for all", "a(?i)b", "AB", "AB" },
	{ "(?x) skips blanks", "(?x) a b # c\n c", "abc", "abc" },
	{ "(?x) but not escaped ones", "(?x) a\\ b", "a b", "a b" },
	{ "(?x) nor in a set", "(?x) a[ ]b", "a b", "a b" },
	{ "(?x) for a group", "(?x: a ) b", "a b", "a b" },
	{ "a comment", "a(?#x)b", "ab", "ab" },

	/* escapes */
	{ "\\xHH", "\\x41\\x2a", "A*", "A*" },
	{ "\\uXXXX", "\\u00e9", "\xc3\xa9", "\xc3\xa9" },
	{ "\\u of an ASCII letter", "\\u0041", "A", "A" },
	{ "\\UXXXXXXXX", "\\U0001f600", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "\\v is one character", "^\\v$", "\v", "\v" },
	{ "\\v is not any vertical blank", "\\v", "\n", NULL },
	{ "\\0", "a\\0", "a", NULL },
	{ "octal of three digits", "\\101", "A", "A" },
	{ "octal with a leading zero", "\\052", "*", "*" },
	{ "escaped blank and hyphen", "a\\ \\-b", "a -b", "a -b" },
	{ "escaped letter beyond ASCII", "\\\xc3\xa9", "\xc3\xa9", "\xc3\xa9" },
	{ "\\s takes the separators", "^\\s+$", "\x1c\x1d\x1e\x1f \t", "\x1c\x1d\x1e\x1f \t" },
	{ "\\S does not", "\\S", "\x1c", NULL },
	{ "nor does [^\\s]", "[^\\s]", "\x1c", NULL },
	{ "(?a) and the separators", "(?a)\\s", "\x1c", NULL },
	{ "\\s takes Unicode's blanks", "^\\s$", "\xc2\xa0", "\xc2\xa0" },
	{ "\\d is ASCII's", "\\d", "\xd9\xa3", NULL },
	{ "\\b is Unicode's", "a\\b", "a\xc3\xa9", NULL },

	/* sets */
	{ "a set in a set is none", "^[[:alpha:]]$", "a]", "a]" },
	{ "and takes its own letters only", "^[[:alpha:]]$", "b]", NULL },
	{ "] first", "[]a]+", "a]", "a]" },
	{ "^] first", "[^]a]", "]ab", "b" },
	{ "hyphen first and last", "[-a-]+", "a-", "a-" },
	{ "escaped hyphen", "[a\\-z]+", "z-a", "z-a" },
	{ "\\b in a set", "[\\b]", "\b", "\b" },
	{ "octal in a set", "[\\101-\\103]+", "ABCD", "ABC" },
	{ "class in a set", "[\\w.-]+", "a-b.c d", "a-b.c" },
	{ "\\s in a set takes the separators", "[\\s]", "\x1c", "\x1c" },
	{ "no character beyond the range", "[a-f]", "g", NULL },
	{ "beyond ASCII", "[\xc3\xa9-\xc3\xab]", "\xc3\xaa", "\xc3\xaa" },
	{ "Perl's \\Q is nothing here", "[\\\\Q]+", "\\Q", "\\Q" },

	/* groups */
	{ "a name and its reference", "(?P<q>['\"]).*?(?P=q)", "'a\"b'", "'a\"b'" },
	{ "a number as reference", "(a)(b)\\2", "abb", "abb" },
	{ "reference with a digit behind it", "(a)\\1[0]", "aa0", "aa0" },
	{ "condition on a name", "(?P<o><)?a(?(o)>|!)", "<a>", "<a>" },
	{ "the other branch", "^(?P<o><)?a(?(o)>|!)", "a!", "a!" },
	{ "condition on a number", "^(<)?a(?(1)>)$", "a", "a" },
	{ "a name of 40 letters",
	  "(?P<aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd>a)"
	  "(?P=aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd)", "aa", "aa" },
	{ "a name like a recursion", "(?P<R1>a)?(?(R1)b)", "ab", "ab" },
	{ "look ahead", "a(?!b)", "abac", "a" },
	{ "look behind", "(?<=a)b", "ab", "b" },
	{ "not behind", "(?<!a)b", "abcb", "b" },
	{ "an empty group repeated", "()*a", "a", "a" },

	/* how a pattern begins: told apart without matching, so it must be right */
	{ "a beginning", "^ab", "ab", "ab" },
	{ "only there", "^ab", "xab", NULL },
	{ "longer than the subject", "^abc", "ab", NULL },
	{ "its last character may be missing", "^ab?c", "ac", "ac" },
	{ "or be there no time", "^ab{0}c", "ac", "ac" },
	{ "or many times", "^ab+c", "abbc", "abbc" },
	{ "another beginning", "^ab|cd", "xcd", "cd" },
	{ "in a group", "^(?:ab|cd)", "cd", "cd" },
	{ "with a bracket", "^a{b", "a{b", "a{b" },
	{ "with an escape", "^\\[\\x41\\102", "[AB", "[AB" },
	{ "any case", "^ab", "AB", "AB", REGEX_ICASE },
	{ "any case, said late", "^ab(?i)", "AB", "AB" },
	{ "in any line", "^ab", "x\nab", "ab", REGEX_MULTILINE },
	{ "beyond ASCII", "^a\xc3\xa9?", "a", "a" },
	{ "not at the begin of all", "(?:x|^)ab", "xab", "xab" },

	/* characters */
	{ "a dot is one character", "^.$", "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "case beyond ASCII", "\xc3\x89", "\xc3\xa9", "\xc3\xa9", REGEX_ICASE },
	{ "the Kelvin sign", "k", "\xe2\x84\xaa", "\xe2\x84\xaa", REGEX_ICASE },
	{ "literals beyond ASCII", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
	{ "an invalid byte is no character", "a.b", "a\xff" "b", NULL },
	{ "and splits the subject", "^b", "\xff" "b", NULL },
	{ "what is beside it can match", "b$", "\xff" "b", "b" },
};

static void test_matches(struct regex_env *env)
{
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		const char *subject = matches[i].subject;
		struct regex_error err;
		struct regex_span all;
		struct regex *re;
		char got[64];
		int found;

		if (regex_new(&re, env, matches[i].pattern, matches[i].flags, &err)) {
			t_str(matches[i].what, err.text, "compiles");
			continue;
		}
		found = regex_match(re, subject, strlen(subject), 0, &all, 1);
		if (found)
			snprintf(got, sizeof(got), "%.*s",
				 (int)(all.end - all.start), subject + all.start);
		t_str(matches[i].what, found ? got : NULL, matches[i].found);
		regex_free(re);
	}
}

/* What is refused, where, and a word of the reason. */
static const struct {
	const char *pattern;
	size_t at;
	const char *text;
} errors[] = {
	{ "a(b", 1, "not closed" },
	{ "ab)", 2, "no group is open" },
	{ "a[b", 1, "not closed" },
	{ "[]", 0, "not closed" },
	{ "a[z-a]", 2, "range" },
	{ "[a-\\d]", 1, "range" },
	{ "[\\w-z]", 1, "range" },
	{ "*a", 0, "nothing to repeat" },
	{ "a|*", 2, "nothing to repeat" },
	{ "(+)", 1, "nothing to repeat" },
	{ "^*", 1, "nothing to repeat" },
	{ "\\b+", 2, "nothing to repeat" },
	{ "a**", 2, "repeats" },
	{ "a{2}{3}", 4, "repeats" },
	{ "a{3,2}", 1, "above" },
	{ "a{70000}", 1, "65535" },
	{ "a\\", 1, "backslash" },
	{ "ab\\h", 2, "unknown escape \\h" },
	{ "\\R", 0, "unknown escape" },
	{ "\\K", 0, "unknown escape" },
	{ "\\Qa\\E", 0, "unknown escape" },
	{ "\\pL", 0, "unknown escape" },
	{ "[\\h]", 1, "unknown escape" },
	{ "[\\B]", 1, "unknown escape" },
	{ "[\\8]", 1, "unknown escape" },
	{ "a\\x4", 1, "hexadecimal" },
	{ "\\u12", 0, "hexadecimal" },
	{ "\\U00110000", 0, "not a character" },
	{ "\\ud800", 0, "not a character" },
	{ "\\777", 0, "octal" },
	{ "(a)\\2", 3, "no group 2" },
	{ "(a\\1)", 2, "not closed" },
	{ "(?P=x)", 4, "no group" },
	{ "(?P<x>(?P=x))", 6, "not closed" },
	{ "(?P<x>a)(?P<x>b)", 12, "second group" },
	{ "(?P<1a>a)", 4, "name" },
	{ "(?P<a-b>a)", 5, "name" },
	{ "(?P<a", 5, "name" },
	{ "(?Px)", 0, "(?P" },
	{ "(?<x>a)", 0, "(?P<name>" },
	{ "(?(1)a|b|c)", 8, "third" },
	{ "(?(x)a)", 3, "no group" },
	{ "(?(0)a)", 3, "number" },
	{ "(?|a)", 2, "not known" },
	{ "(?R)", 2, "not known" },
	{ "(?&x)", 2, "not known" },
	{ "(?i", 3, "not known" },
	{ "(?-i)", 4, "not known" },
	{ "(?i-i:a)", 0, "both" },
	{ "a(?a:b)", 1, "whole pattern" },
	{ "(*UTF)a", 1, "nothing to repeat" },
	{ "(?#a", 0, "not closed" },
	{ "a\xff", 1, "UTF-8" },
	{ "a\xc0\xaf", 1, "UTF-8" },
	/* found by PCRE2, in its own offsets */
	{ "a{,2}\\Z(?<=b*)", 7, "lookbehind" },
};

static void test_errors(struct regex_env *env)
{
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct regex_error err;
		struct regex *re;

		if (t_is(errors[i].pattern, regex_new(&re, env, errors[i].pattern, 0, &err),
			 -EINVAL))
			continue;
		t_is(errors[i].pattern, (int64_t)err.at, (int64_t)errors[i].at);
		if (!strstr(err.text, errors[i].text))
			t_str(errors[i].pattern, err.text, errors[i].text);
	}
}

static void test_groups(struct regex_env *env)
{
	struct regex_span s[5];
	struct regex_error err;
	struct regex *re;

	t_is("compiles", regex_new(&re, env, "(?P<ip4>a)|(x)(?:y)(?P<user>z)", 0, &err), 0);
	t_is("groups", regex_groups(re), 3);
	t_is("by name", regex_group(re, "user"), 3);
	t_is("no such name", regex_group(re, "use"), -ENOENT);
	t_str("by number", regex_group_name(re, 1), "ip4");
	t_str("without a name", regex_group_name(re, 2), NULL);
	t_str("beyond the last", regex_group_name(re, 4), NULL);
	t_is("match", regex_match(re, "xyz", 3, 0, s, 5), 1);
	t_ok("a group that took no part", s[1].start == REGEX_UNSET);
	t_ok("a group beyond the last", s[4].end == REGEX_UNSET);
	t_ok("a group that did", s[3].start == 2 && s[3].end == 3);
	t_is("match from a later start", regex_match(re, "aa", 2, 1, s, 1), 1);
	t_is("start", (int64_t)s[0].start, 1);
	regex_free(re);
}

/* Exponential: without a limit this takes longer than the universe has. */
static void test_limit(struct regex_env *env)
{
	static const char *const subjects[] = {
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
		"\xc3\xa9" "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
	};
	uint64_t before = regex_env_limited(env);
	struct regex_error err;
	struct regex_span s;
	struct regex *re;

	t_is("compiles", regex_new(&re, env, "(?:\\w+)+$", 0, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		t_is("the limit is no match",
		     regex_match(re, subjects[i], strlen(subjects[i]), 0, &s, 1), 0);
	t_is("both are counted", (int64_t)(regex_env_limited(env) - before), 2);
	regex_free(re);
}

/*
 * What a line of 64 kB needs is within the limits, JIT's stack included; the
 * interpreter gives up on it.
 */
static void test_long(struct regex_env *env)
{
	size_t len = 64 << 10;
	char *subject = malloc(len);
	struct regex_error err;
	struct regex_span s;
	struct regex *re;

	memset(subject, 'a', len);
	subject[len - 1] = ']';
	t_is("compiles", regex_new(&re, env, "^(?:a|b)+\\]$", 0, &err), 0);
	t_is("a long line matches", regex_match(re, subject, len, 0, &s, 1), 1);
	subject[0] = '\0';
	t_is("a NUL is a character", regex_match(re, subject, len, 0, &s, 1), 0);
	t_is("that one can step over", regex_match(re, subject, len, 1, &s, 1), 0);
	regex_free(re);
	free(subject);
}

/* Many steps, each short: what the first limit stops, the watch lets through. */
static void test_watch(struct regex_env *env)
{
	uint64_t before = regex_env_limited(env);
	struct regex_error err;
	struct regex_span s[2];
	struct regex *re;
	char subject[8000];

	memset(subject, 'a', sizeof(subject));
	memcpy(subject, "x ", 2);
	memcpy(subject + sizeof(subject) - 4, "; 7!", 4);
	t_is("compiles", regex_new(&re, env, "^x (\\S*?); \\d", 0, &err), 0);
	t_is("a long lazy match", regex_match(re, subject, sizeof(subject), 0, s, 2), 1);
	t_is("its group", (int64_t)(s[1].end - s[1].start), (int64_t)sizeof(subject) - 6);
	subject[5] = (char)0xff;
	subject[6] = (char)0xc3;
	subject[7] = (char)0xa9;
	t_is("no limit there", regex_match(re, subject, sizeof(subject), 0, s, 2), 0);
	t_is("so nothing was cut off", (int64_t)(regex_env_limited(env) - before), 0);
	regex_free(re);
}

/* Few steps that each read everything: quadratic, a second without the watch. */
static void test_fuel(struct regex_env *env)
{
	size_t len = 64 << 10;
	char *subject = malloc(len);
	uint64_t before = regex_env_limited(env);
	struct regex *slow, *fast;
	struct regex_error err;
	struct regex_span s;

	memset(subject, '\t', len);
	subject[0] = 'x';
	subject[len - 1] = 'y';
	t_is("compiles", regex_new(&slow, env, "^\\S+\\s+(?:\\s*\\[)?:\\s+y", 0, &err), 0);
	t_is("compiles", regex_new(&fast, env, "\\ty", 0, &err), 0);
	regex_env_refill(env);
	t_is("cut off", regex_match_known(slow, subject, len, true, 0, &s, 1), 0);
	t_is("counted", (int64_t)(regex_env_limited(env) - before), 1);
	t_is("nothing is left for another expression",
	     regex_match_known(fast, subject, len, true, 0, &s, 1), 0);
	regex_env_refill(env);
	t_is("until the next line",
	     regex_match_known(fast, subject, len, true, 0, &s, 1), 1);
	regex_free(slow);
	regex_free(fast);
	free(subject);
}

static void test_all(struct regex_env *env)
{
	test_matches(env);
	test_errors(env);
	test_groups(env);
	test_limit(env);
}

/* From here on no memory can be made executable, as under a strict policy. */
static int refuse_exec_memory(void)
{
	const unsigned int prot = offsetof(struct seccomp_data, args[2]);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, __NR_mmap, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, __NR_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, prot),
		BPF_JUMP(BPF_JMP | BPF_JSET, PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static int interpreted(void)
{
	struct regex_env *env;

	if (refuse_exec_memory()) {
		printf("SKIP  the interpreter: this kernel has no seccomp filters\n");
		return 0;
	}
	env = regex_env_new();
	test_all(env);
	t_ok("it was the interpreter", !regex_env_jit(env));
	regex_env_free(env);
	return t_failed > 0;
}

/*
 * A hardened system may refuse JIT its memory: everything works, only slower.
 * In a child, and before JIT has any memory that it could use again.
 */
static void test_interpreter(void)
{
	pid_t child;
	int status = -1;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		status = interpreted();
		fflush(stdout);
		_exit(status);
	}
	waitpid(child, &status, 0);
	t_is("all the same when interpreted", status, 0);
}

int main(void)
{
	struct regex_env *env;

	test_interpreter();
	env = regex_env_new();
	test_all(env);
	test_long(env);
	test_watch(env);
	test_fuel(env);
	regex_env_free(env);
	return t_done();
}
