// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sipflood - SIP requests from very many sources, at a given rate.
 *
 *	sipflood INTERFACE SPARE MAC ADDRESS METHOD SOURCES RATE SECONDS
 *
 * METHOD is REGISTER, INVITE or OPTIONS; each request has a Call-ID, branch and
 * tag of its own.  The frames are made by the kernel (BPF_PROG_TEST_RUN with
 * live frames) and go into the veth device INTERFACE, to the host ADDRESS at
 * MAC.  RATE 0: as many as one core can make.  Prints frames,
 * seconds, and percent of the frames that came late, so in large bursts.
 *
 * SPARE is a veth device that nobody uses: the program is attached there, too.
 * A program that is in use needs no preparation by the kernel (its "dispatcher"),
 * which waits 20 ms for a grace period; without, a burst of frames takes 35 us,
 * so that one every 2 ms is no burden for the core.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/util.h"
#include "tests/bench/bpf/sipflood.skel.h"

enum {
	PORT = 5060,
	FRAME_MAX = 1514,
	PAYLOAD_AT = sizeof(struct ether_header) + sizeof(struct iphdr) +
		     sizeof(struct udphdr),
	BATCH = 64,
	BURST = 16,		/* frames sent at once, about */
	UNEVEN = 10 * BURST,	/* more than that come late */
	PAUSE_MIN_NS = 100000,	/* from one burst to the next */
	PAUSE_MAX_NS = 1000000,
	FULL = 65536,		/* frames at once, as fast as it goes */
	HOLES = 4,
};

/* The places of eight letters that differ in each message. */
#define HOLE	"########"

static const char head[] =
	"%s sip:%s%s SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.1.2.3:5060;branch=z9hG4bK-" HOLE ";rport\r\n"
	"Max-Forwards: 70\r\n"
	"From: \"phone\" <sip:" HOLE "@example.org>;tag=" HOLE "\r\n"
	"To: <sip:1001@example.org>\r\n"
	"Call-ID: " HOLE "-7d3f-11ee-9c1a@10.1.2.3\r\n"
	"CSeq: 1 %s\r\n"
	"Contact: <sip:1001@10.1.2.3:5060>\r\n"
	"User-Agent: Grandstream GXP2160 1.0.11.39\r\n"
	"Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE\r\n"
	"%s"
	"Content-Length: %zu\r\n\r\n%s";
static const char sdp[] =
	"v=0\r\no=- 20518 0 IN IP4 10.1.2.3\r\ns=-\r\nc=IN IP4 10.1.2.3\r\nt=0 0\r\n"
	"m=audio 11424 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
	"a=fmtp:101 0-15\r\na=sendrecv\r\n";

static const struct method {
	const char *name, *user, *more, *body;
} methods[] = {
	{ "REGISTER", "", "Expires: 300\r\n", "" },
	{ "INVITE", "00442071234567@", "Content-Type: application/sdp\r\n", sdp },
	{ "OPTIONS", "100@", "Accept: application/sdp\r\n", "" },
};

struct sipflood {
	struct sipflood_bpf *skel;
	uint8_t frame[FRAME_MAX];
	size_t len;
};

static const struct method *method_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (streq(methods[i].name, name))
			return &methods[i];
	return NULL;
}

static void find_holes(struct sipflood *f)
{
	const char *at = (char *)f->frame + PAYLOAD_AT;

	for (size_t i = 0; i < HOLES; i++) {
		at = strstr(at, HOLE);
		f->skel->bss->sipflood.hole[i] = (uint32_t)(at - (char *)f->frame);
		at += strlen(HOLE);
	}
}

/* Gives the sum of all words of the IP header but the source's. */
static uint32_t make_headers(struct sipflood *f, const uint8_t mac[6], struct in_addr to)
{
	struct ether_header eth = { .ether_shost = { 2, 0, 0, 0, 0, 2 },
				    .ether_type = htons(ETHERTYPE_IP) };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			    .tot_len = htons(f->len - sizeof(eth)), .daddr = to.s_addr };
	/* Over IPv4 a datagram may come without a checksum. */
	struct udphdr udp = { .source = htons(PORT), .dest = htons(PORT),
			      .len = htons(f->len - sizeof(eth) - sizeof(ip)) };
	const uint8_t *bytes = (const uint8_t *)&ip;
	uint32_t sum = 0;

	memcpy(eth.ether_dhost, mac, sizeof(eth.ether_dhost));
	memcpy(f->frame, &eth, sizeof(eth));
	memcpy(f->frame + sizeof(eth), &ip, sizeof(ip));
	memcpy(f->frame + sizeof(eth) + sizeof(ip), &udp, sizeof(udp));
	for (size_t i = 0; i < sizeof(ip); i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return sum;
}

static int make_frame(struct sipflood *f, const struct method *m, const uint8_t mac[6],
		      struct in_addr to)
{
	int len = snprintf((char *)f->frame + PAYLOAD_AT, FRAME_MAX - PAYLOAD_AT, head,
			   m->name, m->user, "example.org", m->name, m->more,
			   strlen(m->body), m->body);

	if (len < 0 || len >= FRAME_MAX - PAYLOAD_AT)
		return -EMSGSIZE;
	f->len = PAYLOAD_AT + (size_t)len;
	find_holes(f);
	f->skel->bss->sipflood.ip_sum = make_headers(f, mac, to);
	return 0;
}

static int send_frames(struct sipflood *f, uint32_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->frame,
		    .data_size_in = (uint32_t)f->len, .repeat = (int)n,
		    .batch_size = BATCH, .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	return bpf_prog_test_run_opts(bpf_program__fd(f->skel->progs.sipflood_ipv4), &opts);
}

static uint64_t pause_ns(uint64_t rate)
{
	uint64_t ns = rate ? BURST * NS_PER_S / rate : 0;

	return ns < PAUSE_MIN_NS ? PAUSE_MIN_NS : ns > PAUSE_MAX_NS ? PAUSE_MAX_NS : ns;
}

/*
 * Small bursts at even distances: large ones would leave a server in peace for
 * most of the time.  One that comes late (the processor was taken) is
 * made up for, but not by more than a tenth of a second's frames.
 */
static int run(struct sipflood *f, uint64_t rate, double seconds)
{
	uint64_t begin = boot_now().ns, end = begin + (uint64_t)(seconds * NS_PER_S);
	uint64_t sent = 0, late = 0, now;
	int err = 0;

	while ((now = boot_now().ns) < end && !err) {
		uint64_t due = rate ? (now - begin) * rate / NS_PER_S + 1 - sent : FULL;

		if (rate && due > rate / 10 + 1) {
			sent += due - (rate / 10 + 1);
			due = rate / 10 + 1;
		}
		err = send_frames(f, (uint32_t)due);
		sent += due;
		late += rate && due > UNEVEN ? due : 0;
		if (rate)
			nanosleep(&(struct timespec){ 0, (long)pause_ns(rate) }, NULL);
	}
	printf("%llu %.2f %.0f\n", (unsigned long long)sent, (double)(now - begin) / NS_PER_S,
	       sent ? 100.0 * (double)late / (double)sent : 0);
	return err;
}

int main(int argc, char **argv)
{
	const struct method *m = argc == 9 ? method_named(argv[5]) : NULL;
	struct sipflood f = { 0 };
	struct in_addr to;
	uint8_t mac[6];
	int err;

	if (!m || inet_pton(AF_INET, argv[4], &to) != 1 || atol(argv[6]) < 1 ||
	    sscanf(argv[3], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2],
		   &mac[3], &mac[4], &mac[5]) != 6) {
		fprintf(stderr, "usage: sipflood INTERFACE SPARE MAC ADDRESS METHOD "
			"SOURCES RATE SECONDS\n");
		return 2;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	f.skel = sipflood_bpf__open_and_load();
	if (!f.skel)
		err = -errno;
	else
		err = make_frame(&f, m, mac, to);
	if (!err)
		err = bpf_xdp_attach((int)if_nametoindex(argv[2]),
				     bpf_program__fd(f.skel->progs.sipflood_ipv4),
				     XDP_FLAGS_DRV_MODE, NULL);
	if (!err) {
		f.skel->bss->sipflood.ifindex = if_nametoindex(argv[1]);
		f.skel->bss->sipflood.n = (uint32_t)atol(argv[6]);
		err = run(&f, strtoull(argv[7], NULL, 10), atof(argv[8]));
	}
	if (err)
		fprintf(stderr, "sipflood: %s\n", strerror(-err));
	sipflood_bpf__destroy(f.skel);
	return !!err;
}
