/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/intake.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "protocol/secret.h"

#define READ_BYTES (64 * 1024) /* from the socket in one go */
#define SPARES 2               /* one intake may be fed in a step of another */

/* For all: what is read is taken or put aside before anybody else can read, and then wiped. */
static char *spares[SPARES];

static char *
take_buffer (void)
{
  for (int i = 0; i < SPARES; i++)
    if (spares[i] != NULL)
      return g_steal_pointer (&spares[i]);

  return g_malloc (READ_BYTES);
}

static void
give_back (char *buffer)
{
  for (int i = 0; i < SPARES; i++)
    if (spares[i] == NULL)
      {
        spares[i] = buffer;
        return;
      }
  g_free (buffer);
}

void
bfy_intake_init (BfyIntake *self, int fd, const BfyIntakeFuncs *funcs, gpointer user_data)
{
  *self = (BfyIntake){ .funcs = funcs, .user_data = user_data, .fd = fd };
}

void
bfy_intake_ask_senders (BfyIntake *self)
{
  self->is_told_senders = TRUE;
}

void
bfy_intake_open (BfyIntake *self)
{
  self->is_open = TRUE;
  self->is_readable = FALSE;
}

static void
drop_rest (BfyIntake *self)
{
  if (self->rest != NULL)
    bfy_wipe (self->rest->data, self->rest->len);
  g_clear_pointer (&self->rest, g_byte_array_unref);
}

void
bfy_intake_close (BfyIntake *self)
{
  self->is_open = FALSE;
  drop_rest (self);
}

gboolean
bfy_intake_note_events (BfyIntake *self, guint32 events)
{
  gboolean has_hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;

  self->has_hung_up |= has_hung_up;
  if (!has_hung_up && (events & EPOLLIN) == 0)
    return FALSE;
  self->is_readable = TRUE;

  return TRUE;
}

static gsize
feed (BfyIntake *self, const char *bytes, gsize length)
{
  gsize n = 0;

  while (n < length && self->funcs->wants (self->user_data))
    n += self->funcs->feed (bytes + n, length - n, self->user_data);

  return n;
}

static void
put_aside (BfyIntake *self, const char *bytes, gsize length)
{
  if (length == 0 || !self->is_open)
    return;
  if (self->rest == NULL)
    self->rest = g_byte_array_sized_new ((guint) length);
  g_byte_array_append (self->rest, (const guint8 *) bytes, (guint) length);
}

static void
feed_rest (BfyIntake *self)
{
  g_autoptr (GByteArray) rest = g_steal_pointer (&self->rest);
  gsize n = feed (self, (const char *) rest->data, rest->len);

  put_aside (self, (const char *) rest->data + n, rest->len - n);
  bfy_wipe (rest->data, rest->len);
}

/* With no room for more than that: descriptors that come along are closed by the kernel. */
static gssize
receive_with_sender (BfyIntake *self, char *buffer)
{
  union
  {
    struct cmsghdr header;
    char bytes[CMSG_SPACE (sizeof (struct ucred))];
  } control;
  struct iovec part = { buffer, READ_BYTES };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  gssize n = recvmsg (self->fd, &message, MSG_CMSG_CLOEXEC);
  const struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR (&message) : NULL;
  struct ucred credentials = { 0 };

  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS &&
      header->cmsg_len == CMSG_LEN (sizeof credentials))
    memcpy (&credentials, CMSG_DATA (header), sizeof credentials);
  if (n > 0)
    self->sender = credentials.pid;

  return n;
}

static gssize
receive (BfyIntake *self, char *buffer)
{
  gssize n;

  do
    n = self->is_told_senders ? receive_with_sender (self, buffer)
                              : recv (self->fd, buffer, READ_BYTES, 0);
  while (n < 0 && errno == EINTR);
  self->is_readable = n > 0 && (n == READ_BYTES || self->has_hung_up);

  return n;
}

static void
feed_socket (BfyIntake *self)
{
  char *buffer = take_buffer ();
  gssize length = receive (self, buffer);
  int code = length < 0 ? errno : 0;

  if (length > 0)
    {
      gsize n = feed (self, buffer, (gsize) length);

      put_aside (self, buffer + n, (gsize) length - n);
      bfy_wipe (buffer, (gsize) length);
    }
  give_back (buffer);
  if (length <= 0 && code != EAGAIN)
    self->funcs->ended (code, self->user_data);
}

gboolean
bfy_intake_pump (BfyIntake *self)
{
  if (self->is_pumping)
    return FALSE;

  self->is_pumping = TRUE;
  while (self->funcs->wants (self->user_data) && (self->rest != NULL || self->is_readable))
    {
      if (self->rest != NULL)
        feed_rest (self);
      else
        feed_socket (self);
    }
  self->is_pumping = FALSE;

  return TRUE;
}
