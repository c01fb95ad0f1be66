// SPDX-License-Identifier: GPL-2.0-or-later
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/hmap.h"

/* One Call-ID of one source. */
struct call {
	struct hmap_node node;
	TAILQ_ENTRY(call) place;	/* in the order of the last message */
	struct ipaddr peer;
	boot_t last;
	uint64_t id;			/* hash of the Call-ID */
	uint32_t cseq;			/* of the last request that is no ACK, */
	uint64_t branch;		/* and a hash of what tells it from others */
	bool credentials;		/* it carried some, */
	bool proven;			/* and proved by them that it is there */
	bool refused;			/* it was: later copies of the answer do not count */
	bool challenged;		/* the server wants a password in this call */
	bool waiting;			/* for an answer to a refusal that waits */
	bool acked;			/* the refusal that waits was received */
	bool answered;			/* a 200 to its INVITE waits for the ACK */
	boot_t since;			/* when that was */
	char method[12], user[32], agent[32];
	unsigned int status;
};

TAILQ_HEAD(call_list, call);

struct exchanges {
	struct challenges *challenges;	/* borrows */
	struct hmap by_id;
	struct call_list used, free;	/* the oldest first */
	struct exchange_stats stats;
	struct call *calls;		/* owns all; the first @touched were ever used */
	size_t touched, max;
};

struct exchanges *exchanges_new(size_t max, struct challenges *challenges)
{
	struct exchanges *x = calloc(1, sizeof(*x));

	if (!x || hmap_init(&x->by_id)) {
		free(x);
		return NULL;
	}
	x->challenges = challenges;
	TAILQ_INIT(&x->used);
	TAILQ_INIT(&x->free);
	x->calls = calloc(max, sizeof(*x->calls));
	if (!x->calls) {
		exchanges_free(x);
		return NULL;
	}
	x->max = max;
	return x;
}

void exchanges_free(struct exchanges *x)
{
	if (!x)
		return;
	hmap_fini(&x->by_id);
	free(x->calls);
	free(x);
}

struct exchange_stats exchanges_stats(const struct exchanges *x)
{
	return x->stats;
}

/* ---- calls ----------------------------------------------------------------------- */

static uint64_t hash_of(const struct exchanges *x, const struct ipaddr *peer, uint64_t id)
{
	struct { struct ipaddr peer; char pad[6]; uint64_t id; } key = { .peer = *peer, .id = id };

	return hmap_hash(&x->by_id, &key, sizeof(key));
}

static uint64_t id_of(const struct exchanges *x, struct sip_text call_id)
{
	return hmap_hash(&x->by_id, call_id.s, call_id.len);
}

static struct call *find(struct exchanges *x, const struct ipaddr *peer, uint64_t id)
{
	struct hmap_node *n = hmap_first(&x->by_id, hash_of(x, peer, id));

	for (; n; n = hmap_next(n)) {
		struct call *c = container_of(n, struct call, node);

		if (c->id == id && ipaddr_equal(&c->peer, peer))
			return c;
	}
	return NULL;
}

static void forget(struct exchanges *x, struct call *c)
{
	hmap_remove(&x->by_id, &c->node);
	TAILQ_REMOVE(&x->used, c, place);
	TAILQ_INSERT_HEAD(&x->free, c, place);
	x->stats.calls--;
}

/* Memory that was never used costs nothing: take of it only what is needed. */
static struct call *take_free(struct exchanges *x)
{
	struct call *c;

	if (TAILQ_EMPTY(&x->free) && x->touched < x->max)
		return &x->calls[x->touched++];
	if (TAILQ_EMPTY(&x->free)) {
		x->stats.evicted++;
		forget(x, TAILQ_FIRST(&x->used));
	}
	c = TAILQ_FIRST(&x->free);
	TAILQ_REMOVE(&x->free, c, place);
	return c;
}

static struct call *begin(struct exchanges *x, const struct ipaddr *peer, uint64_t id)
{
	struct call *c = take_free(x);

	*c = (struct call){ .peer = *peer, .id = id };
	hmap_insert(&x->by_id, &c->node, hash_of(x, peer, id));
	TAILQ_INSERT_TAIL(&x->used, c, place);
	x->stats.calls++;
	return c;
}

/* Some scanners never count their requests, but an answer must find its own. */
static uint64_t branch_of(const struct exchanges *x, const struct sip_message *m)
{
	return m->branch.len ? hmap_hash(&x->by_id, m->branch.s, m->branch.len) : 0;
}

/* Is it the request at hand, or about it? */
static bool is_current(const struct exchanges *x, const struct call *c,
		       const struct sip_message *m)
{
	return *c->method && c->cseq == m->cseq && c->branch == branch_of(x, m);
}

static struct call *call_of(struct exchanges *x, const struct exchange_seen *seen)
{
	uint64_t id = id_of(x, seen->message->call_id);
	struct call *c = find(x, &seen->peer, id);

	if (!c)
		c = begin(x, &seen->peer, id);
	TAILQ_REMOVE(&x->used, c, place);
	TAILQ_INSERT_TAIL(&x->used, c, place);
	c->last = seen->when;
	return c;
}

static bool is_challenge(unsigned int status)
{
	return status == 401 || status == 407;
}

/* ---- texts ------------------------------------------------------------------------ */

/* What a stranger wrote, in print. */
static void keep_text(char *out, size_t size, struct sip_text t)
{
	size_t n = t.len < size - 1 ? t.len : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = t.s[i] > ' ' && t.s[i] < 0x7f ? t.s[i] : '_';
	out[n] = '\0';
}

static void write_text(const struct call *c, bool proven, char out[static EXCHANGE_TEXT])
{
	snprintf(out, EXCHANGE_TEXT, "SIP %s%s%s: %u%s%s%s%s%s", c->method,
		 *c->user ? " of " : "", c->user, c->status,
		 c->waiting && is_challenge(c->status) ? ", never answered" :
		 c->credentials ? ", wrong credentials" : "",
		 proven ? ", sender proven" : ", sender not proven",
		 *c->agent ? " (User-Agent: " : "", c->agent, *c->agent ? ")" : "");
}

/* Was the refusal that waits one to somebody who is there? */
static bool is_received(const struct call *c)
{
	return c->acked || (c->proven && !c->credentials);
}

static enum exchange_what refuse(struct call *c, bool proven, boot_t when,
				 struct exchange_result *r)
{
	*r = (struct exchange_result){
		.what = EXCHANGE_REFUSED, .who = c->peer, .when = when, .proven = proven,
		.unanswered = c->waiting && is_challenge(c->status),
	};
	write_text(c, proven, r->text);
	c->waiting = false;
	return r->what;
}

/* ---- what comes in ----------------------------------------------------------------- */

static bool proves(const struct exchanges *x, const struct exchange_seen *seen)
{
	const struct sip_message *m = seen->message;

	if (seen->tcp)
		return true;
	for (size_t i = 0; i < m->n_nonces; i++)
		if (challenges_proves(x->challenges, &seen->peer, m->nonces[i].s,
				      m->nonces[i].len, seen->when))
			return true;
	return false;
}

static enum exchange_what answer_call(struct call *c, const struct exchange_seen *seen,
				      struct exchange_result *r)
{
	c->answered = false;
	*r = (struct exchange_result){
		.what = EXCHANGE_ANSWERED, .who = c->peer, .when = seen->when, .proven = true,
		.call = c->id,
	};
	return r->what;
}

/* The tag in it came with our answer. */
static enum exchange_what see_ack(struct exchanges *x, const struct exchange_seen *seen,
				  struct exchange_result *r)
{
	const struct sip_message *m = seen->message;
	struct call *c = find(x, &seen->peer, id_of(x, m->call_id));

	if (!c || !(c->waiting || c->answered) || c->cseq != m->cseq ||
	    !challenges_tag_proves(x->challenges, &seen->peer, m->to_tag.s, m->to_tag.len,
				   seen->when))
		return EXCHANGE_NOTHING;
	if (c->answered)
		return answer_call(c, seen, r);
	c->acked = true;
	/* Of a challenge he may still make something. */
	if (is_challenge(c->status))
		return EXCHANGE_NOTHING;
	return refuse(c, true, c->since, r);
}

static enum exchange_what see_request(struct exchanges *x, const struct exchange_seen *seen,
				      struct exchange_result *r)
{
	const struct sip_message *m = seen->message;
	enum exchange_what what = EXCHANGE_NOTHING;
	struct call *c;

	if (sip_text_is(m->method, "ACK"))
		return see_ack(x, seen, r);
	c = call_of(x, seen);
	if (is_current(x, c, m))
		return what;		/* sent again, or to cancel it */
	if (m->n_nonces)
		c->waiting = false;	/* this is his answer */
	else if (c->waiting)
		what = refuse(c, is_received(c), c->since, r);
	c->cseq = m->cseq;
	c->branch = branch_of(x, m);
	c->credentials = m->n_nonces;
	c->proven = proves(x, seen);
	c->refused = c->acked = c->answered = false;
	keep_text(c->method, sizeof(c->method), m->method);
	keep_text(c->user, sizeof(c->user), m->from_user.len ? m->from_user : m->to_user);
	keep_text(c->agent, sizeof(c->agent), m->user_agent);
	return what;
}

/* ---- what goes out ----------------------------------------------------------------- */

static void note_tag(struct exchanges *x, const struct exchange_seen *seen)
{
	const struct sip_message *m = seen->message;

	if (m->to_tag.len)
		challenges_sent_tag(x->challenges, &seen->peer, m->to_tag.s, m->to_tag.len,
				    m->call_id.s, m->call_id.len, seen->when);
}

static void note_challenge(struct exchanges *x, const struct exchange_seen *seen)
{
	const struct sip_message *m = seen->message;

	for (size_t i = 0; i < m->n_nonces; i++)
		challenges_sent(x->challenges, &seen->peer, m->nonces[i].s, m->nonces[i].len,
				seen->when);
	note_tag(x, seen);
}

static enum exchange_what wait(struct call *c, boot_t when)
{
	c->waiting = true;
	c->since = when;
	return EXCHANGE_NOTHING;
}

static enum exchange_what see_challenge(struct call *c, const struct exchange_seen *seen,
					struct exchange_result *r)
{
	/* Proven, and not because the nonce was old: the password is wrong. */
	if (c->credentials && c->proven && !seen->message->stale)
		return refuse(c, true, seen->when, r);
	return wait(c, seen->when);
}

static enum exchange_what see_refusal(struct call *c, const struct exchange_seen *seen,
				      struct exchange_result *r)
{
	bool invite = sip_text_is(seen->message->method, "INVITE");
	bool nowhere = seen->message->status == 404 || seen->message->status == 484;

	if (nowhere && invite && c->credentials && c->proven)
		return EXCHANGE_NOTHING;
	/* The ACK of an INVITE may prove what nothing has proven yet. */
	if (invite && !c->proven)
		return wait(c, seen->when);
	return refuse(c, c->proven, seen->when, r);
}

/*
 * The server has asked for a password and accepted it: that needs no other proof,
 * and many servers give everybody the same nonce in the same second.
 */
static enum exchange_what see_success(struct exchanges *x, struct call *c,
				      const struct exchange_seen *seen,
				      struct exchange_result *r)
{
	bool invite = sip_text_is(seen->message->method, "INVITE");

	c->waiting = false;
	if (!invite && !sip_text_is(seen->message->method, "REGISTER"))
		return EXCHANGE_NOTHING;
	if (!c->credentials || !(c->proven || c->challenged)) {
		c->answered = invite;
		note_tag(x, seen);
		return EXCHANGE_NOTHING;
	}
	*r = (struct exchange_result){
		.what = EXCHANGE_SUCCEEDED, .who = c->peer, .when = seen->when, .proven = c->proven,
	};
	snprintf(r->text, sizeof(r->text), "SIP %s of %s: 200", c->method, c->user);
	return r->what;
}

/*
 * Requests that come by TCP are not seen.  After a challenge the next one of the
 * call answers it; of any other nothing is known.
 */
static void suppose_request(const struct exchanges *x, struct call *c,
			    const struct exchange_seen *seen)
{
	const struct sip_message *m = seen->message;

	c->credentials = seen->tcp && c->refused && is_challenge(c->status);
	c->cseq = m->cseq;
	c->branch = branch_of(x, m);
	c->proven = seen->tcp;
	c->refused = c->acked = c->waiting = c->answered = false;
	keep_text(c->method, sizeof(c->method), m->method);
	keep_text(c->user, sizeof(c->user), m->from_user);
}

static enum exchange_what see_response(struct exchanges *x, const struct exchange_seen *seen,
				       struct exchange_result *r)
{
	const struct sip_message *m = seen->message;
	struct call *c = call_of(x, seen);

	if (!is_current(x, c, m))
		suppose_request(x, c, seen);
	if (m->status / 100 == 2)
		return see_success(x, c, seen, r);
	if (c->refused)
		return EXCHANGE_NOTHING;	/* sent again */
	c->refused = true;
	c->answered = false;
	c->challenged |= is_challenge(m->status);
	c->status = m->status;
	note_challenge(x, seen);
	if (is_challenge(m->status))
		return see_challenge(c, seen, r);
	return see_refusal(c, seen, r);
}

static enum exchange_what see_out(struct exchanges *x, const struct exchange_seen *seen,
				  struct exchange_result *r)
{
	if (seen->message->status)
		return see_response(x, seen, r);
	*r = (struct exchange_result){
		.what = EXCHANGE_CALLED, .who = seen->peer, .when = seen->when,
	};
	return r->what;
}

enum exchange_what exchanges_see(struct exchanges *x, const struct exchange_seen *seen,
				 struct exchange_result *r)
{
	*r = (struct exchange_result){ 0 };
	if (seen->out)
		return see_out(x, seen, r);
	/* What others answer to our requests says nothing about them. */
	return seen->message->status ? EXCHANGE_NOTHING : see_request(x, seen, r);
}

/* ---- patience ------------------------------------------------------------------------ */

/* The list is in the order of the last message, which is never before @since. */
bool exchanges_next_due(struct exchanges *x, boot_t now, struct exchange_result *r)
{
	struct call *c;

	while ((c = TAILQ_FIRST(&x->used)) && c->last.ns + EXCHANGE_PATIENCE_NS <= now.ns) {
		bool waiting = c->waiting;

		if (waiting)
			refuse(c, is_received(c), c->since, r);
		forget(x, c);
		if (waiting)
			return true;
	}
	return false;
}
