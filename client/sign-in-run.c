/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sign-in-run.h"

#include <glib/gi18n-lib.h>

#include "client/sign-in-text.h"
#include "client/transfer.h"
#include "protocol/error.h"
#include "protocol/json.h"

struct _BfySignInRun
{
  const BfySignInEvents *events;
  gpointer user_data;
  BfySignInView view;
  BfyTransfer *transfer; /* (owned) */
  JsonObject *done;      /* (owned) (nullable) the last step */
  GError *error;         /* (owned) (nullable) */
  char *hint;            /* (owned) (nullable) */
};

static void
fail (BfySignInRun *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  bfy_transfer_abort (self->transfer);
}

static void
take_step (BfySignInRun *self, JsonObject *step)
{
  if (bfy_sign_in_judge (step, &self->view) == BFY_URL_REFUSE)
    fail (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                     _ ("The server names a sign-in page that no browser should be "
                                        "sent to, so the sign-in was stopped")));
  else if (bfy_sign_in_step (step) == BFY_STEP_DONE)
    self->done = json_object_ref (step);
  else
    self->events->on_step (self, step, self->user_data);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BfySignInRun *self = user_data;
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) step = NULL;

  if (self->done != NULL || self->error != NULL)
    return;
  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      self->error = bfy_remote_error_from_body (status, text, length, &self->hint);
      return;
    }

  step = bfy_json_parse_object (text, length, &error);
  if (step == NULL)
    {
      g_prefix_error (&error, _ ("The agent’s answer cannot be read: "));
      fail (self, g_steal_pointer (&error));
    }
  else if (bfy_sign_in_step (step) == BFY_STEP_FAILED)
    self->error = bfy_remote_error_from_body (status, text, length, &self->hint);
  else
    take_step (self, step);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfySignInRun *self = user_data;

  if (self->done == NULL && self->error == NULL && error != NULL)
    {
      self->error = g_error_copy (error);
      if (bfy_error_code (error) == BFY_ERROR_NO_AGENT)
        self->hint = bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL);
    }
  if (self->done == NULL && self->error == NULL)
    {
      self->hint = g_strdup ("bindify status");
      self->error = g_error_new_literal (BFY_ERROR, BFY_ERROR_FAILED,
                                         _ ("The agent went away before the sign-in was finished"));
    }

  self->events->on_end (self, self->done, self->done == NULL ? self->error : NULL, self->hint,
                        self->user_data);
}

BfySignInRun *
bfy_sign_in_run_new (BfyRemote *remote,
                     const BfySignInWish *wish,
                     const BfySignInEvents *events,
                     gpointer user_data)
{
  static const BfyTransferEvents transfer_events = { NULL, on_text, on_end };
  g_autoptr (SoupMessage) message = bfy_remote_new_message (remote, "POST", wish->path);
  BfySignInRun *self = g_new0 (BfySignInRun, 1);

  self->events = events;
  self->user_data = user_data;
  self->view.allow_local = wish->allow_local;
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  soup_message_set_request_body_from_bytes (message, "application/json", wish->body);
  self->transfer = bfy_transfer_start (remote, message, &transfer_events, self);

  return self;
}

void
bfy_sign_in_run_abort (BfySignInRun *self)
{
  bfy_transfer_abort (self->transfer);
}

void
bfy_sign_in_run_free (BfySignInRun *self)
{
  bfy_transfer_cancel (self->transfer);
  g_clear_pointer (&self->transfer, bfy_transfer_unref);
  g_clear_pointer (&self->done, json_object_unref);
  g_clear_error (&self->error);
  g_free (self->hint);
  g_free (self);
}
