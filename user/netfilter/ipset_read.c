// SPDX-License-Identifier: GPL-2.0-or-later
/* ipset_read - what the sets hold, and count. */
#include "ipset.h"

#include <errno.h>

#define FRESH_NS	(NS_PER_S / 4)	/* how old counters may be */

static bool decode(struct nlval attrs, const struct ipset_reading *r, struct enforce_entry *out)
{
	struct nlval ip = nl_get(nl_get(attrs, IPSET_ATTR_IP), r->family == 4 ?
				 IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6);
	struct nlval cidr = nl_get(attrs, IPSET_ATTR_CIDR);
	uint32_t left = nlval_u32(nl_get(attrs, IPSET_ATTR_TIMEOUT));
	struct enforce_end end = { (uint16_t)r->scope, BOOT_NEVER };

	if (ip.len != (r->family == 4 ? 4u : 16u))
		return false;
	if (left)
		end.until.ns = r->now.ns + left * NS_PER_S;
	*out = (struct enforce_entry){
		.ban = { .who = { .family = (uint8_t)r->family }, .n = 1, .ends = { end } },
		.hits.frames = nlval_u64(nl_get(attrs, IPSET_ATTR_PACKETS)),
		.hits.bytes = nlval_u64(nl_get(attrs, IPSET_ATTR_BYTES)),
	};
	out->ban.who.prefix = cidr.data ? nlval_u8(cidr) : r->family == 4 ? 32 : 128;
	memcpy(out->ban.who.bytes, ip.data, ip.len);
	return true;
}

void ipset_on_list(void *ctx, uint32_t seq, int err, uint16_t type, struct nlval attrs)
{
	struct nlval list = nl_get(attrs, IPSET_ATTR_ADT), data;
	struct ipset_reading *r = ctx;
	uint16_t kind;

	(void)seq, (void)type;
	while (!err && !r->ret && nl_next(&list, &data, &kind)) {
		struct enforce_entry entry;

		if (kind == IPSET_ATTR_DATA && decode(data, r, &entry))
			r->ret = r->fn(r->ctx, &entry);
	}
}

int ipset_each(struct enforcer *e, boot_t now, enforce_entry_fn *fn, void *ctx)
{
	struct ipset *s = (struct ipset *)e;
	struct ipset_reading r = { .now = now, .fn = fn, .ctx = ctx };
	char name[IPSET_MAXNAMELEN];
	int err = 0;

	for (r.scope = 0; r.scope < SCOPES_MAX && !err && !r.ret; r.scope++)
		for (r.family = 4; r.family <= 6; r.family += 2) {
			if (!(s->made[r.scope] >> (r.family == 6) & 1))
				continue;
			ipset_message(s, IPSET_CMD_LIST, NLM_F_DUMP,
				ipset_name(s, r.scope, r.family, name));
			err = nl_dump(&s->nl, &s->out, ipset_on_list, &r);
			if (err == -ENOENT || err == -EINTR)
				err = 0;
		}
	return err ? err : r.ret;
}

/* ipset can only be asked for everything: now and then is enough. */
int ipset_hits(struct enforcer *e, const struct ipaddr *who, boot_t now,
		      struct enforce_hits *out)
{
	struct ipset *s = (struct ipset *)e;
	const struct enforce_entry *entry;
	int err = 0;

	if (!s->seen.made || now.ns - s->seen_at.ns > FRESH_NS) {
		err = snapshot_take(&s->seen, e, now);
		s->seen_at = now;
	}
	entry = err ? NULL : snapshot_find(&s->seen, who);
	if (entry)
		*out = entry->hits;
	return err ? err : entry ? 0 : -ENOENT;
}

static int sum(void *ctx, const struct enforce_entry *e)
{
	struct enforce_stats *out = ctx;

	out->totals[0].frames += e->hits.frames;
	out->totals[0].bytes += e->hits.bytes;
	if (!ipaddr_is_host(&e->ban.who))
		++*(e->ban.who.family == 4 ? &out->nets4 : &out->nets6);
	return 0;
}

int ipset_stats(struct enforcer *e, struct enforce_stats *out)
{
	struct ipset *s = (struct ipset *)e;

	out->max_bans4 = s->max[0];
	out->max_bans6 = s->max[1];
	allowed_count(&s->allowed, out);
	out->n_totals = 1;
	out->totals[0] = (struct enforce_total){ .reason = "drop-host", .dropped = true };
	return ipset_each(e, (boot_t){ 0 }, sum, out);
}
