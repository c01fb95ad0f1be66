// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * event - report somebody to a jail, from a script.
 * One datagram to the events socket (docs/events.md), as every program can send it.
 * Nobody answers that, so what the daemon would refuse is refused here, and root,
 * who may ask, hears when there is no such jail.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ipaddr.h"
#include "event/notice.h"
#include "out.h"

#define PATIENCE_S	2	/* for a daemon that has its hands full */

/* "MEMBER=VALUE" into @event; false: there is no such member or value. */
static bool set_member(json_t *event, const char *word)
{
	static const char *const texts[] = { "what", "transport", "user", "text" };
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value++ - word) : 0;
	char *end;
	double n;

	for (size_t i = 0; value && i < ARRAY_SIZE(texts); i++)
		if (strlen(texts[i]) == len && !memcmp(texts[i], word, len))
			return !json_object_set_new(event, texts[i], json_string(value));
	if (value && starts_with(word, "time=")) {
		n = strtod(value, &end);
		return *value && !*end &&
		       !json_object_set_new(event, "time", json_real(n));
	}
	return (streq(word, "proven=yes") || streq(word, "proven=no")) &&
	       !json_object_set_new(event, "proven", json_boolean(streq(value, "yes")));
}

/* 0 or -errno. */
static int send_to(const char *path, const char *text)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd, err = 0;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (sendto(fd, text, strlen(text), 0, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* Beside the control socket, as the daemon has it. */
static int deliver(const struct cli *c, const char *text)
{
	const char *control = c->opt[OPT_SOCKET], *slash = strrchr(control, '/');
	char *path;
	int err;

	if (asprintf(&path, "%.*sevents.sock", slash ? (int)(slash - control + 1) : 0,
		     control) < 0)
		return cli_fail("event: out of memory");
	err = send_to(path, text);
	if (err == -ENOENT || err == -ECONNREFUSED)
		cli_fail("event: nobody listens at %s: is the daemon running?", path);
	else if (err == -EACCES)
		cli_fail("event: %s is for root and events-group (xdpban.conf)", path);
	else if (err)
		cli_fail("event: cannot send to %s: %s", path, strerror(-err));
	free(path);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static void ignore(void *ctx, const json_t *row)
{
	(void)ctx, (void)row;
}

static int judge(const char *text)
{
	struct notice parsed;
	const char *why;

	return notice_parse(text, strlen(text), &parsed, &why) ?
	       cli_usage("event: %s", why) : EXIT_DONE;
}

/* Asked behind the event, which waits for nobody; in doubt it has arrived. */
static int jail_runs(const struct cli *c, const char *jail)
{
	json_t *req = json_pack("{s:s, s:s, s:s}", "verb", "get", "jail", jail, "option",
				"maxretry");
	char why[512] = "";
	int err = ctl_request(c->opt[OPT_SOCKET], req, ignore, NULL, why, sizeof(why));

	return err == -EREMOTEIO ? cli_fail("event: %s", why) : EXIT_DONE;
}

int cmd_event(struct cli *c, int argc, char **argv)
{
	json_t *event = json_pack("{s:s, s:s}", "jail", argv[0], "ip", argv[1]);
	struct ipaddr who;
	char *text;
	int status;

	if (!event)
		return cli_usage("event: '%s' is no text in UTF-8", argv[0]);
	status = ipaddr_parse(argv[1], strlen(argv[1]), &who) ?
		 cli_usage("event: '%s' is not an address", argv[1]) : EXIT_DONE;
	for (int i = 2; i < argc && !status; i++)
		if (!set_member(event, argv[i]))
			status = cli_usage("event: '%s' is not one of what=failure|success, "
					   "transport=NAME, proven=yes|no, time=SECONDS, "
					   "user=NAME, text=TEXT", argv[i]);
	text = status ? NULL : json_dumps(event, JSON_COMPACT);
	if (!status)
		status = text ? judge(text) : cli_fail("event: out of memory");
	if (!status)
		status = deliver(c, text);
	if (!status)
		status = jail_runs(c, argv[0]);
	free(text);
	json_decref(event);
	return status;
}
