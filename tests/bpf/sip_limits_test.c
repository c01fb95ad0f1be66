// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who may send how much: unknown sources and all of them together, trusted and
 * known ones, penalties, sieges, signatures.  The clock is the test's, so that
 * nothing here depends on how fast it runs.
 */
#include <errno.h>

#include "sip.h"

#define FROM(n)	"eth ip4:192.0.2." #n " udp:5060"
#define REST	" sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
#define REGISTER "REGISTER" REST "CSeq: 1 REGISTER\r\n\r\n"
#define INVITE	"INVITE" REST "CSeq: 1 INVITE\r\n\r\n"
#define OPTIONS	"OPTIONS" REST "CSeq: 1 OPTIONS\r\n\r\n"
#define BYE	"BYE" REST "CSeq: 1 BYE\r\n\r\n"
#define SIGNED(agent) "REGISTER" REST "CSeq: 1 REGISTER\r\nUser-Agent: " agent "\r\n\r\n"
#define ANSWER(header) "REGISTER" REST header ": Digest nonce=\"1\"\r\nCSeq: 2 REGISTER\r\n\r\n"

static void configure(struct sip_stage *s)
{
	t_is("settings", sensor_configure(s->sensor, &s->set), 0);
	sip_drain(s);
}

/* Everything unlimited, so that a test limits what it is about. */
static void unlimited(struct sip_stage *s)
{
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		s->set.source[i] = s->set.all[i] = (struct sensor_rate){ 0 };
	s->set.known = s->set.penalty = (struct sensor_rate){ 0 };
	t_is("nobody is trusted", sensor_trust(s->sensor, NULL, 0), 0);
	sip_later(s, 1e6);	/* whatever was in a bucket is paid */
}

static void stand(struct sip_stage *s, const char *who, enum sip_standing standing,
		  double seconds)
{
	struct sensor_entry e = { sip_address(who), standing,
				  { s->now.ns + (uint64_t)(seconds * NS_PER_S) }, { 0 } };

	t_is(who, sensor_set(s->sensor, &e, 1), 0);
}

static struct sensor_source find(struct sip_stage *s, const char *who)
{
	struct ipaddr a = sip_address(who);
	struct sensor_source src;

	t_is(who, sensor_find(s->sensor, &a, s->now, &src), 0);
	return src;
}

/* ---- unknown sources ----------------------------------------------------------- */

static void check_buckets(struct sip_stage *s)
{
	struct sensor_counts before, after;

	unlimited(s);
	s->set.source[SIP_REGISTER] = (struct sensor_rate){ 1, 20 };
	s->set.source[SIP_OPTIONS] = (struct sensor_rate){ 1, 5 };
	configure(s);
	before = sip_counts(s);
	t_is("a burst passes, no more", sip_send(s, FROM(1), REGISTER, 50), 20);
	after = sip_counts(s);
	t_is("what passes is counted", (int64_t)sip_more(&before, &after, SIP_REGISTER,
							 SIP_PASS_UNKNOWN), 20);
	t_is("so is what does not", (int64_t)sip_more(&before, &after, SIP_REGISTER,
						      SIP_DROP_SOURCE), 30);
	t_is("its other classes have buckets of their own",
	     sip_send(s, FROM(1), OPTIONS, 10), 5);
	t_is("and some no limit", sip_send(s, FROM(1), BYE, 200), 200);
	t_is("another source has its own", sip_send(s, FROM(2), REGISTER, 50), 20);
	t_is("IPv6 too", sip_send(s, "eth ip6:2001:db8::1 udp:5060", REGISTER, 50), 20);
	t_is("of which a /64 is one source",
	     sip_send(s, "eth ip6:2001:db8::ffff:1 udp:5060", REGISTER, 50), 0);
	t_is("another /64 is another",
	     sip_send(s, "eth ip6:2001:db8:0:1::1 udp:5060", REGISTER, 50), 20);
	sip_later(s, 3.2);
	t_is("in 3.2 s, three more", sip_send(s, FROM(1), REGISTER, 50), 3);
	sip_later(s, 1000);
	t_is("later, a burst again", sip_send(s, FROM(1), REGISTER, 50), 20);
	t_is("a message a second passes for ever", sip_send(s, FROM(9), OPTIONS, 1), 1);
	for (int i = 0; i < 100; i++) {
		sip_later(s, 1.001);
		t_is("each of them", sip_send(s, FROM(9), OPTIONS, 1), 1);
	}
}

/* More headers than are followed: it may be anything, and is limited for that. */
static void check_hidden(struct sip_stage *s)
{
#define SIX	"hop dst dst dst dst dst "
	unlimited(s);
	s->set.source[SIP_REGISTER] = (struct sensor_rate){ 1, 20 };
	s->set.source[SIP_CONNECT] = (struct sensor_rate){ 1, 5 };
	configure(s);
	t_is("behind six headers it is read",
	     sip_send(s, "eth ip6:2001:db8:6::1 " SIX "udp:5060", REGISTER, 50), 20);
	t_is("behind seven it is one of a few",
	     sip_send(s, "eth ip6:2001:db8:7::1 " SIX "dst udp:5060", REGISTER, 50), 5);
	t_is("whatever its port",
	     sip_send(s, "eth ip6:2001:db8:8::1 " SIX "dst udp:53", REGISTER, 50), 5);
	t_is("behind nine", sip_send(s, "eth ip6:2001:db8:9::1 " SIX "dst dst dst udp:5060",
				     REGISTER, 50), 5);
	stand(s, "2001:db8:a::1", SIP_KNOWN, 100);
	t_is("the known may", sip_send(s, "eth ip6:2001:db8:a::1 " SIX "dst udp:5060",
					 REGISTER, 50), 50);
}

/* Whoever is limited for a second is not for the next: what is dropped costs nothing. */
static void check_recovery(struct sip_stage *s)
{
	unlimited(s);
	s->set.source[SIP_REGISTER] = (struct sensor_rate){ 1, 10 };
	configure(s);
	t_is("a flood", sip_send(s, FROM(3), REGISTER, 1000), 10);
	sip_later(s, 3.2);
	t_is("does not use up what comes later", sip_send(s, FROM(3), REGISTER, 1000), 3);
}

static void check_all(struct sip_stage *s)
{
	unsigned int passed = 0;
	char frame[64];

	unlimited(s);
	s->set.source[SIP_REGISTER] = SIP_ONLY(3);
	s->set.all[SIP_REGISTER] = SIP_ONLY(100);
	configure(s);
	for (int i = 0; i < 500; i++) {
		snprintf(frame, sizeof(frame), "eth ip4:10.1.%d.%d udp:5060", i / 250, i % 250);
		passed += sip_send(s, frame, REGISTER, 1);
	}
	t_is("all unknown sources together have a limit", passed, 100);
	t_is("of each class", sip_send(s, FROM(4), OPTIONS, 10), 10);
	stand(s, "192.0.2.5", SIP_KNOWN, 100);
	t_is("the known are not of them", sip_send(s, FROM(5), REGISTER, 50), 50);
	/* Nobody whom that limit rejected has used up anything. */
	s->set.all[SIP_REGISTER] = (struct sensor_rate){ 0 };
	configure(s);
	t_is("it did not empty their own", sip_send(s, "eth ip4:10.1.1.249 udp:5060", REGISTER,
						   10), 3);
}

/* ---- sources with a standing ------------------------------------------------------- */

static void check_known(struct sip_stage *s)
{
	struct sensor_source src;

	unlimited(s);
	s->set.source[SIP_REGISTER] = SIP_ONLY(5);
	s->set.known = SIP_ONLY(300);
	configure(s);
	stand(s, "192.0.2.10", SIP_KNOWN, 100);
	t_is("known: far more", sip_send(s, FROM(10), REGISTER, 400), 300);
	t_is("one bucket for all it sends", sip_send(s, FROM(10), BYE, 10), 0);
	src = find(s, "192.0.2.10");
	t_is("it is known", src.standing, SIP_KNOWN);
	t_is("what passed is counted", (int64_t)src.passed, 300);
	t_is("and what did not", (int64_t)src.limited, 110);
	sip_later(s, 101);
	t_is("it has ended", find(s, "192.0.2.10").standing, SIP_UNKNOWN);
	t_is("and so it is unknown", sip_send(s, FROM(10), REGISTER, 50), 5);
	stand(s, "192.0.2.10", SIP_KNOWN, 100);
	t_is("counters go on", (int64_t)find(s, "192.0.2.10").passed, 300);
	t_is("take it out", sensor_unset(s->sensor, &src.who, 1), 0);
	t_is("it is nobody", find(s, "192.0.2.10").standing, SIP_UNKNOWN);
	t_is("twice is fine", sensor_unset(s->sensor, &src.who, 1), 0);
}

static void check_penalty(struct sip_stage *s)
{
	unlimited(s);
	s->set.penalty = SIP_ONLY(2);
	configure(s);
	stand(s, "192.0.2.11", SIP_PENALTY, 100);
	t_is("a penalty is tight", sip_send(s, FROM(11), REGISTER, 50), 2);
	t_is("for all that is SIP", sip_send(s, FROM(11), OPTIONS, 50), 0);
	t_is("and for nothing else",
	     sip_send(s, "eth ip4:192.0.2.11 udp:53", OPTIONS, 50), 50);
	sip_later(s, 101);
	t_is("until it ends", sip_send(s, FROM(11), REGISTER, 50), 50);
}

static unsigned int sweep(struct sip_stage *s)
{
	unsigned int steps = 1;

	while (sensor_sweep(s->sensor, s->now) > 0)
		steps++;
	return steps;
}

static void check_sweep(struct sip_stage *s)
{
	struct sensor_entry e = { .standing = SIP_KNOWN };
	unsigned int steps = 0, failed = 0;
	uint32_t before;

	unlimited(s);
	sweep(s);
	before = sip_counts(s).sources;
	s->set.source[SIP_REGISTER] = SIP_ONLY(1);
	configure(s);
	for (unsigned int i = 0; i < 5000; i++) {
		e.who = (struct ipaddr){ .family = 4, .prefix = 32,
					 .bytes = { 10, 77, (uint8_t)(i >> 8), (uint8_t)i } };
		e.until.ns = s->now.ns + (i % 50 ? 10 : 1000) * NS_PER_S;
		failed += !!sensor_set(s->sensor, &e, 1);
	}
	t_is("5000 are known", failed, 0);
	t_is("all are counted", sip_counts(s).sources, before + 5000);
	sip_later(s, 11);
	steps = sweep(s);
	t_ok("in steps", steps > 1);
	t_is("who has ended is cleared away", sip_counts(s).sources, before + 100);
	t_is("others stay", sip_send(s, "eth ip4:10.77.0.50 udp:5060", REGISTER, 9), 9);
	sip_later(s, 1000);
	sweep(s);
	t_is("later they go too", sip_counts(s).sources, before);
	stand(s, "10.77.0.50", SIP_KNOWN, 100);
	t_is("and may come again", sip_send(s, "eth ip4:10.77.0.50 udp:5060", REGISTER, 9), 9);
}

static void check_trusted(struct sip_stage *s)
{
	struct ipaddr list[] = { sip_address("192.0.2.12"), sip_address("198.51.100.0/24"),
				 sip_address("2001:db8:7::/48"), sip_address("10.0.0.0/8") };
	static const char *const frames[] = {
		FROM(12), "eth ip4:198.51.100.200 udp:5060", "eth ip6:2001:db8:7::9 udp:5060",
		"eth ip4:10.9.8.7 udp:5060",
	};

	unlimited(s);
	for (size_t i = 0; i < SIP_BUCKETS; i++)
		s->set.source[i] = SIP_ONLY(1);
	s->set.known = s->set.penalty = SIP_ONLY(1);
	configure(s);
	stand(s, "192.0.2.12", SIP_PENALTY, 1e5);
	t_is("trust", sensor_trust(s->sensor, list, ARRAY_SIZE(list)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		t_is(frames[i], sip_send(s, frames[i], INVITE, 3000), 3000);
	t_is("nothing of the trusted is shown", sip_drain(s), 0);
	t_is("a neighbour is not", sip_send(s, "eth ip4:198.51.101.1 udp:5060", INVITE, 9), 1);
	t_is("an address is trusted", find(s, "192.0.2.12").standing, SIP_TRUSTED);
	t_is("by its network too", find(s, "198.51.100.77").standing, SIP_TRUSTED);
	stand(s, "192.0.2.12", SIP_PENALTY, 1e5);
	stand(s, "192.0.2.12", SIP_KNOWN, 1e5);
	t_is("whoever is trusted stays so", find(s, "192.0.2.12").standing, SIP_TRUSTED);
	sensor_unset(s->sensor, &list[0], 1);
	t_is("and cannot be taken out alone", find(s, "192.0.2.12").standing, SIP_TRUSTED);
	t_is("another list", sensor_trust(s->sensor, list + 1, 1), 0);
	t_is("he is not on it", find(s, "192.0.2.12").standing, SIP_UNKNOWN);
	t_is("nor is the network", sip_send(s, frames[3], INVITE, 9), 1);
	t_is("the other one is", sip_send(s, frames[1], INVITE, 9), 9);
	t_is("no list", sensor_trust(s->sensor, NULL, 0), 0);
	t_is("nobody is trusted", sip_send(s, frames[1], INVITE, 9), 1);
}

/* ---- an office whose address is new ------------------------------------------------- */

static void check_answers(struct sip_stage *s)
{
	unlimited(s);
	s->set.source[SIP_REGISTER] = SIP_ONLY(20);
	s->set.source[SIP_BUCKET_ANSWER] = SIP_ONLY(5);
	configure(s);
	t_is("a hundred phones ask", sip_send(s, FROM(20), REGISTER, 100), 20);
	sip_later(s, 0.2);
	t_is("and answer the challenge", sip_send(s, FROM(20), ANSWER("Authorization"), 20), 5);
	t_is("which does not help those who ask", sip_send(s, FROM(20), REGISTER, 9), 0);
	t_is("another office", sip_send(s, FROM(21), REGISTER, 100), 20);
	sip_later(s, 0.2);
	t_is("proxies count too", sip_send(s, FROM(21), ANSWER("pRoXy-AuThOrIzAtIoN"), 9), 5);
	t_is("responses cannot", sip_send(s, FROM(22), "SIP/2.0 200 OK\r\n\r\n", 9), 9);
}

/* However many answers are forged, few are looked into. */
static void check_looks(struct sip_stage *s)
{
	struct sensor_counts before, after;
	struct packet p;
	unsigned int passed = 0;

	unlimited(s);
	s->set.source[SIP_REGISTER] = SIP_ONLY(1);
	configure(s);
	before = sip_counts(s);
	sip_build(&p, FROM(23), ANSWER("Authorization"), strlen(ANSWER("Authorization")));
	s->shared->ahead = 0;
	for (int i = 0; i < 1000; i++)
		passed += sip_passes(s, &p);
	after = sip_counts(s);
	t_ok("they pass while somebody looks", passed > SIP_LOOKS / 2);
	t_is("each is counted", (int64_t)(sip_more(&before, &after, SIP_REGISTER,
						   SIP_PASS_ANSWER) +
		sip_more(&before, &after, SIP_REGISTER, SIP_PASS_UNKNOWN)), passed);
}

/* ---- sieges and signatures -------------------------------------------------------------- */

static void check_siege(struct sip_stage *s)
{
	boot_t until = { s->now.ns + 2000000 * NS_PER_S };
	struct sensor_counts before, after;

	unlimited(s);
	configure(s);
	stand(s, "192.0.2.30", SIP_KNOWN, 1e6);
	until.ns = s->now.ns + 60 * NS_PER_S;
	t_is("siege", sensor_siege(s->sensor, until), 0);
	before = sip_counts(s);
	t_is("unknown sources speak no SIP", sip_send(s, FROM(31), REGISTER, 9), 0);
	after = sip_counts(s);
	t_is("which is counted", (int64_t)sip_more(&before, &after, SIP_REGISTER,
						   SIP_DROP_SIEGE), 9);
	t_is("but all else", sip_send(s, "eth ip4:192.0.2.31 udp:53", REGISTER, 9), 9);
	t_is("known ones do", sip_send(s, FROM(30), REGISTER, 9), 9);
	stand(s, "192.0.2.32", SIP_PENALTY, 1e6);
	t_is("limited ones do not", sip_send(s, FROM(32), REGISTER, 9), 0);
	sip_later(s, 61);
	t_is("it ends by itself", sip_send(s, FROM(31), REGISTER, 9), 9);
	until.ns = s->now.ns + 60 * NS_PER_S;
	sensor_siege(s->sensor, until);
	t_is("again", sip_send(s, FROM(31), REGISTER, 9), 0);
	t_is("lifted", sensor_siege(s->sensor, (boot_t){ 0 }), 0);
	t_is("at once", sip_send(s, FROM(31), REGISTER, 9), 9);
}

static void check_signatures(struct sip_stage *s)
{
	static const struct sensor_signature list[] = {
		{ "friendly-scanner", SIP_USER_AGENT, SIP_DROP },
		{ "sip:100@", SIP_FIRST_LINE, SIP_DROP },
		{ "VaxSIP", SIP_USER_AGENT, SIP_SLOW },
		{ "sipcli/", SIP_USER_AGENT, SIP_COUNT },
		{ "exactly-thirty-two-bytes-long---", SIP_USER_AGENT, SIP_DROP },
	};
	static const struct { const char *what, *text; unsigned int passed; } rows[] = {
		{ "dropped", SIGNED("friendly-scanner"), 0 },
		{ "in any case", SIGNED("Friendly-SCANNER 1.0"), 0 },
		{ "anywhere in the header", SIGNED("my friendly-scanner"), 0 },
		{ "but whole", SIGNED("friendly-scanne"), 9 },
		{ "others pass", SIGNED("Grandstream GXP2170 1.0.11"), 9 },
		{ "limited", SIGNED("VaxSIPUserAgent/3.1"), 2 },
		{ "only counted", SIGNED("sipcli/v1.8"), 9 },
		{ "the longest", SIGNED("exactly-thirty-two-bytes-long---"), 0 },
		{ "a byte short", SIGNED("exactly-thirty-two-bytes-long--"), 9 },
		{ "in the first line", "OPTIONS sip:100@1.2.3.4 SIP/2.0\r\n\r\n", 0 },
		{ "only there", "OPTIONS sip:1@pbx SIP/2.0\r\nTo: <sip:100@1.2.3.4>\r\n\r\n", 9 },
		{ "no header", "OPTIONS sip:1@pbx SIP/2.0\r\n\r\nfriendly-scanner", 9 },
		{ "another header", REGISTER "X-Agent: friendly-scanner\r\n\r\n", 9 },
		{ "not its line", SIGNED("a\r\nSubject: friendly-scanner"), 9 },
		{ "at the end", "OPTIONS sip:1@pbx SIP/2.0\nuser-agent:friendly-scanner", 0 },
		{ "keep-alives have none", "\r\n\r\n", 9 },
	};

	unlimited(s);
	s->set.source[SIP_BUCKET_SUSPECT] = SIP_ONLY(2);
	configure(s);
	t_is("signatures", sensor_signatures(s->sensor, list, ARRAY_SIZE(list)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		sip_later(s, 1e6);
		t_is(rows[i].what, sip_send(s, FROM(40), rows[i].text, 9), rows[i].passed);
	}
	t_is("they are counted", (int64_t)sensor_signature_found(s->sensor, 0), 9 * 4);
	t_is("these too", (int64_t)sensor_signature_found(s->sensor, 3), 9);
	stand(s, "192.0.2.41", SIP_KNOWN, 1e6);
	t_is("the known may have any", sip_send(s, FROM(41), rows[0].text, 9), 9);
	t_is("none again", sensor_signatures(s->sensor, NULL, 0), 0);
	t_is("nobody has one", sip_send(s, FROM(40), rows[0].text, 9), 9);
}

static void check_refused_settings(struct sip_stage *s)
{
	static const struct sensor_signature bad[] = {
		{ "", SIP_USER_AGENT, SIP_DROP },
		{ "this one has thirty-three bytes!!", SIP_USER_AGENT, SIP_DROP },
	};
	struct sensor_signature many[SIP_SIGNATURES + 1];
	struct sensor_settings set = s->set;
	struct sensor_entry net = { sip_address("192.0.2.0/24"), SIP_KNOWN, s->now, { 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		t_is("a signature that cannot be", sensor_signatures(s->sensor, &bad[i], 1),
		     -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct sensor_signature){ "x", SIP_FIRST_LINE, SIP_COUNT };
	t_is("too many", sensor_signatures(s->sensor, many, ARRAY_SIZE(many)), -E2BIG);
	t_is("as many as there can be",
	     sensor_signatures(s->sensor, many, SIP_SIGNATURES), 0);
	t_is("none", sensor_signatures(s->sensor, NULL, 0), 0);
	set.known = (struct sensor_rate){ 1, 0 };
	t_is("a burst of none", sensor_configure(s->sensor, &set), -EINVAL);
	set.known = (struct sensor_rate){ -1, 1 };
	t_is("less than nothing", sensor_configure(s->sensor, &set), -EINVAL);
	set = s->set;
	set.ports[0] = (struct sensor_ports){ 2, 1 };
	t_is("ports the wrong way round", sensor_configure(s->sensor, &set), -EINVAL);
	t_is("a network is not known", sensor_set(s->sensor, &net, 1), -EINVAL);
	net.who = sip_address("192.0.2.1");
	net.standing = SIP_TRUSTED;
	t_is("nor is anybody trusted alone", sensor_set(s->sensor, &net, 1), -EINVAL);
}

static bool play(bool one_buffer)
{
	struct sip_stage s;

	if (!sip_set_up(&s, one_buffer))
		return false;
	check_buckets(&s);
	check_hidden(&s);
	check_recovery(&s);
	check_all(&s);
	check_known(&s);
	check_penalty(&s);
	check_sweep(&s);
	check_trusted(&s);
	check_answers(&s);
	check_looks(&s);
	check_siege(&s);
	check_signatures(&s);
	check_refused_settings(&s);
	sip_tear_down(&s);
	return true;
}

int main(void)
{
	return sip_play(play);
}
