// SPDX-License-Identifier: GPL-2.0-or-later
/* What is read of a message, and what hostile ones must not make of it. */
#include "sip/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../t.h"

#define REGISTER	"REGISTER sip:example.com SIP/2.0\r\n" \
			"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
#define BASE		"Call-ID: abc@192.0.2.1\r\nCSeq: 2 REGISTER\r\n"
#define ANSWER		"SIP/2.0 401 Unauthorized\r\n"

/* One text that says it all: "status method call cseq tag from to stale nonces..." */
static const char *told(const char *data, size_t len, char out[static 1024])
{
	struct sip_message m;
	int n;

	if (sip_message_read(&m, data, len) == -EINVAL)
		return "no";
#define T(t) (int)(t).len, (t).s ? (t).s : ""
	n = snprintf(out, 1024, "%u %.*s %.*s %u", m.status, T(m.method), T(m.call_id), m.cseq);
	if (m.to_tag.len)
		n += snprintf(out + n, 200, " tag=%.*s", T(m.to_tag));
	if (m.from_user.len)
		n += snprintf(out + n, 200, " from=%.*s", T(m.from_user));
	if (m.to_user.len)
		n += snprintf(out + n, 200, " to=%.*s", T(m.to_user));
	if (m.branch.len && !sip_text_is(m.branch, "z9hG4bKx"))
		n += snprintf(out + n, 200, " branch=%.*s", T(m.branch));
	if (m.user_agent.len)
		n += snprintf(out + n, 200, " agent=%.*s", T(m.user_agent));
	if (m.stale)
		n += snprintf(out + n, 8, " stale");
	for (size_t i = 0; i < m.n_nonces; i++)
		n += snprintf(out + n, 100, " %.*s", T(m.nonces[i]));
#undef T
	return out;
}

static const struct {
	const char *what, *message, *told;
} cases[] = {
	{ "a request", REGISTER BASE "\r\n", "0 REGISTER abc@192.0.2.1 2" },
	{ "a response", ANSWER BASE "\r\n", "401 REGISTER abc@192.0.2.1 2" },
	{ "compact names, blanks, line feeds alone",
	  "OPTIONS sip:a SIP/2.0\ni : x\ncseq:\t7   OPTIONS \nf:<sip:al@b>;tag=1\nt:sip:bo@c;tag=2\n\n",
	  "0 OPTIONS x 7 tag=2 from=al to=bo" },
	{ "names and URIs in quotes hide nothing",
	  REGISTER BASE "To: \"x <sip:evil@h>;tag=z \\\" \" <sip:real@h;tag=no>;x=y;TAG=good\r\n\r\n",
	  "0 REGISTER abc@192.0.2.1 2 tag=good to=real" },
	{ "a line that goes on",
	  REGISTER "Call-ID:\r\n abc\r\nCSeq: 2\r\n\tREGISTER\r\n\r\n", "0 REGISTER abc 2" },
	{ "keep-alives before it", "\r\n\r\n" REGISTER BASE "\r\n", "0 REGISTER abc@192.0.2.1 2" },
	{ "credentials",
	  REGISTER BASE "Authorization: Digest username=\"a, nonce=\\\"bad\\\"\", realm=\"nonce=b\", "
	  "nonce=\"good\",uri=\"sip:x\", response=\"1\"\r\n\r\n",
	  "0 REGISTER abc@192.0.2.1 2 good" },
	{ "two of them",
	  REGISTER BASE "authorization:digest NONCE = one\r\n"
	  "Proxy-Authorization: Digest nonce=\"two\"\r\n\r\n",
	  "0 REGISTER abc@192.0.2.1 2 one two" },
	{ "more than anybody needs",
	  REGISTER BASE "Authorization: Digest nonce=1\r\nAuthorization: Digest nonce=2\r\n"
	  "Authorization: Digest nonce=3\r\nAuthorization: Digest nonce=4\r\n"
	  "Authorization: Digest nonce=5\r\n\r\n", "0 REGISTER abc@192.0.2.1 2 1 2 3 4" },
	{ "another scheme", REGISTER BASE "Authorization: Basic nonce=\"x\"\r\n\r\n",
	  "0 REGISTER abc@192.0.2.1 2" },
	{ "a challenge",
	  ANSWER BASE "WWW-Authenticate: Digest realm=\"a\", nonce=\"n1\", stale=TRUE\r\n\r\n",
	  "401 REGISTER abc@192.0.2.1 2 stale n1" },
	{ "a challenge in a request, credentials in a response",
	  REGISTER BASE "WWW-Authenticate: Digest nonce=\"x\"\r\n\r\n", "0 REGISTER abc@192.0.2.1 2" },
	{ "what follows the headers is no header",
	  REGISTER BASE "\r\nAuthorization: Digest nonce=\"x\"\r\n\r\n", "0 REGISTER abc@192.0.2.1 2" },
	{ "who asks", REGISTER BASE "User-Agent: friendly-scanner\r\n\r\n",
	  "0 REGISTER abc@192.0.2.1 2 agent=friendly-scanner" },
	{ "the last to send it",
	  "OPTIONS sip:a SIP/2.0\r\nv: SIP/2.0/UDP h;x=\"a,;branch=n\";branch = 1 , SIP/2.0/UDP i;branch=2\r\n"
	  "Via: SIP/2.0/UDP j;branch=3\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n",
	  "0 OPTIONS c 1 branch=1" },
	{ "a nonce that was cut off",
	  REGISTER BASE "Authorization: Digest nonce=\"half", "0 REGISTER abc@192.0.2.1 2" },
	{ "a line that might go on",
	  REGISTER BASE "Authorization: Digest nonce=\"whole\"\r\n", "0 REGISTER abc@192.0.2.1 2" },
	{ "not SIP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "no" },
	{ "half a first line", "REGISTER sip:exam", "no" },
	{ "no Call-ID", REGISTER "CSeq: 1 REGISTER\r\n\r\n", "no" },
	{ "CSeq of another method", REGISTER "Call-ID: a\r\nCSeq: 1 INVITE\r\n\r\n", "no" },
	{ "a CSeq that is too large", REGISTER "Call-ID: a\r\nCSeq: 99999999999 REGISTER\r\n\r\n", "no" },
	{ "a status that is none", "SIP/2.0 4x1 Hm\r\n" BASE "\r\n", "no" },
	{ "nothing", "", "no" },
	{ "blanks", " \r\n \r\n", "no" },
};

/* However much of it there is: no byte behind it is read (sanitizers say so). */
static void test_cut_off(const char *message)
{
	size_t len = strlen(message);
	char out[1024];

	for (size_t n = 0; n < len; n++) {
		char *copy = malloc(n + 1);

		memcpy(copy, message, n);
		told(copy, n, out);
		free(copy);
	}
}

int main(void)
{
	char out[1024];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		t_str(cases[i].what, told(cases[i].message, strlen(cases[i].message), out),
		      cases[i].told);
		test_cut_off(cases[i].message);
	}
	t_str("NUL bytes", told("REGISTER \0sip SIP/2.0\nCall-ID: a\0b\nCSeq: 1 REGISTER\n\n", 54,
				out), "0 REGISTER a 1");
	return t_done();
}
