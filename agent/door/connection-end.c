/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* How a connection ends, and the request that is on it. */

#include <sys/socket.h>

#include "agent/door/connection-private.h"
#include "agent/door/linger.h"

void
bfy_connection_finish_request (BfyConnection *self, BfyRequestEnd how)
{
  g_autoptr (BfyRequest) request = g_steal_pointer (&self->request);

  if (request == NULL)
    return;

  self->is_complete = FALSE;
  bfy_request_note_finished (request, how);
  self->funcs->over (request, self->user_data);
}

/* Nothing happens on it any more, and its socket is closed or lingers. */
void
bfy_connection_let_go (BfyConnection *self)
{
  g_autoptr (GSocketConnection) stream = g_steal_pointer (&self->stream);

  g_clear_pointer (&self->watch, bfy_watch_stop);
  g_clear_handle_id (&self->broken_id, g_source_remove);
  bfy_deadline_stop (&self->deadline);
  bfy_intake_close (&self->intake);
  bfy_peer_pins_close (&self->pins);
  if (self->is_refused)
    bfy_linger_begin (stream);
  else
    g_io_stream_close (G_IO_STREAM (stream), NULL, NULL);
}

static void
end (BfyConnection *self, BfyRequestEnd how)
{
  G_GNUC_UNUSED g_autoptr (BfyConnection) alive = bfy_connection_ref (self);

  if (self->stream == NULL)
    return;

  bfy_connection_let_go (self);
  bfy_connection_finish_request (self, how);
  self->funcs->closed (self, self->user_data);
}

void
bfy_connection_close (BfyConnection *self)
{
  end (self, self->is_complete ? BFY_REQUEST_ANSWERED : BFY_REQUEST_GONE);
}

void
bfy_connection_abort (BfyConnection *self)
{
  end (self, BFY_REQUEST_BROKEN);
}

void
bfy_connection_leave (BfyConnection *self)
{
  (void) shutdown (self->fd, SHUT_WR);
  self->is_refused = TRUE;
  bfy_connection_close (self);
}

void
bfy_connection_refuse (BfyConnection *self, GBytes *reply)
{
  gsize length;
  gconstpointer bytes = g_bytes_get_data (reply, &length);

  if (self->stream == NULL)
    return;

  /* Fits any socket buffer; a client that left no room for it does not get it. */
  (void) send (self->fd, bytes, length, MSG_NOSIGNAL);
  (void) shutdown (self->fd, SHUT_WR);
  self->is_refused = TRUE;
  bfy_connection_abort (self);
}
