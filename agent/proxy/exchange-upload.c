/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The body of a request for a REST service that goes up as it comes: a piece is read when the
 * upstream has taken the one before, searched, and sent. Nothing of it is kept, so such a request
 * is never sent twice. What goes up on a WebSocket is not searched: a client masks it (RFC 6455,
 * 5.3). */

#include "agent/door/request-body.h"
#include "agent/guard/entrance.h"
#include "agent/proxy/exchange-private.h"
#include "agent/proxy/quota-gate.h"

gboolean
bfy_exchange_streams_up (const BfyExchange *self)
{
  return self->is_rest && bfy_request_is_streamed (self->request);
}

static gboolean
is_going_up (const BfyExchange *self)
{
  return (self->state == EXCHANGE_SENDING || self->state == EXCHANGE_STREAMING) &&
         self->leg != NULL;
}

static void
refuse (BfyExchange *self, BfyUploadVerdict verdict)
{
  g_autofree char *text = verdict == BFY_UPLOAD_HOLDS_KEY
                              ? bfy_entrance_report_key (self->agent, self->request, self->binding)
                              : bfy_entrance_report (self->agent, self->request, self->binding,
                                                     bfy_upload_get_tag (self->upload));

  g_cancellable_cancel (self->cancellable);
  bfy_exchange_fail (self, BFY_ERROR_DENIED, text);
}

static void
note_piece (BfyExchange *self, gsize n_bytes)
{
  self->event->bytes_up += (gint64) n_bytes;
  bfy_quota_gate_note_piece (self->request, n_bytes);
}

static void
on_piece (GBytes *piece, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);
  g_autoptr (GBytes) passed = NULL;
  BfyUploadVerdict verdict;

  if (!is_going_up (self))
    return;

  self->waits_for_client = FALSE;
  self->has_body_ended = piece == NULL;
  if (self->is_upgraded)
    {
      note_piece (self, g_bytes_get_size (piece));
      bfy_leg_write (self->leg, piece);
      return;
    }
  note_piece (self, piece != NULL ? g_bytes_get_size (piece) : 0);
  bfy_exchange_note_progress (self);
  verdict = bfy_upload_feed (self->upload, piece, &passed);
  if (verdict != BFY_UPLOAD_PASSES)
    refuse (self, verdict);
  else if (passed != NULL || piece == NULL)
    bfy_leg_write (self->leg, passed);
  else
    bfy_exchange_read_up (self);
}

/* The upstream has taken what there was. */
void
bfy_exchange_read_up (BfyExchange *self)
{
  if (!is_going_up (self))
    return;
  if (self->has_body_ended)
    {
      bfy_leg_write (self->leg, NULL);
      return;
    }

  if (self->upload == NULL && !self->is_upgraded)
    self->upload = bfy_upload_new (self->agent, self->request);
  self->waits_for_client = TRUE;
  bfy_request_read_body (self->request, on_piece, self);
}

void
bfy_exchange_stop_upload (BfyExchange *self)
{
  self->waits_for_client = FALSE;
  if (bfy_exchange_streams_up (self))
    bfy_request_forget_reader (self->request);
  g_clear_pointer (&self->upload, bfy_upload_free);
}
