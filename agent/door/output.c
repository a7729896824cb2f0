/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/output.h"

#include <errno.h>
#include <sys/socket.h>

void
bfy_output_init (BfyOutput *self, int fd)
{
  *self = (BfyOutput){ .fd = fd };
}

void
bfy_output_clear (BfyOutput *self)
{
  g_clear_pointer (&self->pending, g_byte_array_unref);
}

gboolean
bfy_output_is_empty (const BfyOutput *self)
{
  return self->pending == NULL;
}

/* How much went out; -1: broken. */
static gssize
send_parts (BfyOutput *self, const struct iovec *parts, guint n_parts)
{
  struct msghdr message = { .msg_iov = (struct iovec *) parts, .msg_iovlen = n_parts };
  gssize n;

  do
    n = sendmsg (self->fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);

  return n < 0 && errno == EAGAIN ? 0 : n;
}

static void
keep (BfyOutput *self, const struct iovec *parts, guint n_parts, gsize n_sent)
{
  for (guint i = 0; i < n_parts; i++)
    {
      gsize n = MIN (n_sent, parts[i].iov_len);

      n_sent -= n;
      if (n == parts[i].iov_len)
        continue;
      if (self->pending == NULL)
        self->pending = g_byte_array_new ();
      g_byte_array_append (self->pending, (const guint8 *) parts[i].iov_base + n,
                           (guint) (parts[i].iov_len - n));
    }
}

gboolean
bfy_output_send (BfyOutput *self, const struct iovec *parts, guint n_parts)
{
  gssize n = self->pending == NULL ? send_parts (self, parts, n_parts) : 0;

  if (n < 0)
    return FALSE;
  keep (self, parts, n_parts, (gsize) n);

  return TRUE;
}

gboolean
bfy_output_flush (BfyOutput *self)
{
  while (self->pending != NULL)
    {
      struct iovec part = { self->pending->data + self->offset, self->pending->len - self->offset };
      gssize n = send_parts (self, &part, 1);

      if (n <= 0)
        return n == 0;
      self->offset += (gsize) n;
      if (self->offset < self->pending->len)
        continue;
      g_clear_pointer (&self->pending, g_byte_array_unref);
      self->offset = 0;
    }

  return TRUE;
}
