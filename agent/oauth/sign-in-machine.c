/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Nobody is asked: the client is the one who signs in (RFC 6749, 4.4). */

#include "agent/oauth/sign-in-private.h"
#include "agent/oauth/token-endpoint.h"

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  BfyTokenAnswer *answer = bfy_token_finish (result, &error);

  if (answer == NULL)
    bfy_sign_in_fail (task, error);
  else
    bfy_sign_in_take_answer (task, answer);
}

void
bfy_sign_in_begin_machine (GTask *task)
{
  BfySignIn *self = g_task_get_task_data (task);

  bfy_sign_in_tell (self, bfy_sign_in_step_new ("exchanging"));
  bfy_token_client_credentials_async (self->agent, self->binding, self->source, self->stop,
                                      on_granted, g_object_ref (task));
}
