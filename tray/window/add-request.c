/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-request.h"

#include "client/sign-in-run.h"

struct _BfyAddRequest
{
  gatomicrefcount ref_count;         /* ours, and that of a call under way */
  const BfyAddRequestEvents *events; /* (nullable) NULL: it has been freed */
  gpointer user_data;
  BfySignInRun *run;         /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
};

static void
release (BfyAddRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_object (&self->cancellable);
  g_free (self);
}

static void
on_step (BfySignInRun *run, JsonObject *step, gpointer user_data)
{
  BfyAddRequest *self = user_data;

  self->events->on_step (step, self->user_data);
}

static void
on_signed_in (
    BfySignInRun *run, JsonObject *done, const GError *error, const char *hint, gpointer user_data)
{
  BfyAddRequest *self = user_data;

  self->events->on_end (done, error, self->user_data);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyAddRequest *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (self->events != NULL)
    self->events->on_end (reply, error, self->user_data);
  release (self);
}

BfyAddRequest *
bfy_add_request_new (BfyAgentLink *link,
                     const BfyAddDraft *draft,
                     const BfyAddRequestEvents *events,
                     gpointer user_data)
{
  static const BfySignInEvents sign_in_events = { on_step, on_signed_in };
  BfyRemote *remote = bfy_agent_link_get_remote (link);
  BfyAddRequest *self = g_new0 (BfyAddRequest, 1);
  g_autofree char *path = bfy_add_draft_path (draft);
  g_autoptr (GBytes) body = bfy_add_draft_body (draft);
  const BfySignInWish wish = { path, body, draft->allow_local };
  const BfyCall call = { "POST", path, body };

  g_atomic_ref_count_init (&self->ref_count);
  self->events = events;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  if (bfy_add_draft_signs_in (draft))
    {
      self->run = bfy_sign_in_run_new (remote, &wish, &sign_in_events, self);
      return self;
    }

  g_atomic_ref_count_inc (&self->ref_count);
  bfy_remote_call_async (remote, &call, self->cancellable, on_reply, self);

  return self;
}

void
bfy_add_request_free (BfyAddRequest *self)
{
  self->events = NULL;
  g_clear_pointer (&self->run, bfy_sign_in_run_free);
  g_cancellable_cancel (self->cancellable);
  release (self);
}
