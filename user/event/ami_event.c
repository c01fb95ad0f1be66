// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asterisk does not escape what it sends.  A user name with a line end in it
 * becomes a line of its own here, and may say "RemoteAddress: VICTIM".  What the
 * attacker cannot do is take the true line away: so a field that comes twice, or
 * not in its place, makes the whole event worthless.
 *
 * Unless the name is long enough for the end of one event, any number of others,
 * and the beginning of the last.  chan_pjsip keeps 36 bytes of a stranger's name,
 * in which not even the beginning of one has room.  chan_sip keeps all.  But even
 * then the first block begins with Asterisk's own words, and these say that it is
 * chan_sip's: from there on nothing is proof, nobody has logged in, and failures
 * are only that.
 */
#include "ami_event.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include "ami_parse.h"
#include "base/ipaddr.h"

#define NAME_MAX_	40u	/* bytes of a name of an event or a field */

/* What every security event has, in this order; others come behind. */
static const char *const required[] = {
	"EventTV", "Severity", "Service", "EventVersion", "AccountID", "SessionID",
	"LocalAddress", "RemoteAddress",
};
enum { ACCOUNT = 4 };	/* RequestBadFormat has it among the others, or not at all */

/* What the manager adds to events of all kinds, in front of their own fields. */
static const char *const added[] = {
	"Event", "Privilege", "Timestamp", "SequenceNumber", "File", "Line", "Func",
	"SystemName", NULL,
};

static bool is_added(const char *key)
{
	const char *const *name = added;

	while (*name && strcasecmp(*name, key))
		name++;
	return *name;
}

static bool is_name(const char *s)
{
	size_t len = 0;

	while (isalnum((unsigned char)s[len]))
		len++;
	return len && len <= NAME_MAX_ && !s[len];
}

static bool is_security(const struct ami_message *m)
{
	const char *class = ami_field(m, "Privilege");

	return m->n > 2 && !strcasecmp(m->fields[0].key, "Event") &&
	       class && starts_with(class, "security");
}

static bool comes_twice(const struct ami_message *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcasecmp(m->fields[k].key, m->fields[i].key))
			return true;
	return false;
}

/* Every field once, by a name, and the required ones first and in order. */
static bool is_whole(const struct ami_message *m)
{
	size_t own = 0;

	if (m->odd || !is_name(m->fields[0].value))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		const char *key = m->fields[i].key;

		if (!is_name(key) || comes_twice(m, i))
			return false;
		if (is_added(key)) {
			if (own)
				return false;
			continue;
		}
		if (own == ACCOUNT && !streq(key, required[own]))
			own++;
		if (own < ARRAY_SIZE(required) && !streq(key, required[own]))
			return false;
		own++;
	}
	return own >= ARRAY_SIZE(required);
}

/* "IPV4/UDP/192.0.2.1/5060"; what listens on every address may be "(null)". */
static bool is_address(const char *s, bool local)
{
	size_t transport, len;
	struct ipaddr who;

	if (!starts_with(s, "IPV4/") && !starts_with(s, "IPV6/"))
		return false;
	s += 5;
	transport = strcspn(s, "/");
	if (!transport || transport > 8 || strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != transport ||
	    !s[transport])
		return false;
	s += transport + 1;
	len = strcspn(s, "/");
	if ((!local && ipaddr_parse(s, len, &who)) || !s[len])
		return false;
	s += len + 1;
	len = strspn(s, "0123456789");
	return len && len <= 5 && !s[len];
}

/* Nothing that ends a value or a line; UTF-8 may stay. */
static void add_value(struct str *out, const char *s)
{
	size_t len = strnlen(s, AMI_VALUE_MAX);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			str_printf(out, "%%%02X", c);
		else
			str_putc(out, (char)c);
	}
}

static void add_field(struct str *out, const char *key, const char *value)
{
	str_printf(out, "%s=\"", key);
	add_value(out, value);
	str_putc(out, '"');
}

/* "IPV4/TCP/192.0.2.1/5060" without what it would prove. */
static void add_unproven(struct str *out, const char *key, const char *value)
{
	str_printf(out, "%s=\"%.5s" AMI_UNPROVEN, key, value);
	add_value(out, strchr(value + 5, '/'));
	str_putc(out, '"');
}

bool ami_event_gives_doubt(const struct ami_message *m)
{
	static const char *const sound[] = { "PJSIP", "AMI", "ARI", "HTTP", "CLI" };
	const char *service = is_security(m) ? ami_field(m, "Service") : NULL;

	/* Also of an event that is not whole: the client may have cut it off. */
	if (!service)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(sound); i++)
		if (streq(service, sound[i]))
			return false;
	return true;
}

/* What would help the one it is about, or prove something of another. */
static bool is_favour(const char *event)
{
	return streq(event, "SuccessfulAuth") || streq(event, "ChallengeSent");
}

int ami_event_line(const struct ami_message *m, bool doubted, struct str *out)
{
	str_reset(out);
	if (!is_security(m) || (doubted && is_favour(m->fields[0].value)))
		return -ENOMSG;
	if (!is_whole(m) || !is_address(ami_field(m, "LocalAddress"), true) ||
	    !is_address(ami_field(m, "RemoteAddress"), false))
		return -EBADMSG;
	str_puts(out, "SECURITY[1] res_security_log.c: ");
	add_field(out, "SecurityEvent", m->fields[0].value);
	for (size_t i = 1; i < m->n; i++) {
		if (is_added(m->fields[i].key))
			continue;
		str_putc(out, ',');
		if (doubted && streq(m->fields[i].key, "RemoteAddress"))
			add_unproven(out, m->fields[i].key, m->fields[i].value);
		else
			add_field(out, m->fields[i].key, m->fields[i].value);
	}
	return out->failed ? -ENOMEM : 0;
}
