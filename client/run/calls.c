/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/calls.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define UNTOLD BFY_RUN_N_REFUSALS

#define NAMESPACE_FLAGS                                                                            \
  (CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER |    \
   CLONE_NEWUTS | 0x80 /* CLONE_NEWTIME */)

/* ENOSYS where programs then take an older way that is looked at here. */
static const BfyRunCall calls[] = {
  /* other processes */
  { .number = SYS_ptrace, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  { .number = SYS_process_vm_readv, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  { .number = SYS_process_vm_writev, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  { .number = SYS_process_madvise, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  { .number = SYS_pidfd_getfd, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  { .number = SYS_kcmp, .error = EPERM, .refusal = BFY_RUN_REFUSED_PROCESS },
  /* keys that the kernel keeps for the session */
  { .number = SYS_add_key, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL_KEY },
  { .number = SYS_request_key, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL_KEY },
  { .number = SYS_keyctl, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL_KEY },
  /* the file systems */
  { .number = SYS_mount, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_umount2, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_pivot_root, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_chroot, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_open_tree, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_move_mount, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_fsopen, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_fsconfig, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_fsmount, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_fspick, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_mount_setattr, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_open_by_handle_at, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_quotactl, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_swapon, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_swapoff, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  { .number = SYS_acct, .error = EPERM, .refusal = BFY_RUN_REFUSED_MOUNT },
  /* other namespaces; clone3 takes its flags from memory, where no filter sees them */
  { .number = SYS_setns, .error = EPERM, .refusal = BFY_RUN_REFUSED_NAMESPACE },
  { .number = SYS_clone3, .error = ENOSYS, .refusal = UNTOLD },
  /* the insides of the kernel */
  { .number = SYS_bpf, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_perf_event_open, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_userfaultfd, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_init_module, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_finit_module, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_delete_module, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_kexec_load, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_kexec_file_load, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_reboot, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_syslog, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  /* does what the calls above do, unseen; programs try it and take another way */
  { .number = SYS_io_uring_setup, .error = ENOSYS, .refusal = UNTOLD },
  { .number = SYS_io_uring_enter, .error = ENOSYS, .refusal = UNTOLD },
  { .number = SYS_io_uring_register, .error = ENOSYS, .refusal = UNTOLD },
#ifdef __x86_64__
  { .number = SYS_iopl, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_ioperm, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_modify_ldt, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
  { .number = SYS_uselib, .error = EPERM, .refusal = BFY_RUN_REFUSED_KERNEL },
#endif
  /* with some arguments only */
  { SYS_clone, EPERM, BFY_RUN_REFUSED_NAMESPACE, BFY_RUN_CALL_BITS, 0, NAMESPACE_FLAGS },
  { SYS_unshare, EPERM, BFY_RUN_REFUSED_NAMESPACE, BFY_RUN_CALL_BITS, 0, NAMESPACE_FLAGS },
  { SYS_ioctl, EPERM, BFY_RUN_REFUSED_TERMINAL, BFY_RUN_CALL_VALUE, 1, TIOCSTI },
  { SYS_ioctl, EPERM, BFY_RUN_REFUSED_TERMINAL, BFY_RUN_CALL_VALUE, 1, TIOCLINUX },
};

const BfyRunCall *
bfy_run_calls (gsize *n)
{
  *n = G_N_ELEMENTS (calls);

  return calls;
}

BfyRunRefusal
bfy_run_call_get_refusal (int number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      if (calls[i].number == number)
        return calls[i].refusal;
    }

  return UNTOLD;
}

void
bfy_run_calls_mute (struct sock_filter *lines, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      if (lines[i].code == (BPF_RET | BPF_K) && lines[i].k == SECCOMP_RET_USER_NOTIF)
        lines[i].k = SECCOMP_RET_ERRNO | EPERM;
    }
}
