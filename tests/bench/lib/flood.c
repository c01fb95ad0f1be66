// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <time.h>

#include "flood.h"
#include "tests/bench/bpf/flood.skel.h"

#define FRAME	64	/* the shortest there is */
#define FRAME_MAX 1514
#define PORT	5060
#define BATCH	64	/* frames that are made before any is delivered */

struct flood {
	struct flood_bpf *skel;
	uint8_t ipv4[FRAME_MAX], ipv6[FRAME_MAX];
	size_t len;		/* of both */
};

/* Ethernet and UDP headers; the datagram ends with the frame. */
static void put_ends(uint8_t *frame, size_t len, uint16_t type, size_t udp_at)
{
	struct ether_header eth = { FLOOD_TO_MAC, { 2, 0, 0, 0, 0, 2 }, htons(type) };
	struct udphdr udp = { .source = htons(PORT), .dest = htons(PORT),
			      .len = htons((uint16_t)(len - udp_at)) };

	memcpy(frame, &eth, sizeof(eth));
	memcpy(frame + udp_at, &udp, sizeof(udp));
}

/* Gives the sum of all header words but the source's. */
static uint32_t make_ipv4(uint8_t *frame, size_t len)
{
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			    .tot_len = htons((uint16_t)(len - sizeof(struct ether_header))) };
	const uint8_t *bytes = (const uint8_t *)&ip;
	uint32_t sum = 0;

	inet_pton(AF_INET, FLOOD_TO_IPV4, &ip.daddr);
	for (size_t i = 0; i < sizeof(ip); i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	put_ends(frame, len, ETHERTYPE_IP, sizeof(struct ether_header) + sizeof(ip));
	memcpy(frame + sizeof(struct ether_header), &ip, sizeof(ip));
	return sum;
}

/* Without a UDP checksum, so not for hosts that look at it. */
static void make_ipv6(uint8_t *frame, size_t len)
{
	size_t udp_at = sizeof(struct ether_header) + sizeof(struct ip6_hdr);
	struct ip6_hdr ip = { .ip6_flow = htonl(6u << 28), .ip6_hlim = 64,
			      .ip6_nxt = IPPROTO_UDP, .ip6_plen = htons((uint16_t)(len - udp_at)) };

	inet_pton(AF_INET6, FLOOD_TO_IPV6, &ip.ip6_dst);
	put_ends(frame, len, ETHERTYPE_IPV6, udp_at);
	memcpy(frame + sizeof(struct ether_header), &ip, sizeof(ip));
}

void flood_message(struct flood *f, const char *text)
{
	size_t at4 = sizeof(struct ether_header) + sizeof(struct iphdr) + sizeof(struct udphdr);
	size_t at6 = at4 - sizeof(struct iphdr) + sizeof(struct ip6_hdr), len = strlen(text);

	f->len = at6 + len;
	if (f->len < FRAME)
		f->len = FRAME;
	if (f->len > FRAME_MAX)
		f->len = FRAME_MAX;
	memset(f->ipv4, 0, sizeof(f->ipv4));
	memset(f->ipv6, 0, sizeof(f->ipv6));
	f->skel->bss->flood.ip_sum = make_ipv4(f->ipv4, f->len);
	make_ipv6(f->ipv6, f->len);
	memcpy(f->ipv4 + at4, text, len < f->len - at4 ? len : f->len - at4);
	memcpy(f->ipv6 + at6, text, len < f->len - at6 ? len : f->len - at6);
}

int flood_open(struct flood **out)
{
	struct flood *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->skel = flood_bpf__open_and_load();
	if (!f->skel) {
		int err = -errno;

		free(f);
		return err;
	}
	flood_message(f, "");
	*out = f;
	return 0;
}

void flood_close(struct flood *f)
{
	if (!f)
		return;
	flood_bpf__destroy(f->skel);
	free(f);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The first slice fills the caches. */
static double median_slice(const volatile __u64 *began, uint32_t frames)
{
	uint64_t took[SLICES];
	size_t n = 0;

	for (uint32_t i = 1; (i + 1) * SLICE_FRAMES < frames; i++)
		took[n++] = began[i + 1] - began[i];
	qsort(took, n, sizeof(*took), compare);
	return (double)took[n / 2] / SLICE_FRAMES;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int flood_run(struct flood *f, struct flood_path *path, uint32_t frames, double *ns)
{
	bool v4 = path->family == 4;
	struct bpf_program *prog = v4 ? f->skel->progs.flood_ipv4 : f->skel->progs.flood_ipv6;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = v4 ? f->ipv4 : f->ipv6,
		    .data_size_in = (uint32_t)f->len, .repeat = (int)frames, .batch_size = BATCH,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	uint64_t start;
	int err;

	if (frames < FLOOD_MIN || frames > SLICES * SLICE_FRAMES)
		return -EINVAL;
	f->skel->bss->flood.ifindex = (uint32_t)path->ifindex;
	f->skel->bss->flood.first = path->first;
	f->skel->bss->flood.n = path->n;
	f->skel->bss->flood.stride = path->stride;
	f->skel->bss->flood.at = path->at;
	f->skel->bss->flood.frame = 0;
	start = now_ns();
	err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
	path->whole = (double)(now_ns() - start) / frames;
	if (err)
		return err;
	path->at = f->skel->bss->flood.at;
	*ns = median_slice(f->skel->bss->flood.began, frames);
	return 0;
}
