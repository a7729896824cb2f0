/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/sock-diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIAG_TIMEOUT_MS 1000 /* the kernel answers in microseconds */

typedef struct
{
  struct nlmsghdr header;
  struct inet_diag_req_v2 body;
} TcpRequest;

typedef struct
{
  struct nlmsghdr header;
  struct unix_diag_req body;
} UnixRequest;

typedef union
{
  struct nlmsghdr header;
  char bytes[4096];
} Reply;

/* @source is the end whose owner we want, so the connection is described as the peer sees it. */
static void
fill_tcp_request (TcpRequest *request,
                  const struct sockaddr_storage *source,
                  const struct sockaddr_storage *destination)
{
  struct inet_diag_sockid *id = &request->body.id;

  *request = (TcpRequest){
    .header = { .nlmsg_len = sizeof *request,
                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST },
    .body = { .sdiag_family = (__u8) source->ss_family,
              .sdiag_protocol = IPPROTO_TCP,
              .idiag_states = -1u },
  };
  if (source->ss_family == AF_INET)
    {
      const struct sockaddr_in *from = (const struct sockaddr_in *) (gconstpointer) source;
      const struct sockaddr_in *to = (const struct sockaddr_in *) (gconstpointer) destination;

      id->idiag_sport = from->sin_port;
      id->idiag_dport = to->sin_port;
      id->idiag_src[0] = from->sin_addr.s_addr;
      id->idiag_dst[0] = to->sin_addr.s_addr;
    }
  else
    {
      const struct sockaddr_in6 *from = (const struct sockaddr_in6 *) (gconstpointer) source;
      const struct sockaddr_in6 *to = (const struct sockaddr_in6 *) (gconstpointer) destination;

      id->idiag_sport = from->sin6_port;
      id->idiag_dport = to->sin6_port;
      memcpy (id->idiag_src, &from->sin6_addr, sizeof from->sin6_addr);
      memcpy (id->idiag_dst, &to->sin6_addr, sizeof to->sin6_addr);
    }
  id->idiag_cookie[0] = id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

/* The answer is at least @body_bytes long behind its header. */
static gboolean
check_reply (const Reply *reply, gsize length, gsize body_bytes)
{
  errno = EBADMSG;
  if (!NLMSG_OK (&reply->header, length))
    return FALSE;
  if (reply->header.nlmsg_type == NLMSG_ERROR)
    {
      const struct nlmsgerr *answer = NLMSG_DATA (&reply->header);

      if (reply->header.nlmsg_len >= NLMSG_LENGTH (sizeof *answer))
        errno = -answer->error;
      return FALSE;
    }

  return reply->header.nlmsg_len >= NLMSG_LENGTH (body_bytes);
}

static gboolean
exchange (int netlink, const struct nlmsghdr *request, Reply *reply, gsize body_bytes)
{
  struct timeval timeout = { .tv_sec = DIAG_TIMEOUT_MS / 1000 };
  ssize_t length;

  if (setsockopt (netlink, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
      send (netlink, request, request->nlmsg_len, 0) != (ssize_t) request->nlmsg_len)
    return FALSE;
  length = recv (netlink, reply, sizeof *reply, 0);

  return length >= 0 && check_reply (reply, (gsize) length, body_bytes);
}

static gboolean
ask_kernel (const struct nlmsghdr *request, Reply *reply, gsize body_bytes)
{
  int netlink = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  gboolean is_answered = netlink >= 0 && exchange (netlink, request, reply, body_bytes);
  int code = errno;

  if (netlink >= 0)
    close (netlink);
  errno = code;

  return is_answered;
}

gboolean
bfy_sock_diag_tcp (int fd, uid_t *uid, guint64 *inode)
{
  struct sockaddr_storage theirs, ours;
  socklen_t theirs_length = sizeof theirs, ours_length = sizeof ours;
  const struct inet_diag_msg *found;
  TcpRequest request;
  Reply reply;

  if (getpeername (fd, (struct sockaddr *) &theirs, &theirs_length) != 0 ||
      getsockname (fd, (struct sockaddr *) &ours, &ours_length) != 0)
    return FALSE;
  fill_tcp_request (&request, &theirs, &ours);
  if (!ask_kernel (&request.header, &reply, sizeof *found))
    return FALSE;
  found = NLMSG_DATA (&reply.header);
  *uid = found->idiag_uid;
  *inode = found->idiag_inode;

  return TRUE;
}

/* The number of the peer is the first attribute behind the message, if it has one. */
static gboolean
take_peer (const Reply *reply, guint64 *inode)
{
  const gsize fixed = NLMSG_LENGTH (NLMSG_ALIGN (sizeof (struct unix_diag_msg)));
  const gsize wanted = RTA_LENGTH (sizeof (guint32));
  struct rtattr attribute;
  guint32 number = 0;

  if (reply->header.nlmsg_len >= fixed + wanted)
    {
      memcpy (&attribute, reply->bytes + fixed, sizeof attribute);
      if (attribute.rta_type == UNIX_DIAG_PEER && attribute.rta_len == wanted)
        memcpy (&number, reply->bytes + fixed + RTA_LENGTH (0), sizeof number);
    }
  *inode = number;
  errno = ENOENT;

  return number != 0;
}

gboolean
bfy_sock_diag_unix (int fd, guint64 *inode)
{
  struct stat facts;
  UnixRequest request;
  Reply reply;

  if (fstat (fd, &facts) != 0)
    return FALSE;
  request = (UnixRequest){
    .header = { .nlmsg_len = sizeof request,
                .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                .nlmsg_flags = NLM_F_REQUEST },
    .body = { .sdiag_family = AF_UNIX,
              .udiag_states = -1u,
              .udiag_ino = (__u32) facts.st_ino,
              .udiag_show = UDIAG_SHOW_PEER,
              .udiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
  };

  return ask_kernel (&request.header, &reply, sizeof (struct unix_diag_msg)) &&
         take_peer (&reply, inode);
}
