// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Floods, and whom they must not hurt: ten million forged sources beside phones, a
 * trunk and an office; a trunk of 500 calls a second; a hundred phones behind one
 * address that come back after a power cut, known and new.
 *
 *	sip_forged_test [SOURCES]	else a million: ten take a minute
 *
 * The program's clock is the test's: the flood has 200,000 messages a second in it,
 * however long it takes to make them.
 */
#include "sip.h"

#define RATE	200000		/* of the flood */
#define REGISTER "REGISTER sip:pbx SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n"
#define ANSWER	"REGISTER sip:pbx SIP/2.0\r\nAuthorization: Digest nonce=\"1\"\r\n\r\n"
#define INVITE	"INVITE sip:100@pbx SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"
#define ACK	"ACK sip:100@pbx SIP/2.0\r\nCSeq: 1 ACK\r\n\r\n"
#define BYE	"BYE sip:100@pbx SIP/2.0\r\nCSeq: 2 BYE\r\n\r\n"
#define PHONES	200

static void phone_frame(char frame[static 64], unsigned int i)
{
	snprintf(frame, 64, "eth ip4:198.51.100.%u udp:5060", i);
}

static void know(struct sip_stage *s, const char *who)
{
	struct sensor_entry e = { sip_address(who), SIP_KNOWN, BOOT_NEVER, BOOT_NEVER };

	t_is(who, sensor_set(s->sensor, &e, 1), 0);
}

static void know_phones(struct sip_stage *s)
{
	char who[32];

	for (unsigned int i = 1; i <= PHONES; i++) {
		snprintf(who, sizeof(who), "198.51.100.%u", i);
		know(s, who);
	}
}

/* One second of a flood of @n messages, each from a source that never comes back. */
static unsigned int flood(struct sip_stage *s, uint32_t first, uint32_t n)
{
	unsigned int passed = 0;
	struct packet p;

	sip_build(&p, "eth ip4:10.0.0.0 udp:5060", REGISTER, strlen(REGISTER));
	for (uint32_t i = 0; i < n; i++) {
		uint32_t who = htonl(0x0a000000 + first + i);

		memcpy(p.bytes + 26, &who, 4);
		passed += sip_passes(s, &p);
		s->now.ns += NS_PER_S / RATE;
	}
	return passed;
}

/* ---- forged sources ------------------------------------------------------------------ */

/* Everybody who is known registers, in the middle of it. */
static unsigned int phones_register(struct sip_stage *s)
{
	unsigned int passed = 0;
	char frame[64];

	for (unsigned int i = 1; i <= PHONES; i++) {
		phone_frame(frame, i);
		passed += sip_send(s, frame, REGISTER, 1);
	}
	return passed;
}

static void check_forged(struct sip_stage *s, uint32_t sources)
{
	const struct sensor_rate *all = &s->set.all[SIP_REGISTER];
	struct ipaddr trunk = sip_address("203.0.113.9");
	uint64_t passed = 0, hurt = 0;
	struct sensor_counts c;
	uint32_t seconds = sources / RATE;

	know_phones(s);
	sensor_trust(s->sensor, &trunk, 1);
	for (uint32_t i = 0; i < seconds; i++) {
		passed += flood(s, i * RATE, RATE);
		hurt += PHONES - phones_register(s);
		hurt += 500 - sip_send(s, "eth ip4:203.0.113.9 udp:5060", INVITE, 500);
		sip_drain(s);
	}
	t_is("nobody who is known or trusted lost a message", (int64_t)hurt, 0);
	t_ok("of the flood passed what all unknowns may send, and no more",
	     (double)passed <= all->burst + all->per_s * (seconds + 1) && passed >= all->burst);
	c = sip_counts(s);
	while (sensor_sweep(s->sensor, s->now) > 0)
		;
	t_is("nobody was evicted, and nobody added", c.sources, PHONES + 1);
	t_is("nobody", sip_counts(s).sources, PHONES + 1);
	sip_later(s, 3);
	t_is("when it is over, a stranger may register again",
	     sip_send(s, "eth ip4:192.0.2.200 udp:5060", REGISTER, 5), 5);
}

/* Whom a flood pretends to be is not punished for it, but for that limit. */
static void check_victims(struct sip_stage *s)
{
	char frame[64];
	unsigned int passed = 0;

	sip_later(s, 100);
	flood(s, 0, 4000);	/* once each: 4,000 are the burst of all */
	sip_later(s, 3);
	for (unsigned int i = 0; i < 250; i++) {
		snprintf(frame, sizeof(frame), "eth ip4:10.0.%u.%u udp:5060", i / 100, i % 100);
		passed += sip_send(s, frame, REGISTER, 10);
	}
	t_is("victims of a flood can register", passed, 2500);
	sip_drain(s);
}

/* The same from ten thousand sources that really are there, and send on and on. */
static void check_many(struct sip_stage *s)
{
	unsigned int passed = 0;
	char frame[64];

	for (int i = 0; i < 40; i++)
		flood(s, 0, 10000);
	sip_drain(s);
	for (unsigned int i = 0; i < 100; i++) {
		sip_later(s, 0.1);
		snprintf(frame, sizeof(frame), "eth ip4:172.16.9.%u udp:5060", i);
		passed += sip_send(s, frame, REGISTER, 2);
	}
	t_ok("the sketch takes nearly nobody for one of them", passed >= 190);
	sip_drain(s);
}

/* ---- who sends much, and may ------------------------------------------------------------ */

/* A minute of 500 calls a second, from a trunk that is trusted. */
static void check_trunk(struct sip_stage *s)
{
	struct ipaddr trunk = sip_address("203.0.113.9");
	const char *frame = "eth ip4:203.0.113.9 udp:5060";
	unsigned int lost = 0;

	sensor_trust(s->sensor, &trunk, 1);
	for (int i = 0; i < 60; i++) {
		lost += 500 - sip_send(s, frame, INVITE, 500);
		lost += 500 - sip_send(s, frame, ACK, 500);
		lost += 500 - sip_send(s, frame, BYE, 500);
		lost += 1000 - sip_send(s, frame, "SIP/2.0 200 OK\r\n\r\n", 1000);
		sip_later(s, 1);
	}
	t_is("a trunk of 500 calls a second loses nothing", lost, 0);
	t_is("and costs user space nothing", sip_drain(s), 0);
}

static void check_office(struct sip_stage *s)
{
	const char *frame = "eth ip4:192.0.2.100 udp:5060";
	unsigned int lost = 0, answered = 0;

	know(s, "192.0.2.100");
	for (int i = 0; i < 5; i++) {
		lost += 100 - sip_send(s, frame, REGISTER, 100);
		lost += 100 - sip_send(s, frame, ANSWER, 100);
		lost += 500 - sip_send(s, frame, "\r\n\r\n", 500);
		sip_later(s, 0.5);
	}
	t_is("a hundred phones that come back at once lose nothing", lost, 0);
	/* At a new address, what is lost comes again after half a second. */
	frame = "eth ip4:192.0.2.101 udp:5060";
	sip_send(s, frame, REGISTER, 100);
	sip_later(s, 0.01);
	answered = sip_send(s, frame, ANSWER, 30);
	t_ok("some of those at a new address answer the challenge", answered >= 5);
	know(s, "192.0.2.101");		/* what user space does with the first success */
	sip_later(s, 0.5);
	lost = 100 - sip_send(s, frame, REGISTER, 100);
	lost += 100 - sip_send(s, frame, ANSWER, 100);
	t_is("and then all", lost, 0);
	sip_drain(s);
}

int main(int argc, char **argv)
{
	uint32_t sources = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;
	struct sip_stage s;

	if (!sip_set_up(&s, false)) {
		puts("this kernel or user cannot load the program with the sensor");
		return 77;
	}
	t_is("settings", sensor_configure(s.sensor, &s.set), 0);
	check_forged(&s, sources);
	check_victims(&s);
	check_many(&s);
	check_trunk(&s);
	check_office(&s);
	sip_tear_down(&s);
	return t_done();
}
