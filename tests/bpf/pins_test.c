// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is pinned is found again, grows without losing a ban, and is upgraded,
 * also from an older version, while frames come in, without letting a single one
 * through.
 * Runs in a network and mount namespace of its own.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/t.h"
#include "base/log.h"
#include "maps/walk.h"
#include "xdp/xdp.h"
#include "xdp/xdp_attach.h"
#include "xdp/xdp_open.h"
#include "lift.h"
#include "nobody.h"
#include "packet.h"

struct stage {
	char dir[T_DIR], pin[T_DIR + 8], older[T_DIR + 48];
};

static bool set_up(struct stage *s)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || !t_dir(s->dir) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bpf", s->dir, "bpf", 0, NULL))
		return false;
	snprintf(s->pin, sizeof(s->pin), "%s/xdpban", s->dir);
	return !system("ip link add srv type veth peer name wire && "
		       "ip link set srv up && ip link set wire up");
}

static struct xdp *open_pinned(struct stage *s, uint32_t max_bans, bool one_buffer)
{
	struct xdp_params params = { .pin = s->pin, .max_bans = { max_bans, max_bans },
				     .one_buffer = one_buffer };
	struct xdp *x = NULL;

	t_is("open", xdp_open(&x, &params), 0);
	if (x)
		xdp_pins_unlock(x);
	return x;
}

static struct ipaddr host(uint32_t i)
{
	struct ipaddr a = { .family = 4, .prefix = 32 };

	i = htonl(i);
	memcpy(a.bytes, &i, 4);
	return a;
}

static void ban(struct xdp *x, uint32_t i)
{
	struct enforce_ban b = { .who = host(i), .n = 1, .ends = { { 0, BOOT_NEVER } } };

	enforcer_add(&x->maps.e, &b, 1);
}

static uint32_t id_of(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	bpf_obj_get_info_by_fd(fd, &info, &len);
	return info.id;
}

static uint32_t prog_id_of(int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	bpf_obj_get_info_by_fd(fd, &info, &len);
	return info.id;
}

static void check_found_again(struct stage *s)
{
	struct xdp *a = open_pinned(s, 1000, false), *b = open_pinned(s, 1000, false),
		   *c = open_pinned(s, 0, false);
	struct enforce_hits hits;
	struct enforcer *look;
	struct ipaddr who = host(1);

	for (int m = 0; m < MAP_SENSOR; m++) {
		t_is("the same map", id_of(a->maps.fd[m]), id_of(b->maps.fd[m]));
		t_is("whatever its size", id_of(a->maps.fd[m]), id_of(c->maps.fd[m]));
	}
	t_is("the same program", prog_id_of(a->prog_fd), prog_id_of(b->prog_fd));
	t_is("its capacity is known", c->maps.max_bans[0], 1000);
	ban(a, 1);
	t_is("one bans, the other sees it", enforcer_hits(&b->maps.e, &who, boot_now(), &hits), 0);
	t_is("looking needs no program", enforcer_open_pinned(&look, s->pin), 0);
	t_is("and sees it too", enforcer_hits(look, &who, boot_now(), &hits), 0);
	enforcer_close(look);
	t_is("there is nothing elsewhere", enforcer_open_pinned(&look, s->dir), -ENOENT);
	xdp_close(a);
	xdp_close(b);
	xdp_close(c);
}

static bool is_listed(struct xdp *x, uint32_t i)
{
	struct ipaddr who = host(i);
	struct host_ban ban;

	return !bpf_map_lookup_elem(x->maps.fd[MAP_BANS4], who.bytes, &ban);
}

static uint32_t count(struct xdp *x)
{
	uint32_t n;

	map_count(x->maps.fd[MAP_BANS4], &n);
	return n;
}

static void check_resized(struct stage *s)
{
	struct xdp *x = open_pinned(s, 1000, false);
	struct ipaddr net;
	uint32_t before;

	for (uint32_t i = 1; i <= 1000; i++)
		ban(x, i);
	ipaddr_parse_net("10.0.0.0/8", 10, &net);
	enforcer_add(&x->maps.e, &(struct enforce_ban){ .who = net, .n = 1,
						   .ends = { { 0, BOOT_NEVER } } }, 1);
	before = id_of(x->maps.fd[MAP_BANS4]);
	xdp_close(x);

	x = open_pinned(s, 5000, false);
	t_ok("grown: another map", id_of(x->maps.fd[MAP_BANS4]) != before);
	t_is("with all bans", count(x), 1000);
	t_is("and room for more", x->maps.max_bans[0], 5000);
	t_is("networks are still there", x->maps.settings.nets4, 1);
	before = id_of(x->maps.fd[MAP_BANS4]);
	xdp_close(x);

	x = open_pinned(s, 500, false);
	t_is("never shrunk below what is in it", id_of(x->maps.fd[MAP_BANS4]), before);
	t_is("so nothing is lost", count(x), 1000);
	xdp_close(x);

	x = open_pinned(s, 2000, false);
	t_ok("shrunk as far as all fit", id_of(x->maps.fd[MAP_BANS4]) != before);
	t_is("with all bans too", count(x), 1000);
	xdp_close(x);
}

/* Somebody pinned something else under the name of one of our maps. */
static void check_imposter(struct stage *s)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "imposter", 4, 8, 10, NULL);
	struct xdp *x = open_pinned(s, 0, false);
	char path[PATH_MAX];
	uint64_t repaired = 0;

	xdp_pins_path(x, "bans4", path);
	unlink(path);
	bpf_obj_pin(fd, path);
	t_is("a daemon notices", xdp_pins_repair(x, &repaired), -ESTALE);
	xdp_close(x);
	x = open_pinned(s, 1000, false);
	t_ok("the next one makes its own", id_of(x->maps.fd[MAP_BANS4]) != id_of(fd));
	t_is("which is empty", count(x), 0);
	t_is("and all is well", xdp_pins_repair(x, &repaired), 0);
	t_is("with nothing to repair", repaired, 0);
	close(fd);
	xdp_close(x);
}

static void check_unpinned(struct stage *s)
{
	struct xdp *x = open_pinned(s, 1000, false), *y;
	uint64_t repaired = 0;
	char path[PATH_MAX];
	struct xdp_attached a;
	struct xdp_link *links;
	size_t n;

	t_is("attach", xdp_attach(s->pin, "srv", XDP_MODE_AUTO, &a), 0);
	t_is("the daemon hears of it", xdp_links_repair(x, &repaired), 0);
	for (int m = 0; m < MAP_SENSOR; m++) {
		xdp_pins_path(x, map_names[m], path);
		unlink(path);
	}
	xdp_pins_path(x, "link_srv", path);
	t_is("the attachment is pinned", unlink(path), 0);
	xdp_pins_path(x, "prog", path);
	unlink(path);
	t_is("and the directory removed", rmdir(x->dir), 0);

	repaired = 0;
	t_is("maps are pinned again", xdp_pins_repair(x, &repaired), 0);
	t_is("all of them", repaired, MAP_SENSOR);
	t_is("so is the attachment", xdp_links_repair(x, &repaired), 0);
	t_is("that one", repaired, MAP_SENSOR + 1);
	t_is("it is listed", xdp_links(s->pin, &links, &n), 0);
	t_ok("and works", n == 1 && links[0].ok);
	free(links);
	y = open_pinned(s, 0, false);
	t_is("whoever comes finds the same map", id_of(x->maps.fd[MAP_BANS4]),
	     id_of(y->maps.fd[MAP_BANS4]));
	xdp_close(y);
	t_is("detach, though somebody holds it", xdp_detach(s->pin, "srv"), 0);
	t_is("nothing is listed", xdp_links(s->pin, &links, &n) + (int)n, 0);
	free(links);
	repaired = 0;
	xdp_links_repair(x, &repaired);
	t_is("and it is not attached again", repaired, 0);
	xdp_close(x);
}

static bool find_none(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	(void)ctx, (void)who, (void)out;
	return false;
}

static bool next_none(void *ctx, size_t *cursor, struct enforce_ban *out)
{
	(void)ctx, (void)cursor, (void)out;
	return false;
}

/* What a daemon does after it has become nobody; gives how much of it failed. */
static int work_as_nobody(struct xdp *x, bool needs_bpf)
{
	struct enforce_truth nothing = { NULL, find_none, next_none };
	struct enforce_scope scope = { .n_ports = 1, .ports = { { 5060, 5060 } } };
	struct enforce_ban many[100] = { 0 };
	struct ipaddr net;
	struct enforce_repairs repairs;
	struct enforce_stats stats;
	struct enforce_hits hits;
	int failed = 0;

	ipaddr_parse_net("10.0.0.0/8", 10, &net);
	for (uint32_t i = 0; i < 100; i++)
		many[i] = (struct enforce_ban){ .who = host(i), .n = 1,
						.ends = { { 0, BOOT_NEVER } } };
	many[0].who = net;
	failed += !needs_bpf && bpf_map_create(BPF_MAP_TYPE_HASH, "no", 4, 4, 1, NULL) >= 0;
	failed += enforcer_scope(&x->maps.e, &scope) <= 0;
	failed += enforcer_add(&x->maps.e, many, 100) != 0;
	failed += enforcer_add(&x->maps.e, many + 1, 1) != 0;
	failed += enforcer_allow(&x->maps.e, &net, 1) != 0;
	failed += enforcer_hits(&x->maps.e, &many[5].who, boot_now(), &hits) != 0;
	failed += enforcer_stats(&x->maps.e, &stats) != 0 || stats.nets4 != 1;
	failed += lift(&x->maps.e, &many[5].who, 1) != 0;
	failed += enforcer_resync(&x->maps.e, &nothing, boot_now, &repairs) != 0;
	return failed + (repairs.foreign != 99);
}

/*
 * With the maps open, nothing but attaching needs privileges; before kernel 5.19 one
 * is needed, of which the backend knows.
 */
static void check_nobody(struct stage *s)
{
	struct xdp *x = open_pinned(s, 1000, false);
	bool needs_bpf = enforcer_needs_bpf(&x->maps.e);
	int status = -1;
	pid_t pid;

	enforcer_resync(&x->maps.e, &(struct enforce_truth){ NULL, find_none, next_none },
			boot_now, NULL);
	pid = fork();
	if (!pid) {
		_exit(become_nobody(needs_bpf) ? work_as_nobody(x, needs_bpf) : 100);
	}
	waitpid(pid, &status, 0);
	t_ok("the worker ended by itself", WIFEXITED(status));
	t_is("calls that failed for nobody", WEXITSTATUS(status), 0);
	xdp_close(x);
}

static int narrow_one(void *ctx, const void *key, const void *value)
{
	return bpf_map_update_elem(*(int *)ctx, key, value, BPF_ANY);
}

/* Before version 3, addresses were keys of four bytes. */
static void narrow_keys(const char *dir)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);
	char path[200];
	int fd, old;

	snprintf(path, sizeof(path), "%s/bans4", dir);
	fd = bpf_obj_get(path);
	t_is("the map of bans", bpf_obj_get_info_by_fd(fd, &info, &len), 0);
	old = bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "bans4", 4, info.value_size,
			     info.max_entries, NULL);
	t_is("becomes one with short keys", map_walk(fd, narrow_one, &old), 0);
	unlink(path);
	t_is("in its place", bpf_obj_pin(old, path), 0);
	close(old);
	close(fd);
}

/* Turn what is pinned into what version 1 had. */
static void become_older(struct stage *s)
{
	static const char *const news[] = { "front4", "front6", "near", "settings" };
	char now[128], old[160];

	snprintf(now, sizeof(now), "%s/v%d", s->pin, ABI_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(news); i++) {
		snprintf(old, sizeof(old), "%s/%s", now, news[i]);
		unlink(old);
	}
	narrow_keys(now);
	snprintf(old, sizeof(old), "%s/v1", s->pin);
	t_is("pins of an older version", rename(now, old), 0);
}

static void check_older(struct stage *s)
{
	struct enforce_ban b = { .n = 2, .ends = { { 0, BOOT_NEVER } } };
	struct enforce_scope ssh = { .n_ports = 1, .ports = { { 22, 22 } } }, back;
	struct xdp *x = open_pinned(s, 1000, false);
	struct xdp_attached a;
	struct xdp_link *links;
	struct ipaddr net;
	size_t n;

	ipaddr_parse_net("10.0.0.0/8", 10, &net);
	b.who = net;
	b.ends[1] = (struct enforce_end){ (uint16_t)enforcer_scope(&x->maps.e, &ssh), BOOT_NEVER };
	enforcer_add(&x->maps.e, &b, 1);
	enforcer_allow(&x->maps.e, &net, 1);
	ban(x, 1);
	ban(x, 2);
	t_is("attach", xdp_attach(s->pin, "srv", XDP_MODE_AUTO, &a), 0);
	xdp_close(x);
	x = open_pinned(s, 300000, false);
	xdp_close(x);
	become_older(s);

	x = open_pinned(s, 0, false);
	t_ok("it had more room than usual, and so have we", x->maps.max_bans[0] >= 300000);
	t_is("its bans are ours", count(x), 2);
	t_is("under their own addresses", is_listed(x, 1) + is_listed(x, 2) + is_listed(x, 3), 2);
	t_is("its networks", x->maps.settings.nets4, 1);
	t_is("its allowlist", x->maps.settings.allow4, 1);
	t_is("its scopes", enforcer_scope_get(&x->maps.e, b.ends[1].scope, &back), 0);
	t_is("with their meaning", back.ports[0].first, 22);
	t_is("its attachment", xdp_links(s->pin, &links, &n), 0);
	t_ok("works with our program", n == 1 && links[0].ok);
	free(links);
	snprintf(s->older, sizeof(s->older), "%s/v1", s->pin);
	t_ok("and it has left nothing", access(s->older, F_OK) != 0);
	t_is("detach", xdp_detach(s->pin, "srv"), 0);
	enforcer_allow(&x->maps.e, NULL, 0);
	enforcer_resync(&x->maps.e, &(struct enforce_truth){ NULL, find_none, next_none },
			boot_now, NULL);
	xdp_close(x);
}

/* ---- no gap ----------------------------------------------------------------- */

#define UPGRADES	8

struct flood {
	pthread_t sender, receiver;
	atomic_bool stop;
	atomic_ulong sent, banned, others;	/* the last two: received */
};

static int packet_socket(const char *ifname)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
				 .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)), size = 8 << 20;
	struct timeval second = { .tv_usec = 200000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	bind(fd, (struct sockaddr *)&a, sizeof(a));
	return fd;
}

static void *send_frames(void *arg)
{
	struct flood *f = arg;
	struct packet banned, other;
	int fd = packet_socket("wire");

	packet_build(&banned, "eth ip4:192.0.2.1 udp:5060");
	packet_build(&other, "eth ip4:192.0.2.2 udp:5060");
	while (!f->stop) {
		for (int i = 0; i < 50; i++)
			f->sent += send(fd, banned.bytes, banned.len, 0) > 0;
		send(fd, other.bytes, other.len, 0);
		usleep(100);
	}
	close(fd);
	return NULL;
}

static void *receive_frames(void *arg)
{
	struct flood *f = arg;
	int fd = packet_socket("srv");
	uint8_t frame[256];
	ssize_t n;

	while ((n = recv(fd, frame, sizeof(frame), 0)) > 0 || !f->stop) {
		if (n < 34 || memcmp(frame + 26, "\xc0\x00\x02", 3))
			continue;
		f->banned += frame[29] == 1;
		f->others += frame[29] == 2;
	}
	close(fd);
	return NULL;
}

/* Wait for @n more frames to be on their way. */
static void let_pass(struct flood *f, unsigned long n)
{
	unsigned long until = f->sent + n;

	while (f->sent < until)
		usleep(200);
}

static bool find_any(void *ctx, const struct ipaddr *who, struct enforce_ban *out)
{
	(void)ctx;
	*out = (struct enforce_ban){ .who = *who, .n = 1, .ends = { { 0, BOOT_NEVER } } };
	return true;
}

/* What a daemon does first; it also makes the filter in front of the hash. */
static void compare_all(struct xdp *x)
{
	struct enforce_truth as_it_is = { NULL, find_any, next_none };

	t_is("compare", enforcer_resync(&x->maps.e, &as_it_is, boot_now, NULL), 0);
	t_ok("a filter is in use", x->maps.settings.front4 != 0);
}

static void check_no_gap(struct stage *s, enum xdp_mode mode)
{
	struct xdp *x = open_pinned(s, 1000, true);
	struct xdp_attached a;
	struct flood f = { 0 };
	uint32_t first = prog_id_of(x->prog_fd), last = first, changed = 0;
	/* Before kernel 5.18 there is one program only. */
	uint32_t others = xdp_kernel_has_frags() ? UPGRADES : UPGRADES / 2;

	ban(x, 0xc0000201);
	compare_all(x);
	t_is("attach", xdp_attach(s->pin, "srv", mode, &a), 0);
	t_is("in the mode asked for", a.mode, mode);
	pthread_create(&f.receiver, NULL, receive_frames, &f);
	pthread_create(&f.sender, NULL, send_frames, &f);
	let_pass(&f, 500);
	for (int i = 0; i < UPGRADES; i++) {
		xdp_close(x);
		if (i == UPGRADES / 2)
			become_older(s);
		/* Every other time the other program, every fourth other maps. */
		x = open_pinned(s, i / 2 % 2 ? 1000 : 2000, i % 2);
		changed += prog_id_of(x->prog_fd) != last;
		last = prog_id_of(x->prog_fd);
		let_pass(&f, 300);
		compare_all(x);
		let_pass(&f, 100);
	}
	f.stop = true;
	pthread_join(f.sender, NULL);
	pthread_join(f.receiver, NULL);
	t_is("another program each time, or with each map", changed, others);
	t_ok("frames were sent all the time", f.sent > 300 * UPGRADES);
	t_ok("frames of others arrived", f.others > 0);
	t_is("not one of the banned did", (int64_t)f.banned, 0);
	t_is("detach", xdp_detach(s->pin, "srv"), 0);
	t_is("twice is once", xdp_detach(s->pin, "srv"), -ENOENT);
	xdp_close(x);
}

static void check_places(void)
{
	struct xdp_params params = { .pin = "/tmp/xdpban-is-no-bpffs" };
	struct xdp *x;

	t_is("a directory of another kind is refused", xdp_open(&x, &params), -ENODEV);
	t_ok("and nothing is made there", access(params.pin, F_OK) != 0);
	params.pin = "relative/path";
	t_is("so is a relative one", xdp_open(&x, &params), -EINVAL);
}

/* In a process that has not asked yet: guessed, maps would be too small for their bans. */
static void check_processors(void)
{
	struct xdp_params params = { .max_bans = { 1000, 1000 } };
	int status = -1;
	struct xdp *x;
	pid_t pid = fork();

	if (!pid)
		_exit(unshare(CLONE_NEWNS) ||
		      mount("none", "/sys/devices/system/cpu", "tmpfs", 0, NULL) ||
		      xdp_open(&x, &params) != -ENODEV);
	waitpid(pid, &status, 0);
	t_is("an unknown number of processors is refused", status, 0);
}

int main(void)
{
	struct stage s;
	struct xdp *x;

	libbpf_set_print(NULL);
	log_plain(LOG_LEVEL_ERROR);
	if (!set_up(&s)) {
		puts("needs namespaces, veth and a BPF file system");
		return 77;
	}
	check_processors();
	x = open_pinned(&s, 1000, false);
	if (!x)
		return t_done();
	xdp_close(x);
	check_found_again(&s);
	check_resized(&s);
	check_imposter(&s);
	check_unpinned(&s);
	check_nobody(&s);
	check_older(&s);
	check_no_gap(&s, XDP_MODE_NATIVE);
	check_no_gap(&s, XDP_MODE_GENERIC);
	check_places();
	umount(s.dir);
	rmdir(s.dir);
	return t_done();
}
