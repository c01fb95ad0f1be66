// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzz target: any bytes as SIP messages that go in and out, in any order, over a
 * table that is too small for them.  What is read must lie within the message, and
 * what comes of it must be sound.
 */
#include "sip/exchange.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void expect(bool ok)
{
	if (!ok)
		abort();
}

static void check_text(struct sip_text t, const char *data, size_t len)
{
	expect(!t.s || (t.s >= data && t.s + t.len <= data + len));
}

static void check_message(const struct sip_message *m, const char *data, size_t len)
{
	const struct sip_text texts[] = {
		m->method, m->call_id, m->to_tag, m->from_user, m->to_user, m->user_agent,
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_text(texts[i], data, len);
	for (size_t i = 0; i < m->n_nonces; i++)
		check_text(m->nonces[i], data, len);
	expect(m->method.len && m->call_id.len && m->status <= 699);
}

static void check_result(const struct exchange_result *r)
{
	expect(memchr(r->text, 0, sizeof(r->text)));
	for (const char *p = r->text; *p; p++)
		expect(*p >= ' ' && *p < 0x7f);
}

/* The first byte: from whom, in or out, by what, and how long after the one before. */
static void see(struct exchanges *x, const uint8_t *data, size_t len, boot_t *now)
{
	struct exchange_seen seen = {
		.peer = { .bytes = { 192, 0, 2, data[0] & 3 }, .family = 4, .prefix = 32 },
		.out = data[0] & 4, .tcp = data[0] & 8,
	};
	/* A copy of its own, so that a byte too far is noticed. */
	char *copy = malloc(len);
	struct exchange_result r;
	struct sip_message m;

	memcpy(copy, data + 1, len - 1);
	now->ns += (uint64_t)(data[0] >> 4) * NS_PER_S;
	seen.when = *now;
	if (!sip_message_read(&m, copy, len - 1)) {
		check_message(&m, copy, len - 1);
		seen.message = &m;
		exchanges_see(x, &seen, &r);
		check_result(&r);
	}
	while (exchanges_next_due(x, *now, &r))
		check_result(&r);
	free(copy);
}

/* Messages are separated by a NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct challenges *c = challenges_new(8);
	struct exchanges *x = exchanges_new(3, c);
	boot_t now = { NS_PER_S };

	while (len > 1) {
		const uint8_t *end = memchr(data, 0, len);
		size_t n = end ? (size_t)(end - data) : len;

		if (n > 1)
			see(x, data, n, &now);
		n += end != NULL;
		data += n;
		len -= n;
	}
	exchanges_free(x);
	challenges_free(c);
	return 0;
}
