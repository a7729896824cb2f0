/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/prompt/answer.h"

#include "client/fields.h"
#include "client/lock-key.h"

/* What is left to do of it. */
typedef struct
{
  BfyQuestion *question; /* (owned) */
  BfyReply reply;
  BfyGrantScope scope;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *self = data;

  bfy_question_unref (self->question);
  g_free (self);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (bfy_agent_link_answer_finish (BFY_AGENT_LINK (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
send (GTask *task)
{
  const Answer *answer = g_task_get_task_data (task);

  bfy_agent_link_answer_async (g_task_get_source_object (task), answer->question, answer->reply,
                               answer->scope, on_answered, task);
}

static void
on_key_taken (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (bfy_agent_link_register_finish (BFY_AGENT_LINK (source), result, &error))
    send (g_steal_pointer (&task));
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
give_key (GTask *taken, const BfySecret *passphrase)
{
  g_autoptr (GTask) task = taken;
  BfyAgentLink *link = g_task_get_source_object (task);
  JsonObject *lock = bfy_field_object (bfy_agent_link_get_status (link), "lock");
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) key = bfy_lock_key_derive (lock, "approval_kdf", passphrase, &error);

  if (key == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    bfy_agent_link_register_async (link, key, on_key_taken, g_steal_pointer (&task));
}

void
bfy_answer_send_async (BfyAgentLink *link,
                       const BfyBoardOrder *order,
                       const BfySecret *passphrase,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (link, NULL, callback, user_data);
  Answer *answer = g_new0 (Answer, 1);

  answer->question = bfy_question_ref (order->question);
  answer->reply = order->reply;
  answer->scope = order->scope;
  g_task_set_source_tag (task, bfy_answer_send_async);
  g_task_set_task_data (task, answer, answer_free);
  if (passphrase != NULL && bfy_agent_link_needs_key (link))
    give_key (g_steal_pointer (&task), passphrase);
  else
    send (g_steal_pointer (&task));
}

gboolean
bfy_answer_send_finish (BfyAgentLink *link, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, link), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
