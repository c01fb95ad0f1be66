// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * confine_calls - seccomp: no call that only serves whoever has taken us over.
 * A list of what is refused, not of what is allowed: which calls our libraries make
 * changes with their versions, and a daemon that fails at an unknown one protects
 * nobody.  What is refused gives EPERM.
 */
#include "confine/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

#if defined(__x86_64__)
#define MACHINE	AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE	AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE	AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define MACHINE	AUDIT_ARCH_PPC64LE
#endif

/* Since 424 a call has the same number on every machine. */
enum {
	IO_URING_SETUP = 425, IO_URING_ENTER, IO_URING_REGISTER, OPEN_TREE, MOVE_MOUNT,
	FSOPEN, FSCONFIG, FSMOUNT, FSPICK, CLONE3 = 435, PIDFD_GETFD = 438,
	MOUNT_SETATTR = 442, FCHMODAT2 = 452, SETXATTRAT = 463, REMOVEXATTRAT = 466,
	OPEN_TREE_ATTR = 467, FILE_SETATTR = 469, PIDFD_SEND_SIGNAL = 424,
};

static const uint32_t refused[] = {
	/* programs */
	SYS_execve, SYS_execveat,
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
	/* other processes */
	SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, PIDFD_GETFD, SYS_kcmp,
	SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, PIDFD_SEND_SIGNAL,
	/* whose files are, and who may use them: Landlock does not ask */
#ifdef SYS_chmod
	SYS_chmod, SYS_chown, SYS_lchown,
#endif
	SYS_fchmod, SYS_fchmodat, FCHMODAT2, SYS_fchown, SYS_fchownat,
	SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SETXATTRAT,
	SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, REMOVEXATTRAT, FILE_SETATTR,
	SYS_open_by_handle_at,
	/* another view of the machine */
	SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns,
	OPEN_TREE, MOVE_MOUNT, FSOPEN, FSCONFIG, FSMOUNT, FSPICK, MOUNT_SETATTR,
	OPEN_TREE_ATTR,
	/* parts of the kernel in which there was always something */
	IO_URING_SETUP, IO_URING_ENTER, IO_URING_REGISTER, SYS_userfaultfd,
	SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_personality,
};

/* Room for the table and for what follows below. */
struct filter { struct sock_filter v[2 * ARRAY_SIZE(refused) + 40]; unsigned short n; };

static void put(struct filter *f, struct sock_filter step)
{
	f->v[f->n++] = step;
}

static void load(struct filter *f, size_t offset)
{
	put(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The low half of an argument: all that is asked here fits. */
static void load_arg(struct filter *f, int i)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	load(f, offsetof(struct seccomp_data, args) + (size_t)i * 8);
#else
	load(f, offsetof(struct seccomp_data, args) + (size_t)i * 8 + 4);
#endif
}

static void give(struct filter *f, uint32_t what)
{
	put(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* If what was loaded is @value, go on with the next @n steps, else behind them. */
static void only_if(struct filter *f, uint32_t value, uint8_t n)
{
	put(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n));
}

#define REFUSE	(SECCOMP_RET_ERRNO | EPERM)

/* Threads are fine, which share everything with us; processes are not. */
static void add_clone(struct filter *f)
{
	/* Its flags are in memory, where nobody can look: the C library asks again. */
	only_if(f, CLONE3, 1);
	give(f, SECCOMP_RET_ERRNO | ENOSYS);
	only_if(f, SYS_clone, 4);
	load_arg(f, 0);
	put(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1));
	give(f, SECCOMP_RET_ALLOW);
	give(f, REFUSE);
}

/*
 * Local streams lead to systemd, D-Bus, Docker: whoever is root may ask them for
 * anything.  Datagrams lead to syslog.
 */
static void add_socket(struct filter *f)
{
	only_if(f, SYS_socket, 13);
	load_arg(f, 0);
	only_if(f, AF_INET, 1);
	give(f, SECCOMP_RET_ALLOW);
	only_if(f, AF_INET6, 1);
	give(f, SECCOMP_RET_ALLOW);
	only_if(f, AF_NETLINK, 1);
	give(f, SECCOMP_RET_ALLOW);
	only_if(f, AF_UNIX, 3);
	load_arg(f, 1);
	put(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
	put(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_DGRAM, 1, 0));
	give(f, REFUSE);
	/* Reached by a local datagram only, since all others have been decided. */
	give(f, SECCOMP_RET_ALLOW);
}

/* abort() signals itself. */
static void add_signal(struct filter *f)
{
	only_if(f, SYS_tgkill, 4);
	load_arg(f, 0);
	only_if(f, (uint32_t)getpid(), 1);
	give(f, SECCOMP_RET_ALLOW);
	give(f, REFUSE);
}

int confine_calls(void)
{
#ifdef MACHINE
	struct filter f = { .n = 0 };
	struct sock_fprog prog = { .filter = f.v };

	load(&f, offsetof(struct seccomp_data, arch));
	put(&f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0));
	give(&f, REFUSE);
	load(&f, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	/* x32: the same calls by other numbers. */
	put(&f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
	give(&f, REFUSE);
#endif
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		only_if(&f, refused[i], 1);
		give(&f, REFUSE);
	}
	add_clone(&f);
	add_socket(&f);
	add_signal(&f);
	give(&f, SECCOMP_RET_ALLOW);
	prog.len = f.n;
	/*
	 * Older kernels slow down whoever has a filter, for fear of foreign programs in the
	 * same process; in this one there are none.
	 */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &prog) ? -errno : 0;
#else
	return -EOPNOTSUPP;
#endif
}
