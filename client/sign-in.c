/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sign-in.h"

#include <stdio.h>
#include <unistd.h>

#include "client/fields.h"
#include "client/sign-in-text.h"
#include "client/transfer.h"
#include "protocol/json.h"

typedef struct
{
  BfyCli *cli;
  BfySignInView view;
  GCancellable *browser; /* (owned) we no longer care how opening it ends */
  JsonObject *done;      /* (owned) (nullable) the last step */
  GError *error;         /* (owned) (nullable) */
} Closure;

static void
closure_clear (Closure *closure)
{
  g_cancellable_cancel (closure->browser);
  g_clear_object (&closure->browser);
  g_clear_pointer (&closure->done, json_object_unref);
  g_clear_error (&closure->error);
}

/* The address has been printed, so this is only a remark. */
static void
on_browser (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bfy_browser_open_finish (result, &error) && bfy_error_code (error) != BFY_ERROR_CANCELLED)
    fprintf (stderr, "No browser could be opened: please open the address above yourself.\n");
}

static void
show (Closure *closure, JsonObject *step)
{
  g_autofree char *text = bfy_sign_in_describe (step, &closure->view);

  fputs (text, stderr);
  if (bfy_sign_in_may_open (step, &closure->view))
    bfy_browser_open_async (closure->cli->desktop, bfy_field_text (step, "url"), closure->browser,
                            on_browser, NULL);
}

static void
fail (Closure *closure, BfyTransfer *transfer, GError *error)
{
  g_clear_error (&closure->error);
  closure->error = error;
  bfy_transfer_abort (transfer);
}

static void
take_step (Closure *closure, BfyTransfer *transfer, JsonObject *step)
{
  if (bfy_sign_in_judge (step, &closure->view) == BFY_URL_REFUSE)
    {
      fail (closure, transfer,
            g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                 "The server names a sign-in page that no browser should be sent "
                                 "to, so the sign-in was stopped"));
      return;
    }

  show (closure, step);
  if (bfy_sign_in_step (step) == BFY_STEP_DONE)
    closure->done = json_object_ref (step);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  Closure *closure = user_data;
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) step = NULL;

  if (closure->done != NULL || closure->error != NULL)
    return;
  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      closure->error = bfy_remote_error_from_body (status, text, length, &closure->cli->hint);
      return;
    }

  step = bfy_json_parse_object (text, length, &error);
  if (step == NULL)
    {
      g_prefix_error (&error, "The agent’s answer cannot be read: ");
      fail (closure, transfer, g_steal_pointer (&error));
    }
  else if (bfy_sign_in_step (step) == BFY_STEP_FAILED)
    closure->error = bfy_remote_error_from_body (status, text, length, &closure->cli->hint);
  else
    take_step (closure, transfer, step);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  Closure *closure = user_data;

  if (error != NULL && closure->error == NULL && closure->done == NULL)
    {
      closure->error = g_error_copy (error);
      if (bfy_error_code (error) == BFY_ERROR_NO_AGENT)
        closure->cli->hint = bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL);
    }
  bfy_cli_wake (closure->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_transfer_abort (user_data);
}

static void
wait_for_end (Closure *closure, const BfySignIn *sign_in)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };
  BfyCli *cli = closure->cli;
  g_autoptr (SoupMessage) message = bfy_remote_new_message (cli->remote, "POST", sign_in->path);
  g_autoptr (BfyTransfer) transfer = NULL;
  gulong cancel_id;

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  soup_message_set_request_body_from_bytes (message, "application/json", sign_in->body);
  transfer = bfy_transfer_start (cli->remote, message, &events, closure);
  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), transfer, NULL);
  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
}

/* The terminal has echoed ^C, so the line begins anew. */
static void
say_cancelled (const BfyCli *cli, const BfySignIn *sign_in)
{
  if (cli->signal_number != 0)
    fprintf (stderr, "%sCancelled. %s\n", isatty (STDERR_FILENO) ? "\n" : "", sign_in->kept);
}

JsonObject *
bfy_sign_in_run (BfyCli *cli, const BfySignIn *sign_in, GError **error)
{
  Closure closure = { .cli = cli };
  JsonObject *done = NULL;

  if (bfy_cli_connect (cli, error) == NULL)
    return NULL;

  closure.browser = g_cancellable_new ();
  closure.view = (BfySignInView){ .place = bfy_browser_find (cli->desktop, sign_in->no_browser),
                                  .allow_local = sign_in->allow_local,
                                  .is_quiet = sign_in->is_quiet,
                                  .device_command = sign_in->device_command };
  g_clear_pointer (&cli->hint, g_free);
  wait_for_end (&closure, sign_in);

  if (closure.done != NULL)
    done = g_steal_pointer (&closure.done);
  else if (closure.error != NULL)
    g_propagate_error (error, g_steal_pointer (&closure.error));
  else
    {
      bfy_cli_set_hint (cli, "bindify status");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           "The agent went away before the sign-in was finished");
    }
  if (done == NULL)
    say_cancelled (cli, sign_in);
  closure_clear (&closure);
  return done;
}
