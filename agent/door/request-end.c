/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* How a request comes to its end: why, who is told, and what counts until then. */

#include "agent/door/request-private.h"

GCancellable *
bfy_request_get_gone (BfyRequest *self)
{
  return self->gone;
}

void
bfy_request_set_end_code (BfyRequest *self, BfyErrorCode code)
{
  self->end_code = code;
}

BfyErrorCode
bfy_request_get_end_code (BfyRequest *self)
{
  while (self->end_code == BFY_ERROR_CANCELLED && self->inner.caller != NULL)
    self = self->inner.caller;

  return self->end_code;
}

void
bfy_request_add_over_func (BfyRequest *self, GDestroyNotify func, gpointer user_data)
{
  const BfyRequestOverFunc over = { func, user_data };

  if (self->is_over)
    {
      func (user_data);
      return;
    }
  if (self->over_funcs == NULL)
    self->over_funcs = g_array_new (FALSE, FALSE, sizeof over);
  g_array_append_val (self->over_funcs, over);
}

void
bfy_request_tell_over (BfyRequest *self)
{
  g_autoptr (GArray) funcs = g_steal_pointer (&self->over_funcs);

  for (guint i = 0; funcs != NULL && i < funcs->len; i++)
    {
      const BfyRequestOverFunc *over = &g_array_index (funcs, BfyRequestOverFunc, i);

      over->func (over->user_data);
    }
}

static void
end_count (BfyRequest *self)
{
  if (self->is_counted)
    self->count_funcs->over (self->count);
  self->is_counted = FALSE;
}

void
bfy_request_drop_count (BfyRequest *self)
{
  end_count (self);
  if (self->count != NULL)
    self->count_funcs->unref (self->count);
  self->count = NULL;
  self->is_counted = FALSE;
}

void
bfy_request_take_count (BfyRequest *self, const BfyRequestCountFuncs *funcs, gpointer count)
{
  bfy_request_drop_count (self);
  self->count_funcs = funcs;
  self->count = count;
  self->is_counted = TRUE;
  if (self->is_over)
    end_count (self);
}

void
bfy_request_share_count (BfyRequest *self, BfyRequest *caller)
{
  if (caller->count == NULL)
    return;
  self->count_funcs = caller->count_funcs;
  self->count = caller->count_funcs->ref (caller->count);
}

void
bfy_request_count_bytes (BfyRequest *self, gsize n_bytes)
{
  if (self->is_counted)
    self->count_funcs->wrote (self->count, n_bytes);
}

gpointer
bfy_request_get_count (BfyRequest *self)
{
  return self->count;
}

void
bfy_request_note_over (BfyRequest *self)
{
  self->is_over = TRUE;
  bfy_request_tell_over (self);
  end_count (self);
  self->method = NULL;
  self->headers = NULL;
  self->drained = NULL;
  bfy_request_stop_body (self);
  bfy_request_drop_proof (self);
  bfy_request_drop_filter (self);
  if (self->route != NULL)
    g_clear_pointer (&self->route->presented, bfy_secret_unref);
}

void
bfy_request_break (BfyRequest *self)
{
  if (self->is_over)
    return;

  self->drained = NULL;
  self->kind->abort (self);
}
