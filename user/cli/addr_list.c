// SPDX-License-Identifier: GPL-2.0-or-later
#include "addr_list.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/ipaddr.h"

typedef unsigned __int128 u128;

/* What is said about one address. */
struct said {
	double seconds;		/* NAN: nothing */
	char reason[256];	/* "": nothing */
};

static void refuse(struct addr_list *l, const char *what, size_t len)
{
	char text[128];

	snprintf(text, sizeof(text), "%.*s", (int)(len < 100 ? len : 100), what);
	l->bad(l->ctx, l->line, text);
}

static void give(struct addr_list *l, const struct ipaddr *who, const struct said *said)
{
	char text[IPADDR_TEXT];
	json_t *row;

	ipaddr_format(who, text);
	if (isnan(said->seconds) && !*said->reason) {
		l->plain(l->ctx, text);
		return;
	}
	row = json_pack("{s:s}", "address", text);
	if (!isnan(said->seconds))
		json_object_set_new(row, "for", json_real(said->seconds));
	if (*said->reason)	/* not UTF-8: the reason is left out */
		json_object_set_new(row, "reason", json_string(said->reason));
	l->row(l->ctx, row);
}

/* ---- ranges -------------------------------------------------------------- */

static u128 number_of(const struct ipaddr *a)
{
	u128 n = 0;

	for (int i = 0; i < (a->family == 4 ? 4 : 16); i++)
		n = n << 8 | a->bytes[i];
	return n;
}

static struct ipaddr addr_of(u128 n, uint8_t family, unsigned int prefix)
{
	struct ipaddr a = { .family = family, .prefix = (uint8_t)prefix };

	for (int i = family == 4 ? 4 : 16; i-- > 0; n >>= 8)
		a.bytes[i] = (uint8_t)n;
	return a;
}

/* As few networks as it takes: at most 2 * 128. */
static void give_range(struct addr_list *l, const struct ipaddr *first,
		       const struct ipaddr *last, const struct said *said)
{
	unsigned int bits = first->family == 4 ? 32 : 128;
	u128 at = number_of(first), end = number_of(last);

	for (;;) {
		unsigned int low = 0;	/* bits of the network's own part */
		struct ipaddr net;
		u128 size = 1;

		while (low < bits - 1 && !(at & size) && end - at >= size * 2 - 1) {
			size *= 2;
			low++;
		}
		net = addr_of(at, first->family, bits - low);
		give(l, &net, said);
		if (end - at < size)
			return;
		at += size;
	}
}

/* An address, a network or a range. */
static void take_address(struct addr_list *l, const char *word, size_t len,
			 const struct said *said)
{
	const char *dash = memchr(word, '-', len);
	size_t first = dash ? (size_t)(dash - word) : len;
	struct ipaddr a, b;

	if (!dash && !ipaddr_parse_net(word, len, &a))
		give(l, &a, said);
	else if (dash && !ipaddr_parse(word, first, &a) &&
		 !ipaddr_parse(dash + 1, len - first - 1, &b) && a.family == b.family &&
		 number_of(&a) <= number_of(&b))
		give_range(l, &a, &b, said);
	else
		refuse(l, word, len);
}

/* ---- words --------------------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\r");
}

/* The next word, up to @end; a quoted one without its quotes. */
static const char *next_word(const char **at, const char *end, size_t *len)
{
	const char *word;

	*at = skip_blanks(*at);
	if (*at >= end)
		return NULL;
	if (**at == '"') {
		word = ++*at;
		while (*at < end && **at != '"')
			++*at;
		*len = (size_t)(*at - word);
		*at += *at < end;
		return word;
	}
	word = *at;
	while (*at < end && !strchr(" \t\r", **at))
		++*at;
	*len = (size_t)(*at - word);
	return word;
}

static bool is_word(const char *word, size_t len, const char *text)
{
	return strlen(text) == len && !memcmp(word, text, len);
}

/* How many seconds a unit has; NAN: it is none. */
static double unit_of(const char *word, size_t len)
{
	static const struct { const char *name; double s; } units[] = {
		{ "", 1 }, { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 },
		{ "ms", 0.001 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (is_word(word, len, units[i].name))
			return units[i].s;
	return NAN;
}

/* Seconds, or the "1d2h3m4s500ms" of nft.  NAN: neither. */
static double seconds_of(const char *word, size_t len)
{
	const char *end = word + len;
	double sum = 0;

	while (word < end) {
		char *unit;
		double n = strtod(word, &unit);
		size_t letters;

		if (unit == word || unit > end || !(n >= 0 && n < 1e12))
			return NAN;
		letters = strspn(unit, "dhms");
		if (letters > (size_t)(end - unit))
			return NAN;
		sum += n * unit_of(unit, letters);
		word = unit + letters;
	}
	return sum;
}

/*
 * What may follow an address: timeout T, expires T (which is what is left of it),
 * comment "text", counters and flags, which say nothing that we need.  False: that
 * is not an address alone.
 */
static bool take_attributes(const char *at, const char *end, struct said *said)
{
	const char *word;
	size_t len;

	while ((word = next_word(&at, end, &len))) {
		bool time = is_word(word, len, "timeout");
		bool left = is_word(word, len, "expires");
		bool comment = is_word(word, len, "comment");

		if (is_word(word, len, "."))
			return false;	/* an address and a port, say */
		if (!time && !left && !comment)
			continue;
		word = next_word(&at, end, &len);
		if (!word)
			return false;
		if (comment)
			snprintf(said->reason, sizeof(said->reason), "%.*s", (int)len, word);
		else if (left || isnan(said->seconds))
			said->seconds = seconds_of(word, len);
	}
	return true;
}

/* ---- the forms ----------------------------------------------------------- */

/* 192.0.2.1 timeout 1h expires 59m, ... up to a brace that closes. */
static void take_elements(struct addr_list *l, const char *at)
{
	while (l->in_elements && *(at = skip_blanks(at))) {
		struct said said = { .seconds = NAN };
		const char *end = at, *rest = at, *word;
		bool quoted = false;
		size_t len;

		for (; *end && (quoted || !strchr(",}", *end)); end++)
			quoted ^= *end == '"';
		word = next_word(&rest, end, &len);
		if (word && take_attributes(rest, end, &said))
			take_address(l, word, len, &said);
		else if (word)
			refuse(l, word, (size_t)(end - word));
		l->in_elements = *end != '}';
		at = end + (*end != '\0');
	}
}

/* add SETNAME ADDRESS timeout 300 comment "..."; 0 is for ever. */
static void take_ipset(struct addr_list *l, const char *at)
{
	const char *end = at + strlen(at), *word;
	struct said said = { .seconds = NAN };
	size_t len;

	next_word(&at, end, &len);
	word = next_word(&at, end, &len);
	if (!word || !take_attributes(at, end, &said)) {
		refuse(l, "add", 3);
		return;
	}
	if (said.seconds == 0)
		said.seconds = -1;
	take_address(l, word, len, &said);
}

static void take_plain(struct addr_list *l, const char *at)
{
	const char *end = at + strcspn(at, "#;"), *word, *more;
	struct said said = { .seconds = NAN };
	size_t len, more_len;

	word = next_word(&at, end, &len);
	if (!word)
		return;
	more = next_word(&at, end, &more_len);
	if (more)
		refuse(l, word, (size_t)(more + more_len - word));
	else
		take_address(l, word, len, &said);
}

static void take_exported(struct addr_list *l, const char *text)
{
	json_t *row = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *who = json_string_value(json_object_get(row, "address"));
	struct ipaddr a;

	if (who && !ipaddr_parse_net(who, strlen(who), &a)) {
		l->row(l->ctx, row);
		return;
	}
	json_decref(row);
	refuse(l, text, strlen(text));
}

/* Of ipset save and nft list: what describes a set, not what is in it. */
static bool is_frame(const char *text)
{
	static const char *const words[] = {
		"create", "flush", "table", "set", "type", "typeof", "flags", "size",
		"gc-interval", "timeout", "policy", "counter", "auto-merge", "comment",
		"}", "-exist", "COMMIT",
	};
	size_t len;
	const char *at = text, *word = next_word(&at, text + strlen(text), &len);

	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++)
		if (is_word(word, len, words[i]))
			return true;
	return false;
}

void addr_list_line(struct addr_list *l, const char *text)
{
	const char *brace = strchr(text, '{');

	l->line++;
	text = skip_blanks(text);
	if (!l->in_elements && brace && (starts_with(text, "elements") ||
					 starts_with(text, "add element "))) {
		l->in_elements = true;
		text = brace + 1;
	}
	if (l->in_elements)
		take_elements(l, text);
	else if (*text == '{')
		take_exported(l, text);
	else if (starts_with(text, "add table ") || starts_with(text, "add set "))
		return;
	else if (starts_with(text, "add "))
		take_ipset(l, text + 4);
	else if (!is_frame(text))
		take_plain(l, text);
}

int addr_list_read(struct addr_list *l, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err;

	errno = 0;
	while ((len = getline(&line, &size, f)) >= 0) {
		if (len && line[len - 1] == '\n')
			line[len - 1] = '\0';
		addr_list_line(l, line);
		errno = 0;
	}
	err = ferror(f) ? -(errno ? errno : EIO) : 0;
	free(line);
	return err;
}
