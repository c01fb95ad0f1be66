/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet_rows - the table of packets_test.c. */
#pragma once
#include "xdpban/bpf_abi.h"

/*
 * Who is banned in this table (add 2001:db8::N for 192.0.2.N):
 *
 *   192.0.2.1	everything
 *   192.0.2.2	everything, but that has ended
 *   192.0.2.3	udp/5060-5070
 *   192.0.2.4	everything, but is on the allowlist
 *   192.0.2.5	udp/5060-5070, and tcp/22
 *   192.0.2.6	udp/5060-5070, which has ended, and tcp/22
 *   192.0.2.7	sctp, any port, and icmp
 *   192.0.2.8	udp/5060-5070, which has ended
 *   192.0.2.9	port 5060 of any protocol that has ports
 *   192.0.2.10	the first port and the last of tcp, udp, sctp, dccp, udplite
 *   192.0.2.11	udp/5060-5070, but is on the allowlist
 *
 *   198.51.100.0/24	everything; 198.51.100.7 is on the allowlist
 *   203.0.113.0/24	everything, but that has ended; 203.0.113.0/25: tcp/22
 *   203.0.0.0/16	udp/5060-5070, and tcp/22
 *   100.64.0.0/10	ended, all of 100.64.0.0/10 to /16: seven nested ones
 *   2001:db8:1::/48	everything; 2001:db8:1::7 is on the allowlist
 *   2001:db8:2::/64	ended; 2001:db8:2::/48: tcp/22
 */
struct row {
	const char *what, *frame;
	enum reason why;
};

static const struct row host_rows[] = {
	/* Where the source stands, and that nothing behind it matters. */
	{ "nobody special", "eth ip4:192.0.2.99 udp:5060", PASS_NOT_BANNED },
	{ "nobody special, IPv6", "eth ip6:2001:db8::99 udp:5060", PASS_NOT_BANNED },
	{ "udp", "eth ip4:192.0.2.1 udp:5060", DROP_HOST },
	{ "tcp", "eth ip4:192.0.2.1 tcp:80", DROP_HOST },
	{ "sctp", "eth ip4:192.0.2.1 sctp:5060", DROP_HOST },
	{ "icmp", "eth ip4:192.0.2.1 icmp", DROP_HOST },
	{ "gre", "eth ip4:192.0.2.1 gre ip4:192.0.2.99 udp:5060", DROP_HOST },
	{ "esp", "eth ip4:192.0.2.1 esp", DROP_HOST },
	{ "ah", "eth ip4:192.0.2.1 ah udp:5060", DROP_HOST },
	{ "ip in ip", "eth ip4:192.0.2.1 proto:4 raw:20", DROP_HOST },
	{ "an unheard-of protocol", "eth ip4:192.0.2.1 proto:253", DROP_HOST },
	{ "options", "eth ip4:192.0.2.1,options=4 udp:5060", DROP_HOST },
	{ "all the options there can be", "eth ip4:192.0.2.1,options=40 udp:5060", DROP_HOST },
	{ "a header shorter than itself", "eth ip4:192.0.2.1,ihl=4 udp:5060", DROP_HOST },
	{ "a header longer than the frame", "eth ip4:192.0.2.1,ihl=15", DROP_HOST },
	{ "the first fragment", "eth ip4:192.0.2.1,frag=0 udp:5060", DROP_HOST },
	{ "a later fragment", "eth ip4:192.0.2.1,frag=185 raw:100", DROP_HOST },
	{ "the last offset", "eth ip4:192.0.2.1,frag=8191 raw:8", DROP_HOST },
	{ "IPv6 udp", "eth ip6:2001:db8::1 udp:5060", DROP_HOST },
	{ "IPv6 icmp", "eth ip6:2001:db8::1 icmp6", DROP_HOST },
	{ "IPv6 hop-by-hop", "eth ip6:2001:db8::1 hop udp:5060", DROP_HOST },
	{ "IPv6 routing", "eth ip6:2001:db8::1 routing:16 udp:5060", DROP_HOST },
	{ "IPv6 destination", "eth ip6:2001:db8::1 dst:8 udp:5060", DROP_HOST },
	{ "IPv6 mobility", "eth ip6:2001:db8::1 mobility none", DROP_HOST },
	{ "IPv6 host identity", "eth ip6:2001:db8::1 hip none", DROP_HOST },
	{ "IPv6 shim6", "eth ip6:2001:db8::1 shim6 udp:5060", DROP_HOST },
	{ "IPv6 ah", "eth ip6:2001:db8::1 ah udp:5060", DROP_HOST },
	{ "IPv6 esp", "eth ip6:2001:db8::1 esp", DROP_HOST },
	{ "IPv6 no next header", "eth ip6:2001:db8::1 none", DROP_HOST },
	{ "IPv6 gre", "eth ip6:2001:db8::1 gre", DROP_HOST },
	{ "IPv6 first fragment", "eth ip6:2001:db8::1 frag:0 udp:5060", DROP_HOST },
	{ "IPv6 later fragment", "eth ip6:2001:db8::1 frag:100 raw:64", DROP_HOST },

	/* Tags. */
	{ "tag", "eth vlan ip4:192.0.2.1 udp:5060", DROP_HOST },
	{ "service tag", "eth qinq ip4:192.0.2.1 udp:5060", DROP_HOST },
	{ "QinQ", "eth qinq vlan ip4:192.0.2.1 udp:5060", DROP_HOST },
	{ "two plain tags", "eth vlan vlan ip4:192.0.2.1 udp:5060", DROP_HOST },
	{ "QinQ, IPv6", "eth qinq vlan ip6:2001:db8::1 udp:5060", DROP_HOST },
	{ "QinQ, not banned", "eth qinq vlan ip4:192.0.2.99 udp:5060", PASS_NOT_BANNED },
	{ "three tags", "eth qinq vlan vlan ip4:192.0.2.1 udp:5060", PASS_VLAN_TOO_DEEP },
	{ "a tag on something else", "eth vlan arp", PASS_NOT_IP },

	/* What is not ours to judge. */
	{ "arp", "eth arp", PASS_NOT_IP },
	{ "pppoe", "eth type:0x8864", PASS_NOT_IP },
	{ "mpls", "eth type:0x8847", PASS_NOT_IP },
	{ "a length, as of spanning tree", "eth type:0x0026", PASS_NOT_IP },
	{ "said to be IPv4, but is not", "eth ip4:192.0.2.1,version=6 udp:5060",
	  PASS_TRUNCATED },
	{ "said to be IPv6, but is not", "eth ip6:2001:db8::1,version=4 udp:5060",
	  PASS_TRUNCATED },

	/* Ends and the allowlist. */
	{ "ended", "eth ip4:192.0.2.2 udp:5060", PASS_EXPIRED },
	{ "ended, IPv6", "eth ip6:2001:db8::2 udp:5060", PASS_EXPIRED },
	{ "allowed", "eth ip4:192.0.2.4 udp:5060", PASS_ALLOWED },
	{ "allowed, IPv6", "eth ip6:2001:db8::4 udp:5060", PASS_ALLOWED },
	{ "allowed, tagged", "eth qinq vlan ip4:192.0.2.4 tcp:22", PASS_ALLOWED },
	{ "allowed, banned on ports", "eth ip4:192.0.2.11 udp:5060", PASS_ALLOWED },
	{ "allowed, banned on other ports", "eth ip4:192.0.2.11 udp:53", PASS_OUT_OF_SCOPE },

	/* Ports. */
	{ "in scope", "eth ip4:192.0.2.3 udp:5060", DROP_HOST },
	{ "last port of the range", "eth ip4:192.0.2.3 udp:5070", DROP_HOST },
	{ "a port before", "eth ip4:192.0.2.3 udp:5059", PASS_OUT_OF_SCOPE },
	{ "a port behind", "eth ip4:192.0.2.3 udp:5071", PASS_OUT_OF_SCOPE },
	{ "port 0", "eth ip4:192.0.2.3 udp:0", PASS_OUT_OF_SCOPE },
	{ "the highest port", "eth ip4:192.0.2.3 udp:65535", PASS_OUT_OF_SCOPE },
	{ "another protocol", "eth ip4:192.0.2.3 tcp:5060", PASS_OUT_OF_SCOPE },
	{ "icmp", "eth ip4:192.0.2.3 icmp", PASS_OUT_OF_SCOPE },
	{ "esp hides no udp", "eth ip4:192.0.2.3 esp", PASS_OUT_OF_SCOPE },
	{ "gre", "eth ip4:192.0.2.3 gre", PASS_OUT_OF_SCOPE },
	{ "in scope, tagged", "eth qinq vlan ip4:192.0.2.3 udp:5060", DROP_HOST },
	{ "in scope behind options", "eth ip4:192.0.2.3,options=12 udp:5060", DROP_HOST },
	{ "out of scope behind options", "eth ip4:192.0.2.3,options=12 udp:53",
	  PASS_OUT_OF_SCOPE },
	{ "in scope, IPv6", "eth ip6:2001:db8::3 udp:5060", DROP_HOST },
	{ "out of scope, IPv6", "eth ip6:2001:db8::3 udp:53", PASS_OUT_OF_SCOPE },
	{ "two scopes, the first", "eth ip4:192.0.2.5 udp:5060", DROP_HOST },
	{ "two scopes, the second", "eth ip4:192.0.2.5 tcp:22", DROP_HOST },
	{ "two scopes, neither", "eth ip4:192.0.2.5 tcp:80", PASS_OUT_OF_SCOPE },
	{ "two scopes, IPv6", "eth ip6:2001:db8::5 tcp:22", DROP_HOST },
	{ "the first has ended", "eth ip4:192.0.2.6 udp:5060", PASS_OUT_OF_SCOPE },
	{ "the second has not", "eth ip4:192.0.2.6 tcp:22", DROP_HOST },
	{ "a whole protocol", "eth ip4:192.0.2.7 sctp:1", DROP_HOST },
	{ "a protocol without ports", "eth ip4:192.0.2.7 icmp", DROP_HOST },
	{ "fragments of a whole protocol", "eth ip4:192.0.2.7,frag=9 proto:132", DROP_HOST },
	{ "another whole protocol", "eth ip4:192.0.2.7 udp:1", PASS_OUT_OF_SCOPE },
	{ "scope and ended", "eth ip4:192.0.2.8 udp:5060", PASS_EXPIRED },
	{ "port of any protocol: udp", "eth ip4:192.0.2.9 udp:5060", DROP_HOST },
	{ "port of any protocol: tcp", "eth ip4:192.0.2.9 tcp:5060", DROP_HOST },
	{ "port of any protocol: sctp", "eth ip4:192.0.2.9 sctp:5060", DROP_HOST },
	{ "port of any protocol: dccp", "eth ip4:192.0.2.9 dccp:5060", DROP_HOST },
	{ "port of any protocol: udplite", "eth ip4:192.0.2.9 udplite:5060", DROP_HOST },
	{ "another port of any protocol", "eth ip4:192.0.2.9 sctp:5061", PASS_OUT_OF_SCOPE },
	{ "port of any protocol: icmp has none", "eth ip4:192.0.2.9 icmp", PASS_OUT_OF_SCOPE },
	{ "the first port there is", "eth ip4:192.0.2.10 tcp:0", DROP_HOST },
	{ "the last port there is", "eth ip4:192.0.2.10 udp:65535", DROP_HOST },
	{ "the second", "eth ip4:192.0.2.10 udp:1", PASS_OUT_OF_SCOPE },

	/* Ports that cannot be told. */
	{ "first fragment, in scope", "eth ip4:192.0.2.3,frag=0 udp:5060", DROP_HOST },
	{ "first fragment, out of scope", "eth ip4:192.0.2.3,frag=0 udp:53",
	  PASS_OUT_OF_SCOPE },
	{ "later fragment", "eth ip4:192.0.2.3,frag=185 udp:53", DROP_UNDECIDED },
	{ "later fragment of another protocol", "eth ip4:192.0.2.3,frag=185 tcp:5060",
	  PASS_OUT_OF_SCOPE },
	{ "a header shorter than itself", "eth ip4:192.0.2.3,ihl=4 udp:53", DROP_UNDECIDED },
	{ "a header longer than the frame", "eth ip4:192.0.2.3,ihl=15 udp:53",
	  DROP_UNDECIDED },
	{ "IPv6 first fragment", "eth ip6:2001:db8::3 frag:0 udp:53", PASS_OUT_OF_SCOPE },
	{ "IPv6 first fragment, in scope", "eth ip6:2001:db8::3 frag:0 udp:5060", DROP_HOST },
	{ "IPv6 later fragment", "eth ip6:2001:db8::3 frag:9 udp:53", DROP_UNDECIDED },
	{ "IPv6 later fragment of tcp", "eth ip6:2001:db8::3 frag:9 tcp:5060",
	  PASS_OUT_OF_SCOPE },
	{ "IPv6 later fragment of who knows", "eth ip6:2001:db8::3 frag:9 dst raw:8",
	  DROP_UNDECIDED },
	{ "IPv6 fragment of a fragment", "eth ip6:2001:db8::3 frag:0 frag:9 udp:53",
	  DROP_UNDECIDED },

	/* Every extension header, in and out of scope, alone and in a chain. */
	{ "hop-by-hop", "eth ip6:2001:db8::3 hop udp:5060", DROP_HOST },
	{ "hop-by-hop, out", "eth ip6:2001:db8::3 hop udp:53", PASS_OUT_OF_SCOPE },
	{ "long hop-by-hop", "eth ip6:2001:db8::3 hop:248 udp:5060", DROP_HOST },
	{ "the longest there is", "eth ip6:2001:db8::3 dst:2040 udp:5060", DROP_HOST },
	{ "the longest there is, out", "eth ip6:2001:db8::3 dst:2040 udp:53",
	  PASS_OUT_OF_SCOPE },
	{ "routing", "eth ip6:2001:db8::3 routing:16 udp:5060", DROP_HOST },
	{ "routing, out", "eth ip6:2001:db8::3 routing:16 udp:53", PASS_OUT_OF_SCOPE },
	{ "destination", "eth ip6:2001:db8::3 dst:8 udp:5060", DROP_HOST },
	{ "mobility", "eth ip6:2001:db8::3 mobility udp:5060", DROP_HOST },
	{ "mobility, out", "eth ip6:2001:db8::3 mobility none", PASS_OUT_OF_SCOPE },
	{ "host identity", "eth ip6:2001:db8::3 hip:32 udp:5060", DROP_HOST },
	{ "shim6", "eth ip6:2001:db8::3 shim6:8 udp:5060", DROP_HOST },
	{ "ah", "eth ip6:2001:db8::3 ah:12 udp:5060", DROP_HOST },
	{ "ah, out", "eth ip6:2001:db8::3 ah:12 udp:53", PASS_OUT_OF_SCOPE },
	{ "esp", "eth ip6:2001:db8::3 esp", PASS_OUT_OF_SCOPE },
	{ "no next header", "eth ip6:2001:db8::3 none", PASS_OUT_OF_SCOPE },
	{ "icmp", "eth ip6:2001:db8::3 icmp6", PASS_OUT_OF_SCOPE },
	{ "six in a chain", "eth ip6:2001:db8::3 hop dst:8 routing:16 frag:0 ah dst udp:5060",
	  DROP_HOST },
	{ "six in a chain, out", "eth ip6:2001:db8::3 hop dst:8 routing:16 frag:0 ah dst udp:53",
	  PASS_OUT_OF_SCOPE },
	{ "seven in a chain", "eth ip6:2001:db8::3 hop dst dst dst dst dst dst udp:53",
	  DROP_UNDECIDED },
	{ "seven in a chain, not banned", "eth ip6:2001:db8::99 hop dst dst dst dst dst dst udp:53",
	  PASS_NOT_BANNED },
};

static const struct row net_rows[] = {
	{ "in a network", "eth ip4:198.51.100.1 udp:5060", DROP_NET },
	{ "its first address", "eth ip4:198.51.100.0 udp:5060", DROP_NET },
	{ "its last address", "eth ip4:198.51.100.255 icmp", DROP_NET },
	{ "the address before", "eth ip4:198.51.99.255 udp:5060", PASS_NOT_BANNED },
	{ "the address behind", "eth ip4:198.51.101.0 udp:5060", PASS_NOT_BANNED },
	{ "allowed in a network", "eth ip4:198.51.100.7 udp:5060", PASS_ALLOWED },
	{ "a short ban hides no wider one", "eth ip4:203.0.113.200 udp:5060", DROP_NET },
	{ "wider one, out of scope", "eth ip4:203.0.113.200 udp:53", PASS_OUT_OF_SCOPE },
	{ "narrow one on one port", "eth ip4:203.0.113.1 tcp:22", DROP_NET },
	{ "the wider one on another", "eth ip4:203.0.113.1 udp:5070", DROP_NET },
	{ "the wider one alone", "eth ip4:203.0.1.1 tcp:22", DROP_NET },
	{ "undecided in a network", "eth ip4:203.0.1.1,frag=3 udp:1", DROP_UNDECIDED },
	{ "seven ended ones", "eth ip4:100.64.0.1 udp:5060", PASS_EXPIRED },
	{ "outside of some of them", "eth ip4:100.127.0.1 udp:5060", PASS_EXPIRED },
	{ "IPv6 network", "eth ip6:2001:db8:1::1 udp:5060", DROP_NET },
	{ "IPv6 network, far end", "eth ip6:2001:db8:1:ffff::1 tcp:1", DROP_NET },
	{ "IPv6 outside", "eth ip6:2001:db8:3::1 udp:5060", PASS_NOT_BANNED },
	{ "IPv6 allowed in a network", "eth ip6:2001:db8:1::7 udp:5060", PASS_ALLOWED },
	{ "IPv6 wider", "eth ip6:2001:db8:2::1 tcp:22", DROP_NET },
	{ "IPv6 wider, out of scope", "eth ip6:2001:db8:2::1 tcp:23", PASS_OUT_OF_SCOPE },
};

/*
 * A frame cut off after every byte: up to @lens[i] bytes it is reasons[i], and
 * @lens ends with the whole frame.
 */
static const struct cut {
	const char *frame;
	size_t lens[6];
	enum reason reasons[6];
} cuts[] = {
	{ "eth ip4:192.0.2.1 udp:5060", { 33, 42 }, { PASS_TRUNCATED, DROP_HOST } },
	{ "eth ip4:192.0.2.99 udp:5060", { 33, 42 }, { PASS_TRUNCATED, PASS_NOT_BANNED } },
	{ "eth qinq vlan ip4:192.0.2.1 udp:5060", { 41, 50 }, { PASS_TRUNCATED, DROP_HOST } },
	{ "eth ip6:2001:db8::1 udp:5060", { 53, 62 }, { PASS_TRUNCATED, DROP_HOST } },
	{ "eth ip4:192.0.2.3 udp:5060", { 33, 37, 42 },
	  { PASS_TRUNCATED, DROP_UNDECIDED, DROP_HOST } },
	{ "eth ip4:192.0.2.3 udp:53", { 33, 37, 42 },
	  { PASS_TRUNCATED, DROP_UNDECIDED, PASS_OUT_OF_SCOPE } },
	{ "eth ip4:192.0.2.3 tcp:53", { 33, 54 }, { PASS_TRUNCATED, PASS_OUT_OF_SCOPE } },
	{ "eth vlan ip4:192.0.2.3,options=40 udp:53", { 37, 81, 86 },
	  { PASS_TRUNCATED, DROP_UNDECIDED, PASS_OUT_OF_SCOPE } },
	{ "eth ip6:2001:db8::3 hop dst:8 frag:0 ah:4 udp:53", { 53, 105, 110 },
	  { PASS_TRUNCATED, DROP_UNDECIDED, PASS_OUT_OF_SCOPE } },
	{ "eth arp", { 42 }, { PASS_NOT_IP } },
	{ "eth vlan arp", { 17, 46 }, { PASS_TRUNCATED, PASS_NOT_IP } },
	{ "eth qinq vlan vlan", { 21, 26 }, { PASS_TRUNCATED, PASS_VLAN_TOO_DEEP } },
};
