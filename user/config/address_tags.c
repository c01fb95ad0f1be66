// SPDX-License-Identifier: GPL-2.0-or-later
#include "address_tags.h"

#include "base/ipaddr.h"
#include "base/str.h"

char *address_tags_fill(const char *text, const struct ipaddr *who)
{
	struct str s = { 0 };
	char address[IPADDR_TEXT];

	ipaddr_format(who, address);
	while (*text) {
		size_t tag = starts_with(text, "<ip>") ? 4 :
			     starts_with(text, "<fid>") ? 5 :
			     starts_with(text, "<F-ID>") ? 6 :
			     starts_with(text, "<family>") ? 8 : 0;

		if (tag == 8)
			str_puts(&s, who->family == 4 ? "inet4" : "inet6");
		else if (tag)
			str_puts(&s, address);
		else
			str_putc(&s, *text);
		text += tag ? tag : 1;
	}
	return str_take(&s);
}
