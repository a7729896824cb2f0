/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/door/sock-diag.h"
#include "protocol/error.h"

#ifndef SO_PEERPIDFD /* Linux 6.5; the headers may be older than the kernel */
#define SO_PEERPIDFD 77
#endif

#define PATH_BYTES 32 /* of "/proc/PID/exe" */

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
  *peer = (BfyPeer){ .uid = credentials.uid, .pid = credentials.pid };

  return TRUE;
}

/* It has ended, or cannot be asked. */
static gboolean
has_ended (int pidfd)
{
  struct pollfd end = { .fd = pidfd, .events = POLLIN };
  int n;

  do
    n = poll (&end, 1, 0);
  while (n < 0 && errno == EINTR);

  return n != 0;
}

/* -1, and errno says why, when there is none to be had. */
static int
open_peer (int fd)
{
  int pidfd = -1;
  socklen_t length = sizeof pidfd;

  return getsockopt (fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length) == 0 ? pidfd : -1;
}

static int
open_by_number (pid_t pid)
{
  return pid > 0 ? (int) syscall (SYS_pidfd_open, pid, 0) : -1;
}

int
bfy_peer_open_process (int fd, const BfyPeer *peer)
{
  int pidfd = open_peer (fd);

  return pidfd < 0 && errno == ENOPROTOOPT ? open_by_number (peer->pid) : pidfd;
}

BfyPeerLife
bfy_peer_get_life (int fd, const BfyPeer *peer)
{
  int pidfd = open_peer (fd);
  BfyPeerLife life = pidfd >= 0 ? BFY_PEER_ALIVE : BFY_PEER_UNSURE;

  if (pidfd < 0 && errno == ENOPROTOOPT)
    pidfd = open_by_number (peer->pid);
  /* The kernel has no descriptor for a process that has gone altogether. */
  if (pidfd < 0)
    return errno == ESRCH || errno == EINVAL ? BFY_PEER_DEAD : BFY_PEER_UNSURE;

  if (has_ended (pidfd))
    life = BFY_PEER_DEAD;
  close (pidfd);

  return life;
}

void
bfy_peer_pins_init (BfyPeerPins *self)
{
  *self = (BfyPeerPins){ -1, -1 };
}

void
bfy_peer_pins_close (BfyPeerPins *self)
{
  if (self->process >= 0)
    close (self->process);
  if (self->program >= 0)
    close (self->program);
  bfy_peer_pins_init (self);
}

int
bfy_peer_pin_by_number (pid_t pid)
{
  char path[PATH_BYTES];

  g_snprintf (path, sizeof path, "/proc/%d", (int) pid);

  return pid > 0 ? open (path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* The file may be on a file system that answers late, or never: it is not asked. */
static gboolean
look_at_file (int folder, const char *path, BfyProgramFile *file)
{
  struct statx facts;

  *file = (BfyProgramFile){ 0, 0 };
  if (statx (folder, path, AT_STATX_DONT_SYNC, STATX_INO, &facts) != 0)
    return FALSE;
  *file = (BfyProgramFile){ makedev (facts.stx_dev_major, facts.stx_dev_minor), facts.stx_ino };

  return TRUE;
}

BfyProgramFile
bfy_program_file_of (pid_t pid)
{
  BfyProgramFile file = { 0, 0 };
  char path[PATH_BYTES];

  g_snprintf (path, sizeof path, "/proc/%d/exe", (int) pid);
  if (pid > 0)
    (void) look_at_file (AT_FDCWD, path, &file);

  return file;
}

gboolean
bfy_program_file_at (int pin, BfyProgramFile *file)
{
  return look_at_file (pin, "exe", file);
}

gboolean
bfy_program_file_is_same (const BfyProgramFile *one, const BfyProgramFile *other)
{
  return one->device == other->device && one->inode == other->inode;
}

gboolean
bfy_peer_of_tcp (GSocket *connection, BfyPeer *peer, GError **error)
{
  guint64 inode;

  *peer = (BfyPeer){ 0 };
  if (bfy_sock_diag_tcp (g_socket_get_fd (connection), &peer->uid, &inode))
    return TRUE;
  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "sock_diag: %s", g_strerror (errno));

  return FALSE;
}

static char *
read_program (const BfyPeer *self)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/exe", (int) self->pid);
  g_autofree char *program = self->pid > 0 ? g_file_read_link (link, NULL) : NULL;
  BfyProgramFile now = bfy_program_file_of (self->pid);

  return program != NULL && bfy_program_file_is_same (&now, &self->file)
             ? g_path_get_basename (program)
             : NULL;
}

char *
bfy_peer_describe (const BfyPeer *self)
{
  g_autofree char *name = read_program (self);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "uid %u", (guint) self->uid);
  if (self->pid > 0)
    g_string_append_printf (text, " pid %d", (int) self->pid);
  if (name != NULL)
    g_string_append_printf (text, " exe %s", name);

  return g_string_free (text, FALSE);
}
