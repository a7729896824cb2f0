/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/watch.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Only macros and types of GLib: this is in a program without it, too (inside-main.c). */

/* The kernel's structures may grow (seccomp_unotify(2)); it wants them empty. */
typedef union
{
  struct seccomp_notif question;
  struct seccomp_notif_resp answer;
  char room[512];
} Notice;

gboolean
bfy_run_watch_read (BfyRunWatch *self, int fd)
{
  ssize_t n = read (fd, self->lines, sizeof self->lines);

  self->n = n > 0 ? (gsize) n / sizeof self->lines[0] : 0;

  return n > 0 && (gsize) n < sizeof self->lines && (gsize) n % sizeof self->lines[0] == 0;
}

static int
load (BfyRunWatch *self, unsigned flags)
{
  struct sock_fprog program = { (unsigned short) self->n, self->lines };

  return (int) syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* One byte, and what comes with it. */
static gboolean
hand_over (int to, int fd)
{
  char byte = 0;
  struct iovec part = { &byte, 1 };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof fd)];
  } control = { 0 };
  struct msghdr head = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };

  control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN (sizeof fd),
                                     .cmsg_level = SOL_SOCKET,
                                     .cmsg_type = SCM_RIGHTS };
  memcpy (CMSG_DATA (&control.header), &fd, sizeof fd);

  return sendmsg (to, &head, MSG_NOSIGNAL) == 1;
}

gboolean
bfy_run_watch_load (BfyRunWatch *self, int to)
{
  int listener;
  gboolean is_told;

  if (self->n == 0)
    return TRUE;
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return FALSE;
  listener = load (self, SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (listener < 0)
    {
      bfy_run_calls_mute (self->lines, self->n);
      return load (self, 0) == 0;
    }
  is_told = hand_over (to, listener);
  close (listener);

  return is_told;
}

int
bfy_run_watch_receive (int from)
{
  char byte;
  struct iovec part = { &byte, 1 };
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct msghdr head = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  struct cmsghdr *first;
  int fd = -1;

  if (recvmsg (from, &head, MSG_CMSG_CLOEXEC) != 1)
    return -1;
  first = CMSG_FIRSTHDR (&head);
  if (first != NULL && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS &&
      first->cmsg_len == CMSG_LEN (sizeof fd))
    memcpy (&fd, CMSG_DATA (first), sizeof fd);

  return fd;
}

gboolean
bfy_run_watch_answer (int listener, BfyRunRefusal *refusal)
{
  Notice asked = { 0 };
  Notice said = { 0 };

  *refusal = BFY_RUN_N_REFUSALS;
  if (ioctl (listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0)
    return errno == EINTR || errno == ENOENT;
  said.answer.id = asked.question.id;
  said.answer.error = -EPERM;
  (void) ioctl (listener, SECCOMP_IOCTL_NOTIF_SEND, &said);
  *refusal = bfy_run_call_get_refusal (asked.question.data.nr);

  return TRUE;
}
