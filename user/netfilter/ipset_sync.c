// SPDX-License-Identifier: GPL-2.0-or-later
/* ipset_sync - compares the sets with what should be in them, in steps. */
#include "ipset.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "ipt.h"

/*
 * A set that is made anew while its rules still stand cannot be told from one
 * that was there; but rules that have gone are seen.
 */
static int repair_rest(struct ipset *s, uint64_t *other)
{
	bool right = s->known && ipt_chain_right(4, s->n_rules[0]) &&
		     (!s->has6 || ipt_chain_right(6, s->n_rules[1]));
	int err = 0;

	*other += s->known && !right;
	if (!right)
		err = ipset_make_all(s);
	s->known = !err;
	return err ? err : ipset_write_allowed(s);
}

/* ---- in steps -------------------------------------------------------------------- */

struct ipset_pass {
	struct nl nl;			/* for reading one set after the other */
	struct nl_dumping dumping;
	bool begun;			/* the set is being read */
	boot_t made;			/* when the kernel made the next piece */
	struct ipset_reading at;
	boot_t reach;			/* of the set when what is read was written */
	const struct enforce_truth *truth;	/* of this step */
	struct resync *resync;		/* owns */
};

/*
 * An element with no end is right where its end was out of reach, and is told the
 * end when that has come within reach.
 */
static void take_far(struct ipset *s, const struct ipaddr *who, struct enforce_end *there)
{
	const struct enforce_truth *truth = s->pass->truth;
	struct enforce_ban want = { 0 };

	if (!truth->find(truth->ctx, who, &want))
		return;
	for (unsigned int i = 0; i < want.n; i++) {
		boot_t until = want.ends[i].until;

		if (want.ends[i].scope != there->scope || until.ns <= s->pass->reach.ns)
			continue;
		there->until = until;
		if (until.ns <= s->reach.ns)
			ipset_add(&s->e, &want, 1);
	}
}

static int put_read(void *ctx, const struct enforce_entry *entry)
{
	struct enforce_entry e = *entry;
	struct ipset *s = ctx;

	if (e.ban.ends[0].until.ns == BOOT_NEVER.ns)
		take_far(s, &e.ban.who, &e.ban.ends[0]);
	return resync_put(s->pass->resync, &e);
}

static int begin(struct ipset *s, boot_t now, struct enforce_repairs *out)
{
	struct ipset_pass *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	s->pass = p;
	p->at = (struct ipset_reading){ .family = 4, .fn = put_read, .ctx = s };
	p->reach = s->reach;
	s->reach = ipset_reach(now);
	err = nl_open(&p->nl);
	if (!err)
		err = repair_rest(s, &out->other);
	return err ? err : resync_begin(&p->resync, &s->e);
}

/*
 * The next piece of a set; 1: the set is not complete.  The kernel makes a piece,
 * with the seconds that are left to each ban, when the one before it is fetched:
 * maybe long ago.
 */
static int read_piece(struct ipset *s, boot_t now)
{
	struct ipset_pass *p = s->pass;
	char name[IPSET_MAXNAMELEN];
	int ret;

	if (!p->begun) {
		ipset_message(s, IPSET_CMD_LIST, NLM_F_DUMP,
			      ipset_name(s, p->at.scope, p->at.family, name));
		ret = nl_dump_begin(&p->nl, &s->out, &p->dumping);
		if (ret)
			return ret;
		p->begun = true;
		p->made = now;
	}
	p->at.now = p->made;
	p->made = now;
	ret = nl_dump_more(&p->nl, &p->dumping, ipset_on_list, &p->at);
	p->begun = ret > 0;
	/* A set that somebody took away holds nothing. */
	return ret == -ENOENT || ret == -EINTR ? 0 : ret ? ret : p->at.ret;
}

/* Go on reading; 1: there is more. */
static int read_on(struct ipset *s, boot_t now)
{
	struct ipset_reading *at = &s->pass->at;
	int ret = 0;

	if (s->made[at->scope] >> (at->family == 6) & 1)
		ret = read_piece(s, now);
	if (ret)
		return ret;
	at->scope += at->family == 6;
	at->family = at->family == 4 ? 6 : 4;
	return at->scope < SCOPES_MAX;
}

void ipset_resync_stop(struct enforcer *e)
{
	struct ipset *s = (struct ipset *)e;

	if (!s->pass)
		return;
	s->reach = s->pass->reach;
	nl_close(&s->pass->nl);
	resync_end(s->pass->resync);
	free(s->pass);
	s->pass = NULL;
}

void ipset_touch(struct ipset *s, const struct ipaddr *who)
{
	if (s->pass)
		resync_touch(s->pass->resync, who);
}

/* Sets that are not there cost nothing: on to the next that is. */
static int step(struct ipset *s, const struct enforce_truth *truth, boot_t now,
		struct enforce_repairs *out)
{
	int ret;

	if (!s->pass) {
		ret = begin(s, now, out);
		return ret ? ret : 1;
	}
	s->pass->truth = truth;
	while (s->pass->at.scope < SCOPES_MAX) {
		bool is_made = s->made[s->pass->at.scope] >> (s->pass->at.family == 6) & 1;

		ret = read_on(s, now);
		if (ret < 0 || is_made)
			return ret < 0 ? ret : 1;
	}
	ret = resync_compare(s->pass->resync, truth, now, out);
	if (!ret)		/* else the next pass takes up from where this one did */
		s->pass->reach = s->reach;
	return ret;
}

int ipset_resync_step(struct enforcer *e, const struct enforce_truth *truth, boot_t now,
		      struct enforce_repairs *out)
{
	int ret = step((struct ipset *)e, truth, now, out);

	if (ret < 0)
		log_err("ipset: cannot compare or repair our sets: %s", strerror(-ret));
	if (ret <= 0)
		ipset_resync_stop(e);
	return ret;
}
