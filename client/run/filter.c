/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#define ARCHITECTURE_NAME "x86_64"
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define ARCHITECTURE_NAME "aarch64"
#endif

/* Calls with this bit are for another view of the same processor (x32). */
#define FOREIGN_BIT 0x40000000U

#define NAMESPACE_FLAGS                                                                            \
  (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER |    \
   CLONE_NEWUTS | 0x80 /* CLONE_NEWTIME */)

#ifdef ARCHITECTURE

/* Whatever the arguments. ENOSYS where programs then take an older way that is looked at here. */
static const struct
{
  int number;
  int error;
} refused[] = {
  /* other processes */
  { SYS_ptrace, EPERM },
  { SYS_process_vm_readv, EPERM },
  { SYS_process_vm_writev, EPERM },
  { SYS_process_madvise, EPERM },
  { SYS_pidfd_getfd, EPERM },
  { SYS_kcmp, EPERM },
  /* keys that the kernel keeps for the session */
  { SYS_add_key, EPERM },
  { SYS_request_key, EPERM },
  { SYS_keyctl, EPERM },
  /* the file systems */
  { SYS_mount, EPERM },
  { SYS_umount2, EPERM },
  { SYS_pivot_root, EPERM },
  { SYS_chroot, EPERM },
  { SYS_open_tree, EPERM },
  { SYS_move_mount, EPERM },
  { SYS_fsopen, EPERM },
  { SYS_fsconfig, EPERM },
  { SYS_fsmount, EPERM },
  { SYS_fspick, EPERM },
  { SYS_mount_setattr, EPERM },
  { SYS_open_by_handle_at, EPERM },
  { SYS_quotactl, EPERM },
  { SYS_swapon, EPERM },
  { SYS_swapoff, EPERM },
  { SYS_acct, EPERM },
  /* other namespaces; clone3 takes its flags from memory, where no filter sees them */
  { SYS_setns, EPERM },
  { SYS_clone3, ENOSYS },
  /* the insides of the kernel */
  { SYS_bpf, EPERM },
  { SYS_perf_event_open, EPERM },
  { SYS_userfaultfd, EPERM },
  { SYS_init_module, EPERM },
  { SYS_finit_module, EPERM },
  { SYS_delete_module, EPERM },
  { SYS_kexec_load, EPERM },
  { SYS_kexec_file_load, EPERM },
  { SYS_reboot, EPERM },
  { SYS_syslog, EPERM },
  /* does what the calls above do, unseen */
  { SYS_io_uring_setup, ENOSYS },
  { SYS_io_uring_enter, ENOSYS },
  { SYS_io_uring_register, ENOSYS },
#ifdef __x86_64__
  { SYS_iopl, EPERM },
  { SYS_ioperm, EPERM },
  { SYS_modify_ldt, EPERM },
  { SYS_uselib, EPERM },
#endif
};

/* When the lower half of an argument has one of these bits, or is one of these values. */
typedef struct
{
  int number;
  guint argument;
  gboolean is_mask;
  guint32 value;
  int error;
} Condition;

static const Condition conditions[] = {
  { SYS_clone, 0, TRUE, NAMESPACE_FLAGS, EPERM },
  { SYS_unshare, 0, TRUE, NAMESPACE_FLAGS, EPERM },
  { SYS_ioctl, 1, FALSE, TIOCSTI, EPERM },
  { SYS_ioctl, 1, FALSE, TIOCLINUX, EPERM },
};

static const guint32 families[] = { AF_UNIX, AF_INET, AF_INET6 };

static void
add (GArray *program, guint16 code, guint32 value, guint8 if_true, guint8 if_false)
{
  const struct sock_filter line = { code, if_true, if_false, value };

  g_array_append_val (program, line);
}

static void
load (GArray *program, gsize offset)
{
  add (program, BPF_LD | BPF_W | BPF_ABS, (guint32) offset, 0, 0);
}

static void
load_number (GArray *program)
{
  load (program, offsetof (struct seccomp_data, nr));
}

/* The kernel itself takes commands and families for 32 bits wide, and flags that are unknown to it
 * are an error; so the lower half is all that counts. Both processors are little-endian. */
static void
load_argument (GArray *program, guint index)
{
  load (program, offsetof (struct seccomp_data, args) + index * sizeof (guint64));
}

static void
end (GArray *program, guint32 verdict)
{
  add (program, BPF_RET | BPF_K, verdict, 0, 0);
}

static void
refuse (GArray *program, int error)
{
  end (program, SECCOMP_RET_ERRNO | (guint32) error);
}

/* The number is loaded before and after. */
static void
add_condition (GArray *program, const Condition *condition)
{
  guint16 test = condition->is_mask ? BPF_JSET : BPF_JEQ;

  add (program, BPF_JMP | BPF_JEQ | BPF_K, (guint32) condition->number, 0, 4);
  load_argument (program, condition->argument);
  add (program, BPF_JMP | test | BPF_K, condition->value, 0, 1);
  refuse (program, condition->error);
  load_number (program);
}

static void
add_families (GArray *program)
{
  const guint8 n = G_N_ELEMENTS (families);

  add (program, BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, n + 3);
  load_argument (program, 0);
  for (guint8 i = 0; i < n; i++)
    add (program, BPF_JMP | BPF_JEQ | BPF_K, families[i], n - i, 0);
  refuse (program, EAFNOSUPPORT);
  end (program, SECCOMP_RET_ALLOW);
}

const char *
bfy_run_filter_architecture (void)
{
  return ARCHITECTURE_NAME;
}

GBytes *
bfy_run_filter_build (void)
{
  GArray *program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  gsize length;
  gpointer lines;

  load (program, offsetof (struct seccomp_data, arch));
  add (program, BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
  end (program, SECCOMP_RET_KILL_PROCESS);
  load_number (program);
  add (program, BPF_JMP | BPF_JGE | BPF_K, FOREIGN_BIT, 0, 1);
  end (program, SECCOMP_RET_KILL_PROCESS);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      add (program, BPF_JMP | BPF_JEQ | BPF_K, (guint32) refused[i].number, 0, 1);
      refuse (program, refused[i].error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    add_condition (program, &conditions[i]);
  add_families (program);
  end (program, SECCOMP_RET_ALLOW);

  length = program->len * sizeof (struct sock_filter);
  lines = g_array_free (program, FALSE);

  return g_bytes_new_take (lines, length);
}

#else

const char *
bfy_run_filter_architecture (void)
{
  return NULL;
}

GBytes *
bfy_run_filter_build (void)
{
  return NULL;
}

#endif
