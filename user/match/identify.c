// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_parts.h"

#include <errno.h>
#include <stdio.h>

/*
 * The captured address and its text: 1; none: 0; something that only looks like
 * an address: -EINVAL.
 */
static int captured_address(const struct captures *c, struct ipaddr *out,
			    struct hit_text *text)
{
	struct hit_text cidr = c->v[FIELD_CIDR];
	char net[IPADDR_TEXT + 16];
	int len;

	*text = c->v[FIELD_IP4].s ? c->v[FIELD_IP4] : c->v[FIELD_IP6];
	if (!text->s)
		return 0;
	if (!text_is_set(cidr))
		return ipaddr_parse(text->s, text->len, out) ? -EINVAL : 1;
	len = snprintf(net, sizeof(net), "%.*s/%.*s", (int)text->len, text->s,
		       (int)cidr.len, cidr.s);
	if (len >= (int)sizeof(net) || ipaddr_parse_net(net, (size_t)len, out))
		return -EINVAL;
	/* No line of a log is a reason to shut everybody out. */
	return out->prefix ? 1 : -EINVAL;
}

/* 127.1, 0x7f.1, 1.2.3.4567: resolvers take them for addresses, we do not. */
static bool looks_numeric(struct hit_text name)
{
	const char *end = name.s + name.len, *label = end;

	while (label > name.s && label[-1] != '.')
		label--;
	if (end - label > 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
		return true;
	while (label < end && *label >= '0' && *label <= '9')
		label++;
	return label == end;
}

/* Nearly nobody asks for the text, so filter_id() makes it. */
static void set_address(struct hit *hit, const struct ipaddr *a)
{
	hit->addr = *a;
	hit->id = (struct hit_text){ 0 };
}

struct hit_text filter_id(struct filter *f, const struct hit *hit)
{
	if (hit->id.s)
		return hit->id;
	ipaddr_format(&hit->addr, f->id);
	return (struct hit_text){ f->id, strlen(f->id) };
}

/* An id that is a text; it may still be an address. */
static void set_text(struct filter *f, struct hit *hit, struct hit_text id)
{
	struct ipaddr a;

	hit->id = id;
	if (ipaddr_parse_net(id.s, id.len, &a) || !a.prefix)
		return;
	hit->addr = a;
	if (f->names != FILTER_NAMES_RAW)
		set_address(hit, &a);
}

/* What looks like an address and is none is shown, but nobody may ban it. */
static void set_bogus(struct filter *f, struct hit *hit, struct hit_text text)
{
	hit->id = text;
	hit->bogus = true;
	f->stats.bogus++;
}

/* A name and no address: false if it leads nowhere. */
static bool set_name(struct filter *f, struct hit *hit, struct hit_text name,
		     struct hit_text fid)
{
	if (f->names == FILTER_NAMES_RAW) {
		set_text(f, hit, fid.s ? fid : name);
		return true;
	}
	set_text(f, hit, name);
	if (hit->addr.family)
		return true;
	if (f->names == FILTER_NAMES_NONE)
		return false;
	if (looks_numeric(name))
		set_bogus(f, hit, name);
	else
		hit->dns = true;
	return true;
}

int filter_identify(struct filter *f, const struct captures *c, struct hit *hit)
{
	struct hit_text fid = c->v[FIELD_FID], name = c->v[FIELD_DNS], text;
	struct ipaddr a;
	int found = captured_address(c, &a, &text);
	bool own_id = fid.s && !(found && text_equal(fid, text));

	if (!found && !name.s && !fid.s)
		return -ENOENT;
	if (!found && name.s)
		return set_name(f, hit, name, fid) && (hit->id.len || hit->addr.family);
	if (own_id)
		set_text(f, hit, fid);
	else if (found < 0)
		set_bogus(f, hit, text);
	else
		set_address(hit, &a);
	if (own_id && found > 0)
		hit->ip = a;
	return hit->id.len || hit->addr.family;
}
