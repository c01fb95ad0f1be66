// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the sensor takes a message for, and that it looks at nothing else: every
 * class, wherever the message may be in a frame, cut off at every byte.
 * Nothing that is valid is ever dropped for its form.
 */
#include "sip.h"
#include "torture.h"

#define FROM4	"eth ip4:192.0.2.7 udp:5060"
#define FROM6	"eth ip6:2001:db8::7 udp:5060"

struct text_row {
	const char *what, *text;
	enum sip_class class;
};

#define REST " sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 1 X\r\n\r\n"

static const struct text_row text_rows[] = {
	{ "REGISTER", "REGISTER" REST, SIP_REGISTER },
	{ "INVITE", "INVITE" REST, SIP_INVITE },
	{ "SUBSCRIBE", "SUBSCRIBE" REST, SIP_INVITE },
	{ "MESSAGE", "MESSAGE" REST, SIP_INVITE },
	{ "PUBLISH", "PUBLISH" REST, SIP_INVITE },
	{ "REFER", "REFER" REST, SIP_INVITE },
	{ "NOTIFY", "NOTIFY" REST, SIP_INVITE },
	{ "OPTIONS", "OPTIONS" REST, SIP_OPTIONS },
	{ "ACK", "ACK" REST, SIP_DIALOG },
	{ "BYE", "BYE" REST, SIP_DIALOG },
	{ "CANCEL", "CANCEL" REST, SIP_DIALOG },
	{ "PRACK", "PRACK" REST, SIP_DIALOG },
	{ "UPDATE", "UPDATE" REST, SIP_DIALOG },
	{ "INFO", "INFO" REST, SIP_DIALOG },
	{ "a response", "SIP/2.0 200 OK\r\n\r\n", SIP_RESPONSE },
	{ "a response of another version", "SIP/7.0 200 OK\r\n\r\n", SIP_RESPONSE },
	{ "a response without a reason", "SIP/2.0 100 \r\n\r\n", SIP_RESPONSE },
	{ "in small letters", "invite" REST, SIP_INVITE },
	{ "in all sorts of letters", "rEgIsTeR" REST, SIP_REGISTER },
	{ "behind an empty line", "\r\nOPTIONS" REST, SIP_OPTIONS },
	{ "behind many", "\r\n\r\n\r\n\r\n\r\n\r\n\r\nINVITE" REST, SIP_INVITE },
	{ "behind blanks", "  \tREGISTER" REST, SIP_REGISTER },
	{ "behind more blanks than we follow",
	  "                                     INVITE" REST, SIP_OTHER },
	{ "a method that we do not know", "NEWMETHOD" REST, SIP_OTHER },
	{ "a method of one letter", "Q" REST, SIP_OTHER },
	{ "a method that begins as another", "INVITEES" REST, SIP_INVITE },
	{ "a short method that begins as another", "BYEBYE" REST, SIP_OTHER },
	{ "not SIP", "GET / HTTP/1.1\r\n\r\n", SIP_OTHER },
	{ "bytes", "\x80\x01\xff\xfe\x01\x02\x03\x04\x05", SIP_OTHER },
	{ "nothing", "", SIP_KEEPALIVE },
	{ "an empty line", "\r\n", SIP_KEEPALIVE },
	{ "two", "\r\n\r\n", SIP_KEEPALIVE },
	{ "twelve", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", SIP_KEEPALIVE },
	{ "a short word", "jaK", SIP_KEEPALIVE },
	{ "STUN", "\x01\x01\x01\x08\x21\x12\xa4\x42" "123456789012", SIP_KEEPALIVE },
	{ "what only begins as STUN", "\x01\x01\x01\x08\x21\x12\xa4\x43" "123456789012",
	  SIP_OTHER },
};

struct frame_row {
	const char *what, *frame;
	bool sees;
};

static const struct frame_row frame_rows[] = {
	{ "IPv4", FROM4, true },
	{ "IPv6", FROM6, true },
	{ "the other port", "eth ip4:192.0.2.7 udp:5061", true },
	{ "another port", "eth ip4:192.0.2.7 udp:5062", false },
	{ "an RTP port", "eth ip4:192.0.2.7 udp:15060", false },
	{ "a tag", "eth vlan ip4:192.0.2.7 udp:5060", true },
	{ "QinQ", "eth qinq vlan ip4:192.0.2.7 udp:5060", true },
	{ "QinQ, IPv6", "eth qinq vlan ip6:2001:db8::7 udp:5060", true },
	{ "three tags", "eth qinq vlan vlan ip4:192.0.2.7 udp:5060", false },
	{ "IPv4 options", "eth ip4:192.0.2.7,options=12 udp:5060", true },
	{ "all the options there can be", "eth ip4:192.0.2.7,options=40 udp:5060", true },
	{ "a header shorter than itself", "eth ip4:192.0.2.7,ihl=4 udp:5060", false },
	{ "IPv6 destination options", "eth ip6:2001:db8::7 dst:8 udp:5060", true },
	{ "a chain of headers", "eth ip6:2001:db8::7 hop dst:16 routing ah udp:5060", true },
	{ "too long a chain", "eth ip6:2001:db8::7 hop dst dst dst dst dst dst dst udp:5060",
	  false },
	{ "the first fragment", "eth ip4:192.0.2.7,frag=0 udp:5060", true },
	{ "a later fragment", "eth ip4:192.0.2.7,frag=185 udp:5060", false },
	{ "IPv6, the first fragment", "eth ip6:2001:db8::7 frag:0 udp:5060", true },
	{ "IPv6, a later fragment", "eth ip6:2001:db8::7 frag:185 udp:5060", false },
	{ "UDP-Lite", "eth ip4:192.0.2.7 udplite:5060", false },
};

static const char long_register[] = "REGISTER" REST;

static uint64_t all_messages(const struct sensor_counts *c)
{
	return sensor_sum(c, 0, SIP_VERDICTS - 1);
}

/* Passes, and is counted once, as @class. */
static void check_text(struct sip_stage *s, const char *what, const char *frame,
		       const char *text, size_t len, enum sip_class class)
{
	struct sensor_counts before = sip_counts(s), after;
	struct packet p;
	char label[128];
	bool passes;

	sip_build(&p, frame, text, len);
	passes = sip_passes(s, &p);
	after = sip_counts(s);
	snprintf(label, sizeof(label), "%s (%s) is %s", what, frame, sensor_class_name(class));
	t_ok(label, passes && all_messages(&after) - all_messages(&before) == 1 &&
	     sip_more(&before, &after, class, SIP_PASS_UNKNOWN) == 1);
}

static void check_texts(struct sip_stage *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(text_rows); i++) {
		const struct text_row *r = &text_rows[i];

		check_text(s, r->what, FROM4, r->text, strlen(r->text), r->class);
		check_text(s, r->what, FROM6, r->text, strlen(r->text), r->class);
	}
	check_text(s, "zeros", FROM4, "\0\0\0\0\0\0\0\0\0\0\0", 11, SIP_KEEPALIVE);
	/* Ethernet fills up short frames; that is no part of the message. */
	check_text(s, "two, padded", FROM4, "\r\n\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18,
		   SIP_KEEPALIVE);
	sip_drain(s);
}

static void check_torture(struct sip_stage *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(torture); i++) {
		const struct torture *t = &torture[i];

		check_text(s, t->what, FROM4, t->text, strlen(t->text), t->class);
		check_text(s, t->what, FROM6, t->text, strlen(t->text), t->class);
	}
	sip_drain(s);
}

static void check_frames(struct sip_stage *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(frame_rows); i++) {
		const struct frame_row *r = &frame_rows[i];
		struct sensor_counts before = sip_counts(s), after;
		unsigned int passed = sip_send(s, r->frame, long_register, 1);

		after = sip_counts(s);
		t_is(r->what, passed, 1);
		t_is(r->what, (int64_t)sip_more(&before, &after, SIP_REGISTER, SIP_PASS_UNKNOWN),
		     r->sees);
	}
}

/* Cut off at every byte, everything passes; from the port on it is a message. */
static void check_cuts(struct sip_stage *s)
{
	static const char *const frames[] = {
		FROM4, FROM6, "eth qinq vlan ip4:192.0.2.7,options=8 udp:5060",
		"eth ip6:2001:db8::7 hop dst udp:5060",
	};

	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		struct sensor_counts before = sip_counts(s), after;
		struct packet p;
		size_t passed = 0, cuts = 0;

		sip_build(&p, frames[i], long_register, strlen(long_register));
		for (size_t len = 14; len <= p.len; len++, cuts++)
			passed += sip_run(s, s->x->prog_fd, p.bytes, len) == XDP_PASS;
		after = sip_counts(s);
		t_is(frames[i], (int64_t)passed, (int64_t)cuts);
		/* All of the UDP header must be there. */
		t_is("seen are those with a whole UDP header",
		     (int64_t)(all_messages(&after) - all_messages(&before)),
		     (int64_t)strlen(long_register) + 1);
		sip_drain(s);
	}
}

/* A UDP length that lies, and messages as long as they get. */
static void check_lengths(struct sip_stage *s, bool one_buffer)
{
	static char text[9000];
	size_t longest = one_buffer || !xdp_kernel_has_frags() ? 3000 : sizeof(text);
	struct packet p;

	memset(text, 'a', sizeof(text));
	memcpy(text, "INVITE ", 7);
	check_text(s, "a long message", FROM4, text, longest, SIP_INVITE);
	for (int len = 0; len < 20; len++) {
		sip_build(&p, FROM4, long_register, strlen(long_register));
		p.bytes[14 + 20 + 4] = 0;
		p.bytes[14 + 20 + 5] = (uint8_t)len;
		t_ok("a UDP length that is too short", sip_passes(s, &p));
	}
	sip_build(&p, FROM4, long_register, strlen(long_register));
	p.bytes[14 + 20 + 4] = p.bytes[14 + 20 + 5] = 0xff;
	t_ok("a UDP length that is too long", sip_passes(s, &p));
	sip_drain(s);
}

static void check_tcp(struct sip_stage *s)
{
	static const struct { const char *what; uint8_t flags; bool sees; } rows[] = {
		{ "SYN", 0x02, true }, { "SYN with ECN", 0xc2, true },
		{ "SYN and ACK", 0x12, false }, { "ACK", 0x10, false },
		{ "data", 0x18, false }, { "RST", 0x04, false },
	};
	static const char *const frames[] = {
		"eth ip4:192.0.2.7 tcp:5060", "eth ip6:2001:db8::7 tcp:5061",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(frames); i++) {
		struct sensor_counts before = sip_counts(s), after;
		struct packet p;

		packet_build(&p, frames[i % 2]);
		p.bytes[p.len - 20 + 13] = rows[i / 2].flags;
		t_ok(rows[i / 2].what, sip_passes(s, &p));
		after = sip_counts(s);
		t_is(rows[i / 2].what, (int64_t)sip_more(&before, &after, SIP_CONNECT,
							 SIP_PASS_UNKNOWN), rows[i / 2].sees);
	}
	t_is("a connection attempt is not shown", sip_drain(s), 0);
}

static bool play(bool one_buffer)
{
	struct sip_stage s;

	if (!sip_set_up(&s, one_buffer))
		return false;
	/* Limits are another test's. */
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		s.set.source[i] = s.set.all[i] = (struct sensor_rate){ 0 };
	t_is("settings", sensor_configure(s.sensor, &s.set), 0);
	check_texts(&s);
	check_torture(&s);
	check_frames(&s);
	check_cuts(&s);
	check_lengths(&s, one_buffer);
	check_tcp(&s);
	sip_tear_down(&s);
	return true;
}

int main(void)
{
	return sip_play(play);
}
