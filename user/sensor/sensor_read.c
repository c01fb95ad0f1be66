// SPDX-License-Identifier: GPL-2.0-or-later
/* sensor_read - what the sensor saw: messages, counters, who is limited most. */
#include "sensor_private.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "maps/maps.h"
#include "maps/walk.h"

/* ---- messages ---------------------------------------------------------------------- */

struct sensor_reading {
	sensor_event_fn *fn;
	void *ctx;
	size_t n, max;
};

static void decode(const struct sip_event *in, size_t room, struct sensor_event *out)
{
	*out = (struct sensor_event){
		.when = { in->when }, .peer_port = in->peer_port, .our_port = in->our_port,
		.protocol = in->protocol, .out = in->out, .class = in->class,
		.verdict = in->verdict, .standing = in->standing,
		.signature = in->signature - 1, .status = in->status,
		.wire_len = in->wire_len, .text = (const char *)in->text,
		.len = in->len < room ? in->len : room,
	};
	sensor_addr(&in->peer, &out->peer);
}

/* Something negative ends the reading; the rest is there next time. */
static int on_event(void *ctx, void *data, size_t size)
{
	struct sensor *s = ctx;
	struct sensor_reading *r = s->reading;
	struct sensor_event ev;

	if (size >= SIP_EVENT_HEAD) {
		decode(data, size - SIP_EVENT_HEAD, &ev);
		r->fn(r->ctx, &ev);
	}
	return ++r->n < r->max ? 0 : -ECANCELED;
}

int sensor_ring_open(struct sensor *s)
{
	s->reader = map_memory(s->fd[SENSOR_READER], sizeof(*s->reader));
	s->ring = ring_buffer__new(s->fd[SENSOR_EVENTS], on_event, s, NULL);
	return s->ring ? 0 : -errno;
}

void sensor_ring_close(struct sensor *s)
{
	ring_buffer__free(s->ring);
	s->ring = NULL;
	if (s->reader)
		munmap(s->reader, sizeof(*s->reader));
	s->reader = NULL;
}

void sensor_reads_at(struct sensor *s, boot_t when)
{
	if (s->reader)
		__atomic_store_n(&s->reader->reads_at, when.ns, __ATOMIC_SEQ_CST);
}

int sensor_fd(const struct sensor *s)
{
	return ring_buffer__epoll_fd(s->ring);
}

int sensor_read(struct sensor *s, size_t max, sensor_event_fn *fn, void *ctx)
{
	struct sensor_reading r = { fn, ctx, 0, max };
	int ret;

	if (!max)
		return 0;
	s->reading = &r;
	ret = ring_buffer__consume(s->ring);
	s->reading = NULL;
	return ret < 0 && ret != -ECANCELED ? ret : (int)r.n;
}

/* ---- counters ----------------------------------------------------------------------- */

static void add_cpu(const struct sip_cpu *cpu, struct sensor_counts *out)
{
	for (size_t c = 0; c < SIP_CLASSES; c++)
		for (size_t v = 0; v < SIP_VERDICTS; v++)
			out->messages[c][v] += cpu->messages[c][v];
	out->dropped_bytes += cpu->dropped_bytes;
	out->answers += cpu->answers;
	out->events += cpu->events;
	out->events_lost += cpu->events_lost;
}

int sensor_counts(struct sensor *s, struct sensor_counts *out)
{
	int cpus = libbpf_num_possible_cpus(), err;
	struct sip_cpu *cpu = calloc((size_t)cpus, sizeof(*cpu));
	struct sip_settings set;
	__u32 zero = 0;

	if (!cpu)
		return -ENOMEM;
	*out = (struct sensor_counts){ .sources = s->used, .max_sources = s->max_sources };
	err = bpf_map_lookup_elem(s->fd[SENSOR_CPU], &zero, cpu);
	for (int c = 0; c < cpus && !err; c++)
		add_cpu(&cpu[c], out);
	free(cpu);
	if (!err)
		err = sensor_settings_get(s, &set);
	if (!err)
		out->nets = set.nets;
	return err;
}

uint64_t sensor_sum(const struct sensor_counts *c, enum sip_verdict first,
		    enum sip_verdict last)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SIP_CLASSES; i++)
		for (unsigned int v = first; v <= (unsigned int)last && v < SIP_VERDICTS; v++)
			sum += c->messages[i][v];
	return sum;
}

/* ---- who is limited most --------------------------------------------------------------- */

struct heaviest {
	struct sensor_heavy *v;		/* most first */
	size_t n, max;
};

static int weigh(void *ctx, const void *key, const void *value)
{
	const struct sip_heavy *h = value;
	struct heaviest *top = ctx;
	size_t at = top->n;

	while (at && top->v[at - 1].messages < h->messages)
		at--;
	if (at >= top->max)
		return 0;
	if (top->n < top->max)
		top->n++;
	memmove(&top->v[at + 1], &top->v[at], (top->n - at - 1) * sizeof(*top->v));
	top->v[at] = (struct sensor_heavy){ .messages = h->messages, .bytes = h->bytes,
					    .last = { h->last } };
	sensor_addr(key, &top->v[at].who);
	return 0;
}

int sensor_heavy(struct sensor *s, struct sensor_heavy *out, size_t max)
{
	struct heaviest top = { out, 0, max };
	int err = map_walk(s->fd[SENSOR_HEAVY], weigh, &top);

	return err ? err : (int)top.n;
}

/* ---- names ------------------------------------------------------------------------------- */

const char *sensor_class_name(enum sip_class c)
{
	static const char *const names[SIP_CLASSES] = {
		[SIP_REGISTER] = "register", [SIP_INVITE] = "invite",
		[SIP_OPTIONS] = "options", [SIP_DIALOG] = "dialog",
		[SIP_RESPONSE] = "response", [SIP_KEEPALIVE] = "keepalive",
		[SIP_OTHER] = "other", [SIP_CONNECT] = "connect",
	};

	return c < SIP_CLASSES ? names[c] : "?";
}

const char *sensor_verdict_name(enum sip_verdict v)
{
	static const char *const names[SIP_VERDICTS] = {
		[SIP_PASS_TRUSTED] = "pass-trusted", [SIP_PASS_KNOWN] = "pass-known",
		[SIP_PASS_PENALTY] = "pass-penalty", [SIP_PASS_UNKNOWN] = "pass-unknown",
		[SIP_PASS_ANSWER] = "pass-answer", [SIP_DROP_KNOWN] = "drop-known",
		[SIP_DROP_PENALTY] = "drop-penalty", [SIP_DROP_SOURCE] = "drop-source",
		[SIP_DROP_ALL] = "drop-all", [SIP_DROP_SIEGE] = "drop-siege",
		[SIP_DROP_SIGNATURE] = "drop-signature",
	};

	return v < SIP_VERDICTS ? names[v] : "?";
}

const char *sensor_standing_name(enum sip_standing st)
{
	static const char *const names[] = {
		[SIP_UNKNOWN] = "unknown", [SIP_TRUSTED] = "trusted", [SIP_KNOWN] = "known",
		[SIP_PENALTY] = "limited",
	};

	return st <= SIP_PENALTY ? names[st] : "?";
}
