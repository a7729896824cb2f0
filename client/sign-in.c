/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/sign-in.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <unistd.h>

#include "client/fields.h"
#include "client/sign-in-run.h"
#include "client/sign-in-text.h"

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
    fprintf (stderr, _ ("No browser could be opened: please open the address above yourself.\n"));
}

static void
on_step (BfySignInRun *run, JsonObject *step, gpointer user_data)
{
  Closure *closure = user_data;
  g_autofree char *text = bfy_sign_in_describe (step, &closure->view);

  fputs (text, stderr);
  if (bfy_sign_in_may_open (step, &closure->view))
    bfy_browser_open_async (closure->cli->desktop, bfy_field_text (step, "url"), closure->browser,
                            on_browser, NULL);
}

static void
on_end (
    BfySignInRun *run, JsonObject *done, const GError *error, const char *hint, gpointer user_data)
{
  Closure *closure = user_data;

  closure->done = done != NULL ? json_object_ref (done) : NULL;
  closure->error = error != NULL ? g_error_copy (error) : NULL;
  if (hint != NULL)
    bfy_cli_set_hint (closure->cli, "%s", hint);
  bfy_cli_wake (closure->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_sign_in_run_abort (user_data);
}

static void
wait_for_end (Closure *closure, const BfySignIn *sign_in)
{
  static const BfySignInEvents events = { on_step, on_end };
  BfyCli *cli = closure->cli;
  const BfySignInWish wish = { sign_in->path, sign_in->body, sign_in->allow_local };
  g_autoptr (BfySignInRun) run = bfy_sign_in_run_new (cli->remote, &wish, &events, closure);
  gulong cancel_id;

  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), run, NULL);
  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
}

/* The terminal has echoed ^C, so the line begins anew. */
static void
say_cancelled (const BfyCli *cli, const BfySignIn *sign_in)
{
  if (cli->signal_number != 0)
    {
      fputs (isatty (STDERR_FILENO) ? "\n" : "", stderr);
      /* Translators: %s is a sentence that says what there is after all. */
      fprintf (stderr, _ ("Cancelled. %s\n"), sign_in->kept);
    }
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

  done = g_steal_pointer (&closure.done);
  if (done == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&closure.error));
      say_cancelled (cli, sign_in);
    }
  closure_clear (&closure);
  return done;
}
