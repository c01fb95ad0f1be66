/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sip - a stage for tests of the sensor: messages in, verdicts, counters and
 * events out.  The program's clock is what the test says: it is moved by a word
 * of its settings, as real time passes.
 */
#pragma once
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/t.h"
#include "sensor/sensor.h"
#include "xdp/xdp.h"
#include "packet.h"

struct sip_stage {
	struct xdp *x;
	struct sensor *sensor;
	struct sip_settings *shared;	/* the program's own */
	struct sensor_settings set;
	boot_t start, now;		/* of the program's clock */
};

/* False: this kernel or user cannot load the program. */
static inline bool sip_set_up(struct sip_stage *s, bool one_buffer)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct xdp_params params = { .max_bans = { 1000, 1000 }, .one_buffer = one_buffer,
				     .sensor = SENSOR_ON };
	void *map;

	*s = (struct sip_stage){ .start = boot_now() };
	if (xdp_open(&s->x, &params) || !s->x->maps.sensor ||
	    sensor_open(&s->sensor, &s->x->maps.e))
		return false;
	map = mmap(NULL, (sizeof(*s->shared) + page - 1) / page * page,
		   PROT_READ | PROT_WRITE, MAP_SHARED, s->x->maps.fd[MAP_SIP_SETTINGS], 0);
	if (map == MAP_FAILED)
		return false;
	s->shared = map;
	s->now = s->start;
	sensor_defaults(&s->set);
	return true;
}

static inline void sip_tear_down(struct sip_stage *s)
{
	sensor_close(s->sensor);
	xdp_close(s->x);
}

/* So many messages at once, and for the whole test no more. */
#define SIP_ONLY(n)	((struct sensor_rate){ 0.001, n })

/* The program's clock stands still at s->now, but for the tick that it is read in. */
static inline void sip_clock(struct sip_stage *s)
{
	s->shared->ahead = s->now.ns - boot_now().ns;
}

static inline void sip_later(struct sip_stage *s, double seconds)
{
	s->now.ns += (uint64_t)(seconds * NS_PER_S);
}

/* A frame as packet.h writes it, ending with udp:PORT, and its payload. */
static inline void sip_build(struct packet *p, const char *frame, const void *text, size_t len)
{
	uint8_t *udp;

	packet_build(p, frame);
	udp = p->bytes + p->len - 8;
	udp[4] = (uint8_t)((len + 8) >> 8);
	udp[5] = (uint8_t)(len + 8);
	memcpy(packet_grow(p, len), text, len);
}

/* What the program gives for @len bytes, which are at least an Ethernet header. */
static inline int sip_run(struct sip_stage *s, int prog_fd, const uint8_t *bytes, size_t len)
{
	uint8_t out[PACKET_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = bytes, .data_size_in = (__u32)len,
		    .data_out = out, .data_size_out = sizeof(out));
	int err;

	sip_clock(s);
	err = bpf_prog_test_run_opts(prog_fd, &opts);
	return err ? err : (int)opts.retval;
}

static inline bool sip_passes(struct sip_stage *s, const struct packet *p)
{
	return sip_run(s, s->x->prog_fd, p->bytes, p->len) == XDP_PASS;
}

/* How many of @n such messages pass. */
static inline unsigned int sip_send(struct sip_stage *s, const char *frame, const char *text,
				    unsigned int n)
{
	unsigned int passed = 0;
	struct packet p;

	sip_build(&p, frame, text, strlen(text));
	for (unsigned int i = 0; i < n; i++)
		passed += sip_passes(s, &p);
	return passed;
}

/* What the server sends to the source that @frame names: address and port turned. */
static inline int sip_answer(struct sip_stage *s, const char *frame, const char *text)
{
	struct packet p, turned;

	sip_build(&p, frame, text, strlen(text));
	turned = p;
	if (p.bytes[12] == 0x08) {
		memcpy(turned.bytes + 26, p.bytes + 30, 4);
		memcpy(turned.bytes + 30, p.bytes + 26, 4);
		memcpy(turned.bytes + 34, p.bytes + 36, 2);
		memcpy(turned.bytes + 36, p.bytes + 34, 2);
	} else {
		memcpy(turned.bytes + 22, p.bytes + 38, 16);
		memcpy(turned.bytes + 38, p.bytes + 22, 16);
		memcpy(turned.bytes + 54, p.bytes + 56, 2);
		memcpy(turned.bytes + 56, p.bytes + 54, 2);
	}
	return sip_run(s, s->x->out_fd, turned.bytes, turned.len);
}

static inline struct ipaddr sip_address(const char *text)
{
	struct ipaddr a = { .family = 0 };

	if (ipaddr_parse_net(text, strlen(text), &a))
		printf("no address: %s\n", text);
	return a;
}

static inline struct sensor_counts sip_counts(struct sip_stage *s)
{
	struct sensor_counts c;

	t_is("counters are read", sensor_counts(s->sensor, &c), 0);
	return c;
}

/* How many more messages of @class had @verdict. */
static inline uint64_t sip_more(const struct sensor_counts *before,
				const struct sensor_counts *after, enum sip_class class,
				enum sip_verdict verdict)
{
	return after->messages[class][verdict] - before->messages[class][verdict];
}

/* Throw away what waits in the ring; how many there were. */
static inline void sip_ignore(void *ctx, const struct sensor_event *ev)
{
	(void)ctx, (void)ev;
}

static inline int sip_drain(struct sip_stage *s)
{
	return sensor_read(s->sensor, 1 << 20, sip_ignore, NULL);
}

/* With frames in one buffer and in several; @play gives false without a sensor. */
static inline int sip_play(bool (*play)(bool one_buffer))
{
	if (!play(true)) {
		puts("this kernel or user cannot load the program with the sensor");
		return 77;
	}
	play(false);
	return t_done();
}
