/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/errand.h"

static gboolean
on_deadline (gpointer user_data)
{
  BfyErrand *self = user_data;

  self->deadline_id = 0;
  self->has_timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

static void
on_caller_cancelled (GCancellable *callers, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
bfy_errand_init (BfyErrand *self, GCancellable *callers, guint timeout_ms)
{
  self->cancellable = g_cancellable_new ();
  if (callers != NULL)
    {
      self->callers = g_object_ref (callers);
      self->callers_id = g_cancellable_connect (callers, G_CALLBACK (on_caller_cancelled),
                                                self->cancellable, NULL);
    }
  self->deadline_id = g_timeout_add (timeout_ms, on_deadline, self);
}

void
bfy_errand_end (BfyErrand *self)
{
  g_clear_handle_id (&self->deadline_id, g_source_remove);
  g_cancellable_disconnect (self->callers, self->callers_id);
  self->callers_id = 0;
}

void
bfy_errand_clear (BfyErrand *self)
{
  bfy_errand_end (self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->callers);
}
