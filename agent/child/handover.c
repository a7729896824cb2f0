/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef union
{
  struct cmsghdr header; /* for its alignment */
  char bytes[CMSG_SPACE (BFY_HANDOVER_N * sizeof (int))];
} Control;

gboolean
bfy_handover_send (int socket, const int *fds)
{
  gsize n = fds[BFY_HANDOVER_SECRET] >= 0 ? BFY_HANDOVER_N : BFY_HANDOVER_SECRET;
  char mark = 0;
  struct iovec bytes = { &mark, 1 };
  Control control = { .bytes = { 0 } };
  struct msghdr message = {
    .msg_iov = &bytes,
    .msg_iovlen = 1,
    .msg_control = control.bytes,
    .msg_controllen = CMSG_SPACE (n * sizeof (int)),
  };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (n * sizeof (int));
  memcpy (CMSG_DATA (header), fds, n * sizeof (int));

  return sendmsg (socket, &message, MSG_NOSIGNAL) == 1;
}

static gssize
receive (int socket, struct msghdr *message)
{
  gssize n;

  do
    n = recvmsg (socket, message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);

  return n;
}

gboolean
bfy_handover_receive (int socket, int *fds)
{
  char mark;
  struct iovec bytes = { &mark, 1 };
  Control control = { .bytes = { 0 } };
  struct msghdr message = {
    .msg_iov = &bytes,
    .msg_iovlen = 1,
    .msg_control = control.bytes,
    .msg_controllen = sizeof control.bytes,
  };
  struct cmsghdr *header;
  gsize n;

  if (receive (socket, &message) != 1 || (message.msg_flags & MSG_CTRUNC) != 0)
    return FALSE;
  header = CMSG_FIRSTHDR (&message);
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
    return FALSE;

  n = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);
  if (n != BFY_HANDOVER_N && n != BFY_HANDOVER_SECRET)
    return FALSE;
  fds[BFY_HANDOVER_SECRET] = -1;
  memcpy (fds, CMSG_DATA (header), n * sizeof (int));

  return TRUE;
}
