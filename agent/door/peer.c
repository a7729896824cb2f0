/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/peer.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/error.h"

#define DIAG_TIMEOUT_MS 1000 /* the kernel answers in microseconds */

typedef struct
{
  struct nlmsghdr header;
  struct inet_diag_req_v2 body;
} DiagRequest;

typedef union
{
  struct nlmsghdr header;
  char bytes[4096];
} DiagReply;

gboolean
bfy_peer_of_unix (GSocket *connection, BfyPeer *peer, GError **error)
{
  struct ucred credentials;
  socklen_t length = sizeof credentials;

  if (getsockopt (g_socket_get_fd (connection), SOL_SOCKET, SO_PEERCRED, &credentials, &length) !=
          0 ||
      length != sizeof credentials)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "SO_PEERCRED: %s", g_strerror (errno));
      return FALSE;
    }
  *peer = (BfyPeer){ credentials.uid, credentials.pid };

  return TRUE;
}

/* @source is the end whose owner we want, so the connection is described as the peer sees it. */
static void
fill_request (DiagRequest *request,
              const struct sockaddr_storage *source,
              const struct sockaddr_storage *destination)
{
  struct inet_diag_sockid *id = &request->body.id;

  *request = (DiagRequest){
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

static gboolean
ask_kernel (int netlink, const DiagRequest *request, uid_t *uid)
{
  struct timeval timeout = { .tv_sec = DIAG_TIMEOUT_MS / 1000 };
  DiagReply reply;
  ssize_t length;

  if (setsockopt (netlink, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
      send (netlink, request, sizeof *request, 0) != sizeof *request)
    return FALSE;
  length = recv (netlink, &reply, sizeof reply, 0);
  if (length < 0)
    return FALSE;
  if (!NLMSG_OK (&reply.header, (size_t) length))
    {
      errno = EBADMSG;
      return FALSE;
    }
  if (reply.header.nlmsg_type == NLMSG_ERROR)
    {
      const struct nlmsgerr *answer = NLMSG_DATA (&reply.header);

      errno = reply.header.nlmsg_len >= NLMSG_LENGTH (sizeof *answer) ? -answer->error : EBADMSG;
      return FALSE;
    }
  if (reply.header.nlmsg_len < NLMSG_LENGTH (sizeof (struct inet_diag_msg)))
    {
      errno = EBADMSG;
      return FALSE;
    }
  *uid = ((const struct inet_diag_msg *) NLMSG_DATA (&reply.header))->idiag_uid;

  return TRUE;
}

gboolean
bfy_peer_of_tcp (GSocket *connection, BfyPeer *peer, GError **error)
{
  int fd = g_socket_get_fd (connection);
  struct sockaddr_storage theirs, ours;
  socklen_t theirs_length = sizeof theirs, ours_length = sizeof ours;
  DiagRequest request;
  gboolean is_known = FALSE;
  int netlink = -1;

  if (getpeername (fd, (struct sockaddr *) &theirs, &theirs_length) == 0 &&
      getsockname (fd, (struct sockaddr *) &ours, &ours_length) == 0)
    netlink = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink >= 0)
    {
      fill_request (&request, &theirs, &ours);
      is_known = ask_kernel (netlink, &request, &peer->uid);
    }
  if (!is_known)
    g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "sock_diag: %s", g_strerror (errno));
  if (netlink >= 0)
    close (netlink);
  peer->pid = 0;

  return is_known;
}

char *
bfy_peer_describe (const BfyPeer *self)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", (int) self->pid);
  g_autofree char *program = self->pid > 0 ? g_file_read_link (link, NULL) : NULL;
  g_autofree char *name = program != NULL ? g_path_get_basename (program) : NULL;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "uid %u", (guint) self->uid);
  if (self->pid > 0)
    g_string_append_printf (text, " pid %d", (int) self->pid);
  if (name != NULL)
    g_string_append_printf (text, " exe %s", name);

  return g_string_free (text, FALSE);
}
