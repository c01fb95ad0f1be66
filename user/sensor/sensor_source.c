// SPDX-License-Identifier: GPL-2.0-or-later
/* sensor_source - who is trusted, known or limited. */
#include "sensor_private.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "maps/walk.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

void sensor_key(const struct ipaddr *who, struct sip_addr *out)
{
	if (who->family == 6) {
		memcpy(out->bytes, who->bytes, sizeof(out->bytes));
		return;
	}
	memcpy(out->bytes, mapped, sizeof(mapped));
	memcpy(out->bytes + sizeof(mapped), who->bytes, 4);
}

void sensor_addr(const struct sip_addr *key, struct ipaddr *out)
{
	bool v4 = !memcmp(key->bytes, mapped, sizeof(mapped));

	*out = (struct ipaddr){ .family = v4 ? 4 : 6, .prefix = v4 ? 32 : 128 };
	memcpy(out->bytes, key->bytes + (v4 ? sizeof(mapped) : 0), v4 ? 4 : 16);
}

static void net_key(const struct ipaddr *net, struct prefix6 *out)
{
	struct sip_addr key;

	sensor_key(net, &key);
	out->len = net->prefix + (net->family == 4 ? 96u : 0u);
	memcpy(out->addr, key.bytes, sizeof(out->addr));
}

static void net_addr(const struct prefix6 *key, struct ipaddr *out)
{
	struct sip_addr addr;

	memcpy(addr.bytes, key->addr, sizeof(addr.bytes));
	sensor_addr(&addr, out);
	out->prefix = (uint8_t)(key->len - (out->family == 4 ? 96u : 0u));
}

/* ---- counting --------------------------------------------------------------------- */

static void count(struct sensor *s, __u32 standing, uint32_t n)
{
	s->used += n;
	if (standing == SIP_TRUSTED)
		s->trusted += n;
	if (standing == SIP_PENALTY)
		s->penalties += n;
}

static int count_one(void *ctx, const void *key, const void *value)
{
	struct sensor *s = ctx;

	count(s, ((const struct sip_source *)value)->standing, 1);
	sensor_front_add(s, key);
	return 0;
}

int sensor_recount(struct sensor *s)
{
	s->used = s->trusted = s->penalties = 0;
	return map_walk(s->fd[SENSOR_SOURCES], count_one, s);
}

/* ---- single addresses -------------------------------------------------------------- */

static bool has_room(const struct sensor *s, enum sip_standing standing)
{
	uint32_t half = s->max_sources / 2;

	return standing == SIP_TRUSTED ? s->trusted < half :
	       standing == SIP_PENALTY ? s->penalties < half : true;
}

static int put(struct sensor *s, const struct sensor_entry *e)
{
	struct sip_source old = { 0 }, v;
	struct sip_addr key;
	bool there;
	int err;

	sensor_key(&e->who, &key);
	there = !bpf_map_lookup_elem(s->fd[SENSOR_SOURCES], &key, &old);
	if (there && old.standing == SIP_TRUSTED && e->standing != SIP_TRUSTED)
		return 0;
	if ((!there || old.standing != e->standing) && !has_room(s, e->standing))
		return -ENOSPC;
	v = old;
	v.standing = e->standing;
	v.until = e->until.ns;
	v.quiet_until = e->quiet_until.ns;
	sensor_front_add(s, &key);
	err = bpf_map_update_elem(s->fd[SENSOR_SOURCES], &key, &v, BPF_ANY);
	if (err)
		return err == -E2BIG ? -ENOSPC : err;
	if (there)
		count(s, old.standing, UINT32_MAX);	/* minus one */
	count(s, v.standing, 1);
	return 0;
}

int sensor_set(struct sensor *s, const struct sensor_entry *entries, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		bool fits = ipaddr_is_host(&entries[i].who) &&
			    (entries[i].standing == SIP_KNOWN ||
			     entries[i].standing == SIP_PENALTY);
		int err = fits ? put(s, &entries[i]) : -EINVAL;

		if (err)
			ret = err;
	}
	return ret;
}

static int take_out(struct sensor *s, const struct sip_addr *key, __u32 standing)
{
	int err = bpf_map_delete_elem(s->fd[SENSOR_SOURCES], key);

	if (!err)
		count(s, standing, UINT32_MAX);
	return err == -ENOENT ? 0 : err;
}

int sensor_unset(struct sensor *s, const struct ipaddr *who, size_t n)
{
	int ret = 0;

	for (size_t i = 0; i < n; i++) {
		struct sip_source v;
		struct sip_addr key;
		int err = 0;

		sensor_key(&who[i], &key);
		if (!bpf_map_lookup_elem(s->fd[SENSOR_SOURCES], &key, &v) &&
		    v.standing != SIP_TRUSTED)
			err = take_out(s, &key, v.standing);
		if (err)
			ret = err;
	}
	return ret;
}

/* ---- clearing away ------------------------------------------------------------------- */

#define SWEEP_STEP	2048	/* entries */

/* A pass over the table, in steps: what has ended goes, and the filter is made anew. */
struct sensor_pass {
	struct map_walk *walk;		/* owns */
	boot_t now;
};

static int begin_pass(struct sensor *s)
{
	struct sensor_pass *p = calloc(1, sizeof(*p));
	int err = p ? map_walk_begin(&p->walk, s->fd[SENSOR_SOURCES]) : -ENOMEM;

	if (!err)
		err = sensor_front_begin(s);
	s->pass = p;
	if (err)
		sensor_sweep_stop(s);
	return err;
}

void sensor_sweep_stop(struct sensor *s)
{
	if (!s->pass)
		return;
	map_walk_end(s->pass->walk);
	free(s->pass);
	s->pass = NULL;
	sensor_front_end(s, false);
}

static int sweep_one(void *ctx, const void *key, const void *value)
{
	const struct sip_source *v = value;
	struct sensor *s = ctx;

	if (v->until <= s->pass->now.ns)
		return take_out(s, key, v->standing);
	sensor_front_add(s, key);
	return 0;
}

int sensor_sweep(struct sensor *s, boot_t now)
{
	int err = s->pass ? 0 : begin_pass(s);

	if (err)
		return err;
	s->pass->now = now;
	err = map_walk_step(s->pass->walk, SWEEP_STEP, sweep_one, s);
	if (!err && !map_walk_done(s->pass->walk))
		return 1;
	sensor_front_end(s, !err);
	sensor_sweep_stop(s);
	return err;
}

/* ---- trust ---------------------------------------------------------------------------- */

struct trusting {
	struct sensor *s;
	struct ipaddr *list;		/* owns; sorted */
	size_t n;
	uint32_t nets;			/* that were taken out */
};

static int compare(const void *a, const void *b)
{
	return ipaddr_compare(a, b);
}

static bool is_listed(const struct trusting *t, const struct ipaddr *who)
{
	return bsearch(who, t->list, t->n, sizeof(*who), compare);
}

static int drop_host(void *ctx, const void *key, const void *value)
{
	struct trusting *t = ctx;
	const struct sip_source *v = value;
	struct ipaddr who;

	if (v->standing != SIP_TRUSTED)
		return 0;
	sensor_addr(key, &who);
	return is_listed(t, &who) ? 0 : take_out(t->s, key, v->standing);
}

static int drop_net(void *ctx, const void *key, const void *value)
{
	struct trusting *t = ctx;
	struct ipaddr net;
	int err;

	(void)value;
	net_addr(key, &net);
	if (is_listed(t, &net))
		return 0;
	err = bpf_map_delete_elem(t->s->fd[SENSOR_NETS], key);
	return err == -ENOENT ? 0 : err;
}

static int count_nets(struct sensor *s)
{
	struct sip_settings set;
	uint32_t n;
	int err = sensor_settings_get(s, &set);

	if (!err)
		err = map_count(s->fd[SENSOR_NETS], &n);
	if (err || set.nets == n)
		return err;
	set.nets = n;
	return sensor_settings_put(s, &set);
}

static int add_trusted(struct sensor *s, const struct ipaddr *who)
{
	struct sensor_entry e = { .who = *who, .standing = SIP_TRUSTED, .until = BOOT_NEVER };
	struct prefix6 key;
	__u32 len;
	int err;

	if (ipaddr_is_host(who))
		return put(s, &e);
	net_key(who, &key);
	len = key.len;
	err = bpf_map_update_elem(s->fd[SENSOR_NETS], &key, &len, BPF_ANY);
	return err == -E2BIG ? -ENOSPC : err;
}

int sensor_trust(struct sensor *s, const struct ipaddr *who, size_t n)
{
	struct trusting t = { .s = s, .list = malloc((n + 1) * sizeof(*who)), .n = n };
	int ret = 0, err;

	if (!t.list)
		return -ENOMEM;
	if (n)
		memcpy(t.list, who, n * sizeof(*who));
	qsort(t.list, n, sizeof(*t.list), compare);
	/* First those that go, so that there is room for those that come. */
	err = map_walk(s->fd[SENSOR_SOURCES], drop_host, &t);
	if (!err)
		err = map_walk(s->fd[SENSOR_NETS], drop_net, &t);
	for (size_t i = 0; i < n; i++) {
		int e = add_trusted(s, &t.list[i]);

		if (e)
			ret = e;
	}
	free(t.list);
	if (!err)
		err = count_nets(s);
	return err ? err : ret;
}

/* ---- looking ---------------------------------------------------------------------------- */

static void describe(const struct sip_source *v, boot_t now, struct sensor_source *out)
{
	out->standing = v->until > now.ns ? (enum sip_standing)v->standing : SIP_UNKNOWN;
	out->until.ns = v->until;
	out->quiet_until.ns = v->quiet_until;
	out->passed = v->passed;
	out->limited = v->limited;
}

int sensor_find(struct sensor *s, const struct ipaddr *who, boot_t now,
		struct sensor_source *out)
{
	struct prefix6 net;
	struct sip_source v;
	struct sip_addr key;
	__u32 len;

	*out = (struct sensor_source){ .who = *who };
	if (!ipaddr_is_host(who))
		return -EINVAL;
	sensor_key(who, &key);
	if (!bpf_map_lookup_elem(s->fd[SENSOR_SOURCES], &key, &v))
		describe(&v, now, out);
	if (out->standing != SIP_UNKNOWN)
		return 0;
	net_key(who, &net);
	if (!bpf_map_lookup_elem(s->fd[SENSOR_NETS], &net, &len)) {
		out->standing = SIP_TRUSTED;
		out->until = BOOT_NEVER;
	}
	return 0;
}

struct each {
	boot_t now;
	sensor_source_fn *fn;
	void *ctx;
};

static int each_host(void *ctx, const void *key, const void *value)
{
	const struct each *each = ctx;
	struct sensor_source src = { 0 };

	sensor_addr(key, &src.who);
	describe(value, each->now, &src);
	return each->fn(each->ctx, &src);
}

static int each_net(void *ctx, const void *key, const void *value)
{
	const struct each *each = ctx;
	struct sensor_source src = { .standing = SIP_TRUSTED, .until = BOOT_NEVER };

	(void)value;
	net_addr(key, &src.who);
	return each->fn(each->ctx, &src);
}

int sensor_each(struct sensor *s, boot_t now, sensor_source_fn *fn, void *ctx)
{
	struct each each = { now, fn, ctx };
	int ret = map_walk(s->fd[SENSOR_SOURCES], each_host, &each);

	return ret ? ret : map_walk(s->fd[SENSOR_NETS], each_net, &each);
}
