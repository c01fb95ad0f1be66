// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What user space is shown: messages that came in, with every byte that there is
 * room for, and what the server answered; and what it is not shown.  A ring that
 * nobody empties costs events, never packets; who says when he reads is not woken up.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>

#include "sip.h"

#define FROM4	"eth ip4:192.0.2.7 udp:5060"
#define FROM6	"eth qinq vlan ip6:2001:db8::7 udp:5061"
#define REGISTER "REGISTER sip:pbx SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n"

struct seen {
	unsigned int n;
	struct sensor_event ev;		/* the last one */
	char text[SIP_TEXT_MAX + 1];
};

static void keep(void *ctx, const struct sensor_event *ev)
{
	struct seen *seen = ctx;

	seen->n++;
	seen->ev = *ev;
	memcpy(seen->text, ev->text, ev->len);
	seen->text[ev->len] = '\0';
}

static struct seen read_all(struct sip_stage *s)
{
	struct seen seen = { 0 };

	int n = sensor_read(s->sensor, 1 << 20, keep, &seen);

	t_is("events are read", n, seen.n);
	return seen;
}

static void stand(struct sip_stage *s, const char *who, enum sip_standing standing,
		  boot_t quiet_until)
{
	struct sensor_entry e = { sip_address(who), standing, BOOT_NEVER, quiet_until };

	t_is(who, sensor_set(s->sensor, &e, 1), 0);
}

static void check_incoming(struct sip_stage *s)
{
	static const struct { const char *frame, *peer; uint16_t our_port; } rows[] = {
		{ FROM4, "192.0.2.7", 5060 }, { FROM6, "2001:db8::7", 5061 },
		{ "eth ip4:192.0.2.7,options=8 udp:5060", "192.0.2.7", 5060 },
		{ "eth ip6:2001:db8::7 hop dst udp:5060", "2001:db8::7", 5060 },
	};
	char text[IPADDR_TEXT];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct seen seen;

		t_is("it passes", sip_send(s, rows[i].frame, REGISTER, 1), 1);
		seen = read_all(s);
		t_is("one event", seen.n, 1);
		t_str("from", ipaddr_format(&seen.ev.peer, text), rows[i].peer);
		t_is("its port", seen.ev.peer_port, 0xc000);
		t_is("our port", seen.ev.our_port, rows[i].our_port);
		t_is("protocol", seen.ev.protocol, IPPROTO_UDP);
		t_is("class", seen.ev.class, SIP_REGISTER);
		t_is("verdict", seen.ev.verdict, SIP_PASS_UNKNOWN);
		t_is("standing", seen.ev.standing, SIP_UNKNOWN);
		t_is("signature", seen.ev.signature, -1);
		t_ok("it came in", !seen.ev.out && !seen.ev.status);
		t_is("length", (int64_t)seen.ev.wire_len, (int64_t)strlen(REGISTER));
		t_str("text", seen.text, REGISTER);
		t_ok("when", seen.ev.when.ns + NS_PER_S > s->now.ns &&
		     seen.ev.when.ns < s->now.ns + NS_PER_S);
	}
}

/* Of every length: all bytes that there are, and none that are not. */
static void check_lengths(struct sip_stage *s)
{
	static char text[SIP_TEXT_MAX + 100];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i * 7 % 26);
	memcpy(text, "OPTIONS ", 8);
	for (size_t len = 8; len < sizeof(text); len += len < 40 || len > 1000 ? 1 : 13) {
		size_t shown = len < SIP_TEXT_MAX ? len : SIP_TEXT_MAX;
		struct packet p;
		struct seen seen;

		sip_build(&p, FROM4, text, len);
		packet_grow(&p, 10);	/* what is behind the message is not in it */
		t_ok("it passes", sip_passes(s, &p));
		seen = read_all(s);
		t_ok("the message, and no more", seen.n == 1 && seen.ev.len == shown &&
		     seen.ev.wire_len == len && !memcmp(seen.text, text, shown));
	}
}

static void check_who_is_shown(struct sip_stage *s)
{
	boot_t later = { s->now.ns + 60 * NS_PER_S };
	struct ipaddr trusted = sip_address("192.0.2.11");

	stand(s, "192.0.2.8", SIP_KNOWN, (boot_t){ 0 });
	stand(s, "192.0.2.9", SIP_KNOWN, later);
	stand(s, "192.0.2.10", SIP_PENALTY, later);
	sensor_trust(s->sensor, &trusted, 1);
	t_is("known", sip_send(s, "eth ip4:192.0.2.8 udp:5060", REGISTER, 3), 3);
	t_is("is shown", read_all(s).n, 3);
	t_is("known and quiet", sip_send(s, "eth ip4:192.0.2.9 udp:5060", REGISTER, 3), 3);
	t_is("is not", read_all(s).n, 0);
	t_is("limited", sip_send(s, "eth ip4:192.0.2.10 udp:5060", REGISTER, 3), 3);
	t_is("is, as far as it passes", read_all(s).n, 3);
	t_is("trusted", sip_send(s, "eth ip4:192.0.2.11 udp:5060", REGISTER, 3), 3);
	t_is("is not", read_all(s).n, 0);
	sip_later(s, 61);
	sip_send(s, "eth ip4:192.0.2.9 udp:5060", REGISTER, 1);
	t_is("quiet no more", read_all(s).n, 1);
	sip_send(s, FROM4, "\r\n\r\n", 5);
	t_is("keep-alives are not shown", read_all(s).n, 0);
	sip_send(s, "eth ip4:192.0.2.7 udp:9999", REGISTER, 5);
	t_is("nor what is not for us", read_all(s).n, 0);
}

static bool wakes(struct sip_stage *s, int ms)
{
	struct pollfd p = { .fd = sensor_fd(s->sensor), .events = POLLIN };

	return poll(&p, 1, ms) > 0;
}

/* Who said when he will read is not woken up before; he finds everything. */
static void check_waking(struct sip_stage *s)
{
	enum { LONG = 10000, AT_ONCE = 0 };

	sip_later(s, 3600);
	t_ok("nothing has been shown", !read_all(s).n && !wakes(s, AT_ONCE));
	sip_send(s, FROM4, REGISTER, 1);
	t_ok("a message wakes", wakes(s, LONG));
	t_is("it is there", read_all(s).n, 1);
	t_ok("then all is quiet", !wakes(s, AT_ONCE));
	sensor_reads_at(s->sensor, (boot_t){ boot_now().ns + 3600 * NS_PER_S });
	sip_send(s, FROM4, REGISTER, 5);
	t_is("answered", sip_answer(s, FROM4, "SIP/2.0 401 No\r\n\r\n"), -1);
	t_ok("who reads anyway sleeps on", !wakes(s, AT_ONCE));
	t_is("and misses nothing", read_all(s).n, 6);
	sip_send(s, FROM4, REGISTER, 1);
	sensor_reads_at(s->sensor, (boot_t){ boot_now().ns });
	sip_send(s, FROM4, REGISTER, 1);
	t_ok("a promise that is over wakes, although something was there", wakes(s, LONG));
	t_is("both are there", read_all(s).n, 2);
}

/* ---- on the way out ------------------------------------------------------------------ */

static const struct { const char *text; unsigned int status; enum sip_class class; } shown[] = {
	{ "SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n\r\n", 200, SIP_RESPONSE },
	{ "SIP/2.0 401 Unauthorized\r\n\r\n", 401, SIP_RESPONSE },
	{ "SIP/2.0 403 Forbidden\r\n\r\n", 403, SIP_RESPONSE },
	{ "SIP/2.0 404 Not Found\r\n\r\n", 404, SIP_RESPONSE },
	{ "SIP/2.0 407 Proxy Authentication Required\r\n\r\n", 407, SIP_RESPONSE },
	{ "SIP/2.0 484 Address Incomplete\r\n\r\n", 484, SIP_RESPONSE },
	{ "INVITE sip:bob@phone SIP/2.0\r\n\r\n", 0, SIP_INVITE },
	{ "REGISTER sip:provider SIP/2.0\r\n\r\n", 0, SIP_REGISTER },
	{ "OPTIONS sip:bob@phone SIP/2.0\r\n\r\n", 0, SIP_OPTIONS },
};

static const char *const not_shown[] = {
	"SIP/2.0 100 Trying\r\n\r\n", "SIP/2.0 180 Ringing\r\n\r\n",
	"SIP/2.0 486 Busy Here\r\n\r\n", "/2.0 200 OK\r\n\r\n",
	"SIP/2.0 20x OK\r\n\r\n", "NOTIFY sip:bob@phone SIP/2.0\r\n\r\n",
	"BYE sip:bob@phone SIP/2.0\r\n\r\n", "not SIP at all, but as long", "\r\n\r\n", "",
};

static void check_answers(struct sip_stage *s)
{
	static const char *const frames[] = { FROM4, "eth ip6:2001:db8::7 udp:5061" };
	static const char *const peers[] = { "192.0.2.7", "2001:db8::7" };
	char text[IPADDR_TEXT];

	for (size_t f = 0; f < ARRAY_SIZE(frames); f++) {
		for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
			struct seen seen;

			t_is("it goes on", sip_answer(s, frames[f], shown[i].text), -1);
			seen = read_all(s);
			t_is(shown[i].text, seen.n, 1);
			t_is("status", seen.ev.status, shown[i].status);
			t_is("class", seen.ev.class, shown[i].class);
			t_ok("it went out", seen.ev.out && seen.ev.protocol == IPPROTO_UDP);
			t_str("to", ipaddr_format(&seen.ev.peer, text), peers[f]);
			t_is("its port", seen.ev.peer_port, 0xc000);
			t_is("our port", seen.ev.our_port, f ? 5061 : 5060);
			t_str("text", seen.text, shown[i].text);
		}
		for (size_t i = 0; i < ARRAY_SIZE(not_shown); i++) {
			t_is("it goes on", sip_answer(s, frames[f], not_shown[i]), -1);
			t_is(not_shown[i], read_all(s).n, 0);
		}
	}
	t_is("another port", sip_answer(s, "eth ip4:192.0.2.7 udp:5999", shown[0].text), -1);
	t_is("is not looked at", read_all(s).n, 0);
}

static void check_who_is_answered(struct sip_stage *s)
{
	boot_t later = { s->now.ns + 60 * NS_PER_S };
	struct ipaddr trusted = sip_address("192.0.2.0/24");

	t_is("nobody is trusted", sensor_trust(s->sensor, NULL, 0), 0);
	stand(s, "192.0.2.7", SIP_KNOWN, later);
	sip_answer(s, FROM4, shown[0].text);
	t_is("to the known, while they are quiet", read_all(s).n, 0);
	sip_later(s, 61);
	sip_answer(s, FROM4, shown[0].text);
	t_is("and then", read_all(s).n, 1);
	stand(s, "192.0.2.7", SIP_PENALTY, later);
	sip_answer(s, FROM4, shown[0].text);
	t_is("to the limited", read_all(s).ev.standing, SIP_PENALTY);
	sensor_unset(s->sensor, &(struct ipaddr){ .family = 4, .prefix = 32,
						  .bytes = { 192, 0, 2, 7 } }, 1);
	sensor_trust(s->sensor, &trusted, 1);
	sip_answer(s, FROM4, shown[0].text);
	t_is("to a trusted network", read_all(s).n, 0);
	t_is("nobody is trusted", sensor_trust(s->sensor, NULL, 0), 0);
}

/* A segment of TCP, as the server sends it. */
static void build_segment(struct packet *p, unsigned int options, const char *text)
{
	packet_build(p, "eth ip4:192.0.2.254 tcp:50000");
	memcpy(p->bytes + 30, "\xc0\x00\x02\x07", 4);
	p->bytes[34] = 5060 >> 8;
	p->bytes[35] = 5060 & 255;
	p->bytes[34 + 12] = (uint8_t)((5 + options) << 4);
	packet_grow(p, options * 4);
	memcpy(packet_grow(p, strlen(text)), text, strlen(text));
}

static void check_tcp(struct sip_stage *s)
{
	struct packet p;
	struct seen seen;

	for (unsigned int options = 0; options <= 10; options++) {
		build_segment(&p, options, shown[1].text);
		t_is("it goes on", sip_run(s, s->x->out_fd, p.bytes, p.len), -1);
		seen = read_all(s);
		t_is("an answer by TCP", seen.n, 1);
		t_is("is one", seen.ev.protocol, IPPROTO_TCP);
		t_str("whole", seen.text, shown[1].text);
	}
	build_segment(&p, 3, shown[6].text);
	sip_run(s, s->x->out_fd, p.bytes, p.len);
	t_is("but what we begin there is not", read_all(s).n, 0);
}

/* Cut off at every byte, nothing is stopped, and only what is whole is shown. */
static void check_cuts(struct sip_stage *s)
{
	size_t stopped = 0;
	struct packet p;

	build_segment(&p, 10, shown[1].text);
	for (size_t len = 14; len < p.len; len++) {
		int ret = sip_run(s, s->x->out_fd, p.bytes, len);

		/* The kernel lets nobody test with less than an IP header. */
		stopped += ret != -1 && !(ret == -EINVAL && len < 14 + 20);
	}
	t_is("nothing is stopped", (int64_t)stopped, 0);
	sip_drain(s);
}

/* ---- nobody reads --------------------------------------------------------------------- */

static void check_full(struct sip_stage *s)
{
	static char text[1000];
	struct sensor_counts before = sip_counts(s), after;
	unsigned int n = 3 * SIP_RING_BYTES / 1000;
	int got;

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "INVITE ", 7);
	t_is("with a full ring, all still pass", sip_send(s, FROM4, text, n), n);
	after = sip_counts(s);
	t_ok("some were shown", after.events > before.events);
	t_ok("and some lost", after.events_lost > before.events_lost);
	t_is("which is all of them", (int64_t)(after.events + after.events_lost - before.events -
					       before.events_lost), n);
	t_is("some are read", sensor_read(s->sensor, 10, sip_ignore, NULL), 10);
	t_is("and more", sensor_read(s->sensor, 1, sip_ignore, NULL), 1);
	got = sip_drain(s);
	t_is("the rest", got, (int64_t)(after.events - before.events) - 11);
	t_is("then there is none", sip_drain(s), 0);
	sip_send(s, FROM4, text, 1);
	t_is("and then again", sip_drain(s), 1);
}

/* ---- who is limited most ---------------------------------------------------------------- */

static void check_heavy(struct sip_stage *s)
{
	struct sensor_heavy top[4];
	char text[IPADDR_TEXT];

	s->set.source[SIP_OPTIONS] = SIP_ONLY(1);
	t_is("settings", sensor_configure(s->sensor, &s->set), 0);
	sip_send(s, "eth ip4:192.0.2.70 udp:5060", "OPTIONS sip:a SIP/2.0\r\n\r\n", 6400);
	sip_send(s, "eth ip4:192.0.2.71 udp:5060", "OPTIONS sip:a SIP/2.0\r\n\r\n", 1280);
	sip_send(s, "eth ip6:2001:db8:5::1 udp:5060", "OPTIONS sip:a SIP/2.0\r\n\r\n", 12800);
	t_is("three", sensor_heavy(s->sensor, top, ARRAY_SIZE(top)), 3);
	t_str("the one with most", ipaddr_format(&top[0].who, text), "2001:db8:5::1");
	t_str("the next", ipaddr_format(&top[1].who, text), "192.0.2.70");
	t_ok("about so many", top[1].messages + SIP_HEAVY_SAMPLE >= 6400 &&
	     top[1].messages <= 6400 + SIP_HEAVY_SAMPLE);
	t_is("and their bytes", (int64_t)(top[1].bytes / top[1].messages), 25);
	t_is("the first", sensor_heavy(s->sensor, top, 1), 1);
	t_str("is it", ipaddr_format(&top[0].who, text), "2001:db8:5::1");
}

static bool play(bool one_buffer)
{
	struct sip_stage s;

	if (!sip_set_up(&s, one_buffer))
		return false;
	/* Limits are another test's. */
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		s.set.source[i] = s.set.all[i] = (struct sensor_rate){ 0 };
	s.set.known = s.set.penalty = (struct sensor_rate){ 0 };
	t_is("settings", sensor_configure(s.sensor, &s.set), 0);
	check_incoming(&s);
	check_lengths(&s);
	check_who_is_shown(&s);
	check_waking(&s);
	check_answers(&s);
	check_who_is_answered(&s);
	check_tcp(&s);
	check_cuts(&s);
	check_full(&s);
	check_heavy(&s);
	sip_tear_down(&s);
	return true;
}

int main(void)
{
	return sip_play(play);
}
