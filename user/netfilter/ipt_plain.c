// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ipt_plain - the last resort: iptables alone, a rule or more for each ban.
 * Every packet goes through all rules, so this is for hundreds of bans, not for
 * thousands.  The chain itself remembers everything: each rule's comment says
 * which ports, and when it ends, and its counters go on when it is written
 * again.  It is read, changed and written as a whole.  Bans do not end here by
 * themselves.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "enforce/allowed.h"
#include "enforce/resync.h"
#include "enforce/scopes.h"
#include "ipt.h"
#include "netfilter.h"

/* A comparison under way.  Each but the last of these runs one or two programs. */
struct pass {
	enum { RULES4, RULES6, READ4, READ6, COMPARE } stage;
	bool right;			/* the chains, as far as they were asked about */
	struct resync *resync;		/* owns */
};

struct plain {
	struct enforcer e;
	struct pass *pass;		/* owns; or NULL */
	struct scopes scopes;
	struct allowed allowed;		/* owns */
	size_t n_rules[2];
	bool known;			/* the chains are ours, of this run */
	uint32_t max[2];
};

/* ---- reading the chain -------------------------------------------------------------------- */

struct reading {
	struct plain *p;
	enforce_entry_fn *fn;
	void *ctx;
};

/* [1:51] -A XDPBAN -s 192.0.2.1/32 ... --comment "udp/5060 until 123456" -j DROP */
bool ipt_rule_parse(const char *line, struct ipt_rule *out)
{
	const char *comment = strstr(line, "--comment \"");
	char who[64], scope[300];

	*out = (struct ipt_rule){ 0 };
	return comment && sscanf(line, "[%" SCNu64 ":%" SCNu64 "] -A " IPT_CHAIN " -s %63s",
				 &out->frames, &out->bytes, who) == 3 &&
	       sscanf(comment, "--comment \"%299s until %" SCNu64 "\"", scope,
		      &out->until.ns) == 2 &&
	       !ipaddr_parse_net(who, strlen(who), &out->who) &&
	       !enforce_scope_parse(scope, &out->scope);
}

static bool read_rule(struct plain *p, const char *line, struct enforce_entry *out)
{
	struct ipt_rule rule;
	int id = ipt_rule_parse(line, &rule) ? scopes_find(&p->scopes, &rule.scope) : -EINVAL;

	if (id < 0)
		return false;
	*out = (struct enforce_entry){
		.ban = { .who = rule.who, .n = 1, .ends = { { (uint16_t)id, rule.until } } },
		.hits = { .frames = rule.frames, .bytes = rule.bytes },
	};
	return true;
}

static int read_family(struct reading *r, int family)
{
	struct str text = { 0 };
	int ret = ipt_chain_read(family, &text);
	char *line = text.s, *end;

	for (; !ret && line && *line; line = end + 1) {
		struct enforce_entry entry;

		end = strchrnul(line, '\n');
		if (!*end)
			break;
		*end = '\0';
		if (read_rule(r->p, line, &entry))
			ret = r->fn(r->ctx, &entry);
	}
	str_fini(&text);
	return ret;
}

static int plain_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	struct reading r = { (struct plain *)e, fn, ctx };
	int ret = read_family(&r, 4);

	(void)now;
	return ret ? ret : read_family(&r, 6);
}

/* ---- writing it ------------------------------------------------------------------------------ */

struct writing {
	struct plain *p;
	struct str *text;
	const struct enforce_entry *entry;
	const struct enforce_end *end;
	const char *scope;		/* in words */
	size_t n;
	bool counted;			/* the first rule carries the counters */
};

static void put_rule(void *ctx, const char *match)
{
	struct writing *w = ctx;
	const struct enforce_hits *h = &w->entry->hits;
	char who[IPADDR_TEXT];

	str_printf(w->text, "[%" PRIu64 ":%" PRIu64 "] -A " IPT_CHAIN " -s %s %s-m comment "
		   "--comment \"%s until %" PRIu64 "\" -j DROP\n",
		   w->counted ? 0 : h->frames, w->counted ? 0 : h->bytes,
		   ipaddr_format(&w->entry->ban.who, who), match, w->scope, w->end->until.ns);
	w->counted = true;
	w->n++;
}

static void put_ban(struct writing *w, const struct enforce_entry *entry)
{
	w->entry = entry;
	w->counted = false;
	for (unsigned int i = 0; i < entry->ban.n; i++) {
		unsigned int scope = entry->ban.ends[i].scope;
		struct enforce_scope s;
		struct str words = { 0 };

		if (scopes_get(&w->p->scopes, scope, &s))
			continue;
		enforce_scope_format(&s, &words);
		w->end = &entry->ban.ends[i];
		w->scope = words.s ? words.s : "all";
		ipt_matches(scope ? &s : NULL, entry->ban.who.family, put_rule, w);
		str_fini(&words);
	}
}

static void put_allowed(struct writing *w, int family)
{
	char who[IPADDR_TEXT];

	for (size_t i = 0; i < w->p->allowed.n; i++)
		if (w->p->allowed.list[i].family == family) {
			str_printf(w->text, "-A " IPT_CHAIN " -s %s -j ACCEPT\n",
				   ipaddr_format(&w->p->allowed.list[i], who));
			w->n++;
		}
}

static int write_family(struct plain *p, int family, const struct snapshot *old,
			const struct enforce_ban *bans, size_t n)
{
	struct str text = { 0 };
	struct writing w = { .p = p, .text = &text };
	const struct enforce_entry *entry;
	struct hmap_cursor c = { 0 };
	int err;

	ipt_chain_begin(&text);
	put_allowed(&w, family);
	while ((entry = snapshot_each(old, &c))) {
		size_t i = 0;

		while (i < n && !ipaddr_equal(&bans[i].who, &entry->ban.who))
			i++;
		if (i == n && entry->ban.who.family == family)
			put_ban(&w, entry);
	}
	for (size_t i = 0; i < n; i++) {
		const struct enforce_entry *was = snapshot_find(old, &bans[i].who);
		struct enforce_entry now = { .ban = bans[i] };
		size_t later = i + 1;

		while (later < n && !ipaddr_equal(&bans[i].who, &bans[later].who))
			later++;
		if (was)
			now.hits = was->hits;
		if (later == n && bans[i].who.family == family)
			put_ban(&w, &now);
	}
	err = ipt_chain_commit(family, &text);
	if (!err)
		p->n_rules[family == 6] = w.n;
	str_fini(&text);
	return err;
}

static int write_both(struct plain *p, const struct enforce_ban *bans, size_t n)
{
	struct snapshot old = { 0 };
	bool touched[2] = { !n, !n };
	int err = snapshot_take(&old, &p->e, (boot_t){ 0 });

	for (size_t i = 0; i < n; i++)
		touched[bans[i].who.family == 6] = true;
	for (int family = 4; family <= 6 && !err; family += 2)
		if (touched[family == 6])
			err = write_family(p, family, &old, bans, n);
	snapshot_fini(&old);
	return err;
}

static int plain_add(struct enforcer *e, const struct enforce_ban *bans, size_t n)
{
	struct plain *p = (struct plain *)e;
	int err = n ? write_both(p, bans, n) : 0;

	for (size_t i = 0; p->pass && i < n; i++)
		resync_touch(p->pass->resync, &bans[i].who);
	if (err)
		log_err("iptables: cannot write bans: %s", strerror(-err));
	return err;
}

static int plain_allow(struct enforcer *e, const struct ipaddr *who, size_t n)
{
	struct plain *p = (struct plain *)e;
	int err = allowed_keep(&p->allowed, who, n);

	if (!err)
		err = write_both(p, NULL, 0);
	if (err)
		log_err("iptables: cannot write the allowlist: %s", strerror(-err));
	return err;
}

/* ---- comparing, in steps ----------------------------------------------------------- */

static void plain_resync_stop(struct enforcer *e)
{
	struct plain *p = (struct plain *)e;

	if (p->pass)
		resync_end(p->pass->resync);
	free(p->pass);
	p->pass = NULL;
}

static int pass_begin(struct plain *p)
{
	p->pass = calloc(1, sizeof(*p->pass));
	if (!p->pass)
		return -ENOMEM;
	p->pass->right = true;
	return resync_begin(&p->pass->resync, &p->e);
}

static int put_read(void *ctx, const struct enforce_entry *entry)
{
	return resync_put(ctx, entry);
}

/* Both chains are written anew if one of them is not as we wrote it. */
static int check_rules(struct plain *p, int family, struct enforce_repairs *out)
{
	int err = 0;

	p->pass->right &= ipt_chain_right(family, p->n_rules[family == 6]);
	if (family == 4 || p->pass->right)
		return 0;
	out->other += p->known;
	err = write_both(p, NULL, 0);
	p->known = !err;
	return err;
}

/* 1: there is more. */
static int pass_go_on(struct plain *p, const struct enforce_truth *truth, boot_t now,
		      struct enforce_repairs *out)
{
	struct reading r = { p, put_read, p->pass->resync };
	int err = 0;

	switch (p->pass->stage) {
	case RULES4:
	case RULES6:
		err = check_rules(p, p->pass->stage == RULES4 ? 4 : 6, out);
		break;
	case READ4:
	case READ6:
		err = read_family(&r, p->pass->stage == READ4 ? 4 : 6);
		break;
	case COMPARE:
		return resync_compare(p->pass->resync, truth, now, out);
	}
	p->pass->stage++;
	return err ? err : 1;
}

static int plain_resync_step(struct enforcer *e, const struct enforce_truth *truth,
			     boot_t now, struct enforce_repairs *out)
{
	struct plain *p = (struct plain *)e;
	int ret = p->pass ? 0 : pass_begin(p);

	if (!ret)
		ret = pass_go_on(p, truth, now, out);
	if (ret < 0) {
		p->known = false;
		log_err("iptables: cannot compare or repair our chain: %s", strerror(-ret));
	}
	if (!ret)
		p->known = true;
	if (ret <= 0)
		plain_resync_stop(e);
	return ret;
}

/* ---- the rest ---------------------------------------------------------------------- */

static int plain_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		      struct enforce_hits *out)
{
	struct snapshot seen = { 0 };
	int err = snapshot_take(&seen, e, now);
	const struct enforce_entry *entry = err ? NULL : snapshot_find(&seen, who);

	if (entry)
		*out = entry->hits;
	snapshot_fini(&seen);
	return err ? err : entry ? 0 : -ENOENT;
}

static int sum(void *ctx, const struct enforce_entry *e)
{
	struct enforce_stats *out = ctx;

	out->totals[0].frames += e->hits.frames;
	out->totals[0].bytes += e->hits.bytes;
	return 0;
}

static int plain_stats(struct enforcer *e, struct enforce_stats *out)
{
	struct plain *p = (struct plain *)e;

	out->max_bans4 = p->max[0];
	out->max_bans6 = p->max[1];
	allowed_count(&p->allowed, out);
	out->n_totals = 1;
	out->totals[0] = (struct enforce_total){ .reason = "drop-host", .dropped = true };
	return plain_each(e, (boot_t){ 0 }, sum, out);
}

static int plain_scope(struct enforcer *e, const struct enforce_scope *s)
{
	return scopes_find(&((struct plain *)e)->scopes, s);
}

static int plain_scope_get(struct enforcer *e, uint16_t scope, struct enforce_scope *out)
{
	return scopes_get(&((struct plain *)e)->scopes, scope, out);
}

static void plain_close(struct enforcer *e)
{
	plain_resync_stop(e);
	allowed_fini(&((struct plain *)e)->allowed);
	free(e);
}

static const struct enforcer_ops plain_ops = {
	.name = "iptables",
	.net_admin = true,
	.net_raw = true,
	.programs = true,
	.forgets = true,
	.close = plain_close,
	.scope = plain_scope,
	.scope_get = plain_scope_get,
	.add = plain_add,
	.allow = plain_allow,
	.resync_step = plain_resync_step,
	.resync_stop = plain_resync_stop,
	.hits = plain_hits,
	.each = plain_each,
	.stats = plain_stats,
};

int enforcer_open_iptables(struct enforcer **out, const struct enforcer_params *params)
{
	struct plain *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->e.ops = &plain_ops;
	p->max[0] = params->max_bans4;
	p->max[1] = params->max_bans6;
	err = write_both(p, NULL, 0);
	if (err)
		plain_close(&p->e);
	else
		*out = &p->e;
	return err;
}

int enforcer_look_iptables(struct enforcer **out)
{
	struct plain *p;

	if (!ipt_chain_jumped(4))
		return -ENOENT;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->e.ops = &plain_ops;
	*out = &p->e;
	return 0;
}

int enforcer_remove_iptables(void)
{
	int four = ipt_chain_remove(4), six = ipt_chain_remove(6);

	if (four && four != -ENOENT)
		return four;
	if (six && six != -ENOENT)
		return six;
	return four && six ? four : 0;
}
