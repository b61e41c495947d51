#ifndef RECONCILE_CLINUX_H
#define RECONCILE_CLINUX_H

// The kernel's headers that the Glibc module leaves out. Declarations only: no logic lives here.

// Before the kernel's own in6.h, which then leaves out what this one defines (linux/libc-compat.h).
#include <netinet/in.h>

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/inet_diag.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/net_namespace.h>
#include <linux/netconf.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <malloc.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/vfs.h>

// sched.h declares these only under _GNU_SOURCE, which a Swift module map cannot define for Glibc.
int setns(int fd, int nstype);
int unshare(int flags);
#define RECONCILE_CLONE_NEWNET 0x40000000
#define RECONCILE_CLONE_NEWNS 0x00020000

// Declared only under _GNU_SOURCE, or in headers that the Glibc module leaves out.
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
int posix_spawn_file_actions_addchdir_np(void *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(void *actions, int from);
int memfd_create(const char *name, unsigned int flags);
int syncfs(int descriptor);
int pipe2(int descriptors[2], int flags);
int pidfd_open(pid_t pid, unsigned int flags);
int pidfd_send_signal(int descriptor, int signal, void *information, unsigned int flags);
// glibc has no wrapper for openat2(2); syscall(2) takes its arguments in the same registers with and without `...`.
long reconcile_syscall_openat2(long number, int directory, const char *path, const struct open_how *how, size_t size)
    __asm__("syscall");
#define RECONCILE_SYS_OPENAT2 437
// prctl(2), in the same way.
int reconcile_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) __asm__("prctl");
int dup3(int from, int to, int flags);
#define RECONCILE_POSIX_SPAWN_SETSID 0x80
#define RECONCILE_MNT_DETACH 2
#define RECONCILE_O_PATH 010000000

#endif
