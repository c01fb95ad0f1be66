// SPDX-License-Identifier: GPL-2.0-or-later
/* ipt_chain - our chain, by way of iptables' own programs. */
#include "ipt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "xdpban/bpf_abi.h"

/* Seconds to wait while another iptables holds the lock. */
#define LOCK_WAIT	"5"

/* ---- running a program --------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int start(const char *const argv[], int in, int out, pid_t *pid)
{
	/* Nothing of ours but a PATH with the programs that we mean. */
	static char *const env[] = { (char *)"PATH=/usr/sbin:/sbin:/usr/bin:/bin",
				     (char *)"LC_ALL=C", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int err;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	err = -posix_spawnp(pid, argv[0], &files, &attr, (char *const *)argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return err;
}

static int finish(pid_t pid, int out, struct str *output)
{
	char buf[16384];
	int status;
	ssize_t n;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (output && lseek(out, 0, SEEK_SET) == 0)
		while ((n = read(out, buf, sizeof(buf))) > 0)
			str_add(output, buf, (size_t)n);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* Files in memory instead of pipes: neither side can be kept waiting. */
int ipt_run(const char *const argv[], const struct str *input, struct str *output)
{
	int in = memfd_create("input", MFD_CLOEXEC);
	int out = memfd_create("output", MFD_CLOEXEC);
	int ret = in < 0 || out < 0 ? -errno : 0;
	pid_t pid;

	if (!ret && input && input->failed)
		ret = -ENOMEM;
	if (!ret && input && input->len)
		ret = write_all(in, input->s, input->len);
	if (!ret)
		ret = start(argv, in, out, &pid);
	if (!ret)
		ret = finish(pid, out, output);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

/* ---- what a scope matches ------------------------------------------------------------------ */

#define RANGES	7	/* multiport takes 15 numbers, a range is two */

static bool has_protocol(const struct enforce_scope *s, unsigned int p)
{
	return s->protocols[p / 8] >> p % 8 & 1;
}

static void port_matches(const struct enforce_scope *s, unsigned int protocol,
			 ipt_match_fn *fn, void *ctx)
{
	char match[32 + RANGES * sizeof("65535:65535,")];

	for (unsigned int i = 0; i < s->n_ports; i += RANGES) {
		int len = snprintf(match, sizeof(match), "-p %u -m multiport --dports ",
				   protocol);

		for (unsigned int j = i; j < s->n_ports && j < i + RANGES; j++) {
			len += snprintf(match + len, sizeof(match) - len, "%s%u",
					j > i ? "," : "", s->ports[j].first);
			if (s->ports[j].last != s->ports[j].first)
				len += snprintf(match + len, sizeof(match) - len, ":%u",
						s->ports[j].last);
		}
		snprintf(match + len, sizeof(match) - len, " ");
		fn(ctx, match);
	}
}

void ipt_matches(const struct enforce_scope *s, int family, ipt_match_fn *fn, void *ctx)
{
	char match[32];

	if (!s) {
		fn(ctx, "");
		return;
	}
	for (unsigned int p = 0; p < 256; p++) {
		bool ports = s->n_ports && has_ports((__u8)p);

		if (!has_protocol(s, p))
			continue;
		if (ports)
			port_matches(s, p, fn, ctx);
		snprintf(match, sizeof(match), "-p %u %s", p, ports ? "-f " : "");
		/* Later fragments hide their ports; iptables knows them in IPv4 only. */
		if (!ports || family == 4)
			fn(ctx, match);
	}
}

/* ---- the chain --------------------------------------------------------------------- */

static const char *program(int family, const char *four, const char *six)
{
	return family == 4 ? four : six;
}

bool ipt_chain_jumped(int family)
{
	const char *const argv[] = {
		program(family, "iptables", "ip6tables"), "-w", LOCK_WAIT, "-t", "raw",
		"-C", "PREROUTING", "-j", IPT_CHAIN, NULL,
	};

	return ipt_run(argv, NULL, NULL) == 0;
}

void ipt_chain_begin(struct str *text)
{
	str_reset(text);
	str_puts(text, "*raw\n:" IPT_CHAIN " - [0:0]\n");
}

static int restore(int family, const struct str *text)
{
	const char *const argv[] = {
		program(family, "iptables-restore", "ip6tables-restore"),
		"-w", LOCK_WAIT, "--noflush", "--counters", NULL,
	};
	struct str said = { 0 };
	int ret = ipt_run(argv, text, &said);

	if (ret > 0) {
		log_info("iptables: %s says: %.*s", argv[0],
			 (int)strcspn(said.s ? said.s : "", "\n"), said.s ? said.s : "");
		ret = -EPROTO;
	}
	str_fini(&said);
	return ret;
}

int ipt_chain_commit(int family, struct str *text)
{
	if (!ipt_chain_jumped(family))
		str_puts(text, "-I PREROUTING -j " IPT_CHAIN "\n");
	str_puts(text, "COMMIT\n");
	return restore(family, text);
}

int ipt_chain_read(int family, struct str *text)
{
	const char *const argv[] = {
		program(family, "iptables-save", "ip6tables-save"), "-c", "-t", "raw", NULL,
	};
	int ret = ipt_run(argv, NULL, text);

	str_putc(text, '\0');
	return ret > 0 ? -EPROTO : ret ? ret : text->failed ? -ENOMEM : 0;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		n++;
	}
	return n;
}

bool ipt_chain_right(int family, size_t n_rules)
{
	struct str text = { 0 };
	bool right = !ipt_chain_read(family, &text) &&
		     count(text.s, "-A " IPT_CHAIN " ") == n_rules &&
		     count(text.s, "-A PREROUTING -j " IPT_CHAIN "\n") == 1;

	str_fini(&text);
	return right;
}

int ipt_chain_remove(int family)
{
	struct str text = { 0 };
	int ret = ipt_chain_read(family, &text);
	size_t jumps;

	if (!ret && !strstr(text.s, ":" IPT_CHAIN " "))
		ret = -ENOENT;
	jumps = ret ? 0 : count(text.s, "-A PREROUTING -j " IPT_CHAIN "\n");
	ipt_chain_begin(&text);
	while (jumps--)
		str_puts(&text, "-D PREROUTING -j " IPT_CHAIN "\n");
	str_puts(&text, "-X " IPT_CHAIN "\nCOMMIT\n");
	if (!ret)
		ret = restore(family, &text);
	str_fini(&text);
	return ret;
}
