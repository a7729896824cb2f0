/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-prompter.h"
#include "keyring/secret-run.h"
#include "protocol/error.h"

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  const char *missing = bfy_secret_prompter_explain (bfy_secret_prompter_start_finish (result));

  if (!bfy_secret_call_end (call))
    return;
  if (missing == NULL)
    g_task_return_boolean (call->task, TRUE);
  else
    g_task_return_new_error (call->task, BFY_ERROR, BFY_ERROR_LOCKED,
                             "The keyring is locked, and %s", missing);
}

static void
on_gnome (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;

  if (bfy_secret_prompter_ask_gnome_finish (result))
    bfy_secret_prompter_start_async (SECRET_SERVICE (source), on_started,
                                     bfy_secret_call_ref (call));
  else if (bfy_secret_call_end (call))
    g_task_return_boolean (call->task, TRUE);
}

void
bfy_secret_run_find_prompter (BfySecretCall *call)
{
  bfy_secret_prompter_ask_gnome_async (call->service, on_gnome, bfy_secret_call_ref (call));
}
