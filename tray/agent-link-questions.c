/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/fields.h"
#include "tray/agent-link-private.h"

/* When the agent has broken off, but not gone. */
#define REGISTER_AGAIN_MS 500
#define REGISTRATIONS_MAX 5

/* What is asked */

static gboolean
find_question (BfyAgentLink *self, const char *id, guint *index)
{
  for (guint i = 0; i < self->questions->len; i++)
    {
      const BfyQuestion *question = g_ptr_array_index (self->questions, i);

      if (g_str_equal (question->id, id))
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

static void
on_question (BfyPrompterLink *prompter, BfyQuestion *question, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  gboolean is_new;
  guint index;

  is_new = !find_question (self, question->id, &index);
  if (is_new)
    g_ptr_array_add (self->questions, bfy_question_ref (question));
  else
    {
      bfy_question_unref (g_ptr_array_index (self->questions, index));
      g_ptr_array_index (self->questions, index) = bfy_question_ref (question);
    }
  g_signal_emit_by_name (self, "question", question, is_new);
  bfy_agent_link_tell (self, BFY_NEWS_QUESTIONS);
}

static void
close_question (BfyAgentLink *self, const char *id, const char *how)
{
  g_autofree char *closed = g_strdup (id);
  guint index;

  if (!find_question (self, id, &index))
    return;
  g_ptr_array_remove_index (self->questions, index);
  g_signal_emit_by_name (self, "question-closed", closed, how);
  bfy_agent_link_tell (self, BFY_NEWS_QUESTIONS);
}

static void
on_closed (BfyPrompterLink *prompter, const char *id, const char *how, gpointer user_data)
{
  close_question (user_data, id, how);
}

void
bfy_agent_link_close_questions (BfyAgentLink *self)
{
  while (self->questions->len > 0)
    close_question (self, ((BfyQuestion *) g_ptr_array_index (self->questions, 0))->id, NULL);
}

/* Whether we are one who shows them */

static void
set_silence (BfyAgentLink *self, const char *reason, const char *hint)
{
  g_free (self->silence);
  g_free (self->silence_hint);
  self->silence = g_strdup (reason);
  self->silence_hint = g_strdup (hint);
}

/* The one with the key is registered. The one before it goes only now: at no time is nobody there.
 */
static void
follow_up (BfyAgentLink *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->successor_task);

  g_clear_pointer (&self->prompter, bfy_prompter_free);
  self->prompter = g_steal_pointer (&self->successor);
  self->has_key = TRUE;
  g_task_return_boolean (task, TRUE);
}

/* Takes @error. */
static void
end_successor (BfyAgentLink *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->successor_task);

  g_clear_pointer (&self->successor, bfy_prompter_free);
  if (task != NULL)
    g_task_return_error (task, error);
  else
    g_error_free (error);
}

static void
on_registered (BfyPrompterLink *prompter, gpointer user_data)
{
  BfyAgentLink *self = user_data;

  if (prompter == self->successor)
    follow_up (self);
  self->n_registrations = 0;
  set_silence (self, NULL, NULL);
  bfy_agent_link_tell (self, BFY_NEWS_QUESTIONS);
}

static gboolean
on_register_again (gpointer user_data)
{
  BfyAgentLink *self = user_data;

  self->register_id = 0;
  bfy_agent_link_register (self);

  return G_SOURCE_REMOVE;
}

/* That the agent is there shows in the stream of events; it may refuse us as one who answers, and
 * yet tell what happens. When it has only broken off, because questions were not read fast enough,
 * we come back. */
static void
on_prompter_end (BfyPrompterLink *prompter, const GError *error, gpointer user_data)
{
  BfyAgentLink *self = user_data;
  gboolean is_broken = g_error_matches (error, BFY_ERROR, BFY_ERROR_NO_AGENT) ||
                       g_error_matches (error, BFY_ERROR, BFY_ERROR_FAILED);

  if (prompter == self->successor)
    {
      end_successor (self, g_error_copy (error));
      return;
    }
  bfy_agent_link_close_questions (self);
  if (is_broken && self->n_registrations < REGISTRATIONS_MAX)
    {
      self->register_id = g_timeout_add (REGISTER_AGAIN_MS, on_register_again, self);
      return;
    }
  g_info ("Not showing questions: %s", error->message);
  set_silence (self, error->message, bfy_prompter_get_hint (prompter));
  bfy_agent_link_tell (self, BFY_NEWS_QUESTIONS);
}

static const BfyPrompterEvents prompter_events = { on_registered, on_question, on_closed,
                                                   on_prompter_end };

void
bfy_agent_link_forget_prompter (BfyAgentLink *self)
{
  g_clear_handle_id (&self->register_id, g_source_remove);
  g_clear_pointer (&self->prompter, bfy_prompter_free);
  end_successor (self,
                 g_error_new_literal (BFY_ERROR, BFY_ERROR_NO_AGENT, "The agent has gone away"));
  self->has_key = FALSE;
  self->n_registrations = 0;
  set_silence (self, NULL, NULL);
}

void
bfy_agent_link_register (BfyAgentLink *self)
{
  g_autoptr (GBytes) body = NULL;

  g_clear_handle_id (&self->register_id, g_source_remove);
  if (!self->is_present)
    return;
  g_clear_pointer (&self->prompter, bfy_prompter_free);
  bfy_agent_link_close_questions (self);
  self->n_registrations++;
  self->has_key = FALSE;
  body = bfy_prompter_body (BFY_PROMPTER_IN_TRAY, NULL);
  self->prompter = bfy_prompter_new (self->remote, body, &prompter_events, self);
}

gboolean
bfy_agent_link_needs_key (BfyAgentLink *self)
{
  JsonObject *status = bfy_agent_link_get_status (self);
  JsonObject *lock = status != NULL ? bfy_field_object (status, "lock") : NULL;

  return !self->has_key && lock != NULL && bfy_field_object (lock, "approval_kdf") != NULL;
}

void
bfy_agent_link_register_async (BfyAgentLink *self,
                               const BfySecret *key,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GBytes) body = bfy_prompter_body (BFY_PROMPTER_IN_TRAY, key);

  g_task_set_source_tag (task, bfy_agent_link_register_async);
  if (!self->is_present || self->successor != NULL)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_NO_AGENT,
                               "The agent takes no passphrase from here just now");
      return;
    }
  self->successor_task = g_steal_pointer (&task);
  self->successor = bfy_prompter_new (self->remote, body, &prompter_events, self);
}

gboolean
bfy_agent_link_register_finish (BfyAgentLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
bfy_agent_link_get_silence (BfyAgentLink *self)
{
  return self->silence;
}

const char *
bfy_agent_link_get_silence_hint (BfyAgentLink *self)
{
  return self->silence_hint;
}

/* Answers */

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  /* It may be another passphrase by now. */
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED))
    BFY_AGENT_LINK (g_task_get_source_object (task))->has_key = FALSE;
  if (reply == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

void
bfy_agent_link_answer_async (BfyAgentLink *self,
                             BfyQuestion *question,
                             BfyReply reply,
                             BfyGrantScope scope,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *path = bfy_prompter_answer_path (question);
  g_autoptr (GBytes) body = NULL;
  BfyCall call = { "POST", path, NULL };

  g_task_set_source_tag (task, bfy_agent_link_answer_async);
  if (self->prompter == NULL || !bfy_prompter_is_registered (self->prompter))
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_NO_AGENT,
                               "The agent takes no answer from here just now");
      return;
    }

  body = bfy_prompter_answer_body (self->prompter, question, reply, scope);
  call.body = body;
  bfy_remote_call_async (self->remote, &call, NULL, on_answered, g_steal_pointer (&task));
}

gboolean
bfy_agent_link_answer_finish (BfyAgentLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
