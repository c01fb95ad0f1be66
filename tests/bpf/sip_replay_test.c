// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Real attacks on a real Asterisk, frame by frame through both programs, with the
 * captures' own time: every attacker is limited within its first LIMITED_WITHIN
 * messages, and nothing of anybody else is ever dropped.  The .json beside each
 * capture says who is who.
 *
 * Each flood is played twice: with the sensor alone, and with the code that decides
 * in user space who is known; what holds no attack only with it, since its phones
 * register many times a second, as no stranger may.
 *
 *	sip_replay_test [DIRECTORY]	else $PCAP, or ../shared/pcap
 */
#include <arpa/inet.h>
#include <glob.h>
#include <jansson.h>

#include "capture.h"
#include "sip.h"
#include "sip/exchange.h"

#define LIMITED_WITHIN	50
#define HOSTS_MAX	4096

struct host {
	struct ipaddr who;
	bool attacks;
	unsigned int messages;		/* to the server, SIP */
	unsigned int first_dropped;	/* which of them, from 1; 0: none */
	unsigned int dropped;		/* frames, SIP or not */
};

struct replay {
	struct sip_stage s;
	const char *name;
	struct ipaddr server[4];
	size_t n_server, n_hosts;
	struct host hosts[HOSTS_MAX];
	struct challenges *challenges;
	struct exchanges *exchanges;	/* NULL: nobody becomes known */
	unsigned int known, strangers;
};

/* ---- who is who ------------------------------------------------------------------ */

static void add_hosts(struct replay *r, const json_t *list, bool attacks)
{
	const char *who;
	json_t *v;

	json_object_foreach((json_t *)list, who, v)
		if (r->n_hosts < HOSTS_MAX)
			r->hosts[r->n_hosts++] = (struct host){ sip_address(who), attacks };
}

static bool read_truth(struct replay *r, const char *capture)
{
	char path[PATH_MAX];
	json_t *truth, *v;
	size_t i;

	snprintf(path, sizeof(path), "%.*s.json", (int)(strlen(capture) - strlen(".pcap.gz")),
		 capture);
	truth = json_load_file(path, 0, NULL);
	add_hosts(r, json_object_get(truth, "attackers"), true);
	add_hosts(r, json_object_get(truth, "legitimate"), false);
	json_array_foreach(json_object_get(json_object_get(truth, "server"), "ips"), i, v)
		if (r->n_server < ARRAY_SIZE(r->server))
			r->server[r->n_server++] = sip_address(json_string_value(v));
	json_decref(truth);
	return r->n_server && r->n_hosts;
}

static struct host *find_host(struct replay *r, const struct ipaddr *who)
{
	for (size_t i = 0; i < r->n_hosts; i++)
		if (ipaddr_equal(&r->hosts[i].who, who))
			return &r->hosts[i];
	return NULL;
}

static bool is_server(const struct replay *r, const struct ipaddr *who)
{
	for (size_t i = 0; i < r->n_server; i++)
		if (ipaddr_equal(&r->server[i], who))
			return true;
	return false;
}

/* ---- frames ------------------------------------------------------------------------ */

/* Source and destination; where UDP begins, or NULL. */
static const uint8_t *take_apart(const struct capture_frame *f, struct ipaddr *from,
				 struct ipaddr *to)
{
	const uint8_t *ip = f->bytes + 14;
	bool v4 = f->bytes[12] == 0x08 && f->bytes[13] == 0x00;

	*from = *to = (struct ipaddr){ .family = v4 ? 4 : 6, .prefix = v4 ? 32 : 128 };
	if (f->len < 62 || (!v4 && f->bytes[12] != 0x86))
		return NULL;
	memcpy(from->bytes, ip + (v4 ? 12 : 8), v4 ? 4 : 16);
	memcpy(to->bytes, ip + (v4 ? 16 : 24), v4 ? 4 : 16);
	if (v4 ? ip[9] != 17 || ip[0] != 0x45 : ip[6] != 17)
		return NULL;
	return ip + (v4 ? 20 : 40);
}

static void incoming(struct replay *r, const struct capture_frame *f, struct host *h,
		     const uint8_t *udp)
{
	bool passes = sip_run(&r->s, r->s.x->prog_fd, f->bytes, f->len) == XDP_PASS;

	h->messages += udp && udp[2] == 5060 >> 8 && udp[3] == (5060 & 255);
	h->dropped += !passes;
	if (!passes && !h->first_dropped)
		h->first_dropped = h->messages;
}

/* ---- what user space makes of it ------------------------------------------------------- */

static void on_event(void *ctx, const struct sensor_event *ev)
{
	struct replay *r = ctx;
	struct exchange_result result;
	struct sip_message m;
	struct exchange_seen seen = { ev->peer, ev->out, ev->protocol == 6, ev->when, &m };
	struct sensor_entry known = { ev->peer, SIP_KNOWN, BOOT_NEVER, BOOT_NEVER };

	if (!r->exchanges || sip_message_read(&m, ev->text, ev->len))
		return;
	if (exchanges_see(r->exchanges, &seen, &result) != EXCHANGE_SUCCEEDED)
		return;
	r->known++;
	t_is("somebody becomes known", sensor_set(r->s.sensor, &known, 1), 0);
}

static void play_frame(struct replay *r, const struct capture_frame *f)
{
	struct ipaddr from, to;
	const uint8_t *udp = take_apart(f, &from, &to);
	struct host *h = find_host(r, &from);

	if (is_server(r, &from))
		sip_run(&r->s, r->s.x->out_fd, f->bytes, f->len);
	else if (h)
		incoming(r, f, h, udp);
	else
		r->strangers++;
	sensor_read(r->s.sensor, 1000, on_event, r);
}

static void play_frames(struct replay *r, struct capture *c)
{
	static struct capture_frame f;
	uint64_t first = 0;

	while (capture_next(c, &f)) {
		if (!first)
			first = f.ns;
		r->s.now.ns = r->s.start.ns + (f.ns - first);
		play_frame(r, &f);
	}
}

/* ---- the outcome ---------------------------------------------------------------------- */

static void check_hosts(struct replay *r)
{
	unsigned int late = 0, hurt = 0, attackers = 0, worst = 0;
	char text[IPADDR_TEXT];

	for (size_t i = 0; i < r->n_hosts; i++) {
		const struct host *h = &r->hosts[i];
		bool limited = h->first_dropped && h->first_dropped <= LIMITED_WITHIN;

		attackers += h->attacks;
		if (h->attacks && h->first_dropped > worst)
			worst = h->first_dropped;
		if (h->attacks ? !limited && h->messages > 0 : h->dropped) {
			late += h->attacks;
			hurt += !h->attacks;
			printf("%s: %s (%s): %u messages, %u dropped, first %u\n", r->name,
			       ipaddr_format(&h->who, text), h->attacks ? "attacks" : "legitimate",
			       h->messages, h->dropped, h->first_dropped);
		}
	}
	printf("%s: %u attackers, the last was limited at message %u; %u others, %u became known\n",
	       r->name, attackers, worst, (unsigned int)r->n_hosts - attackers, r->known);
	t_is("attackers that were not limited in time", late, 0);
	t_is("others of whom something was dropped", hurt, 0);
}

static bool play(const char *path, bool user_space)
{
	struct replay *r = calloc(1, sizeof(*r));
	bool loaded = r && sip_set_up(&r->s, false);
	struct capture c;

	if (!loaded)
		return false;
	r->name = strrchr(path, '/') + 1;
	r->challenges = challenges_new(65536);
	r->exchanges = user_space ? exchanges_new(65536, r->challenges) : NULL;
	t_ok("the truth can be read", read_truth(r, path));
	if (t_ok("so can the capture", capture_open(&c, path)) == 0)
		play_frames(r, &c);
	check_hosts(r);
	gzclose(c.file);
	exchanges_free(r->exchanges);
	challenges_free(r->challenges);
	sip_tear_down(&r->s);
	free(r);
	return true;
}

static bool play_all(const char *dir, const char *pattern, bool user_space)
{
	char path[PATH_MAX];
	glob_t found;
	bool loaded = true;

	snprintf(path, sizeof(path), "%s/%s", dir, pattern);
	if (glob(path, 0, NULL, &found))
		return true;
	for (size_t i = 0; i < found.gl_pathc && loaded; i++)
		loaded = play(found.gl_pathv[i], user_space);
	globfree(&found);
	return loaded;
}

int main(int argc, char **argv)
{
	const char *dir = argc > 1 ? argv[1] : getenv("PCAP");

	if (!dir)
		dir = "../shared/pcap";
	if (access(dir, R_OK)) {
		printf("no captures in %s\n", dir);
		return 77;
	}
	if (!play_all(dir, "flood-*.pcap.gz", false)) {
		puts("this kernel or user cannot load the program with the sensor");
		return 77;
	}
	play_all(dir, "flood-*.pcap.gz", true);
	play_all(dir, "legit-only-*.pcap.gz", true);
	return t_done();
}
