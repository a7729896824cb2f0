/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/caller.h"
#include "agent/prompt/prompts-private.h"

#define HELD_TEXT "Waiting for a person to allow this"

void
bfy_waiter_end (BfyWaiter *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (self->question != NULL)
    {
      g_queue_remove (&self->question->waiting, self);
      bfy_question_note_changed (self->question);
    }
  g_queue_remove (&self->prompts->released, self);
  *self->self = NULL;
  g_clear_handle_id (&self->wait_id, g_source_remove);
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->hold, bfy_hold_free);
  bfy_request_unref (self->request);
  bfy_binding_unref (self->binding);
  bfy_caller_unref (self->caller);
  bfy_wish_unref (self->wish);
  g_free (self);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
on_release (gpointer user_data)
{
  BfyPrompts *prompts = user_data;
  BfyWaiter *waiter = g_queue_peek_head (&prompts->released);

  if (waiter != NULL)
    bfy_waiter_end (waiter, NULL);
  if (!g_queue_is_empty (&prompts->released))
    return G_SOURCE_CONTINUE;
  prompts->release_id = 0;

  return G_SOURCE_REMOVE;
}

void
bfy_waiter_release (BfyWaiter *self)
{
  BfyPrompts *prompts = self->prompts;

  g_queue_push_tail (&prompts->released, self);
  g_clear_handle_id (&self->wait_id, g_source_remove);
  if (prompts->release_id == 0)
    prompts->release_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_release, prompts, NULL);
}

static void
join (BfyWaiter *self, BfyQuestion *question)
{
  self->question = question;
  g_queue_push_tail (&question->waiting, self);
  bfy_question_note_asker (question, self->request, self->caller);
  bfy_question_note_changed (question);
}

/* Its client has been told to come back; until then the question stays. */
static gboolean
on_waited (gpointer user_data)
{
  BfyWaiter *self = user_data;

  self->wait_id = 0;
  self->question->was_left_open = TRUE;
  bfy_waiter_end (self, g_error_new (BFY_ERROR, BFY_ERROR_APPROVAL_PENDING,
                                     "The question whether to allow this is still open: answer it "
                                     "(bindify prompts --watch), then try again"));

  return G_SOURCE_REMOVE;
}

static void
leave (BfyWaiter *self)
{
  BfyQuestion *question = self->question;

  bfy_waiter_end (self,
                  g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "The client has gone"));
  if (question != NULL && g_queue_is_empty (&question->waiting) && !question->was_left_open)
    bfy_question_refuse (question, "withdrawn", BFY_ERROR_CANCELLED, "The client has gone");
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  leave (user_data);
}

/* Somebody else has answered it, for instance because what allowed a part of it was taken back. */
static void
on_over (gpointer user_data)
{
  g_autofree BfyWaiter **waiter = user_data;

  if (*waiter != NULL)
    leave (*waiter);
}

static BfyWaiter *
waiter_new (BfyPrompts *prompts, const BfyPromptsAsked *asked, GTask *task)
{
  BfyWaiter *self = g_new0 (BfyWaiter, 1);
  const BfyPromptTimes *times = &prompts->times;

  self->prompts = prompts;
  self->request = bfy_request_ref (asked->request);
  self->binding = bfy_binding_ref (asked->binding);
  self->caller = bfy_caller_ref (asked->caller);
  self->wish = bfy_wish_ref (asked->wish);
  self->task = g_object_ref (task);
  self->hold = bfy_hold_new (asked->request, HELD_TEXT);
  bfy_hold_set_times (self->hold, times->silent_ms, times->beat_ms);
  self->gone_id = g_signal_connect (bfy_request_get_gone (asked->request), "cancelled",
                                    G_CALLBACK (on_gone), self);
  self->self = g_new (BfyWaiter *, 1);
  *self->self = self;
  bfy_request_add_over_func (asked->request, on_over, self->self);
  if (!asked->is_patient)
    self->wait_id = g_timeout_add (
        bfy_hold_keeps_alive (self->hold) ? times->hold_ms : times->wait_ms, on_waited, self);

  return self;
}

static char *
format_clock (gint64 time_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_s);

  return g_date_time_format (time, "%H:%M");
}

static gboolean
check_quiet (BfyPrompts *self, const BfyCaller *caller, GError **error)
{
  g_autofree char *payer = bfy_question_dup_payer (caller);
  gint64 until_ms = bfy_quiet_until_ms (self->quiet, payer, bfy_agent_now_ms ());
  g_autofree char *clock = until_ms > 0 ? format_clock ((until_ms + 59999) / 1000) : NULL;

  if (until_ms == 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "Nobody is asked for this client until %s, after too many questions that were "
               "refused or left unanswered; bindify prompts resume ends that",
               clock);

  return FALSE;
}

static gboolean
check_may_ask (BfyPrompts *self, const BfyPromptsAsked *asked, GError **error)
{
  if (bfy_request_is_over (asked->request) ||
      g_cancellable_is_cancelled (bfy_request_get_gone (asked->request)))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CANCELLED, "The client has gone");
      return FALSE;
    }
  if (!bfy_caller_is_still (asked->request, asked->caller))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The program that asks has ended or become another one, so nobody is "
                           "asked for it");
      return FALSE;
    }
  if (!bfy_credentials_check_unlocked (self->agent->credentials, error))
    return FALSE;
  if (self->is_screen_locked)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                           "The screen is locked, so nobody can be asked; unlock it, then try "
                           "again");
      return FALSE;
    }
  if (!bfy_prompters_are_there (self))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_APPROVAL_UNAVAILABLE,
                           "Nobody can be asked; bindify prompts --watch in a terminal asks you");
      return FALSE;
    }

  return check_quiet (self, asked->caller, error);
}

/* @is_new: it is to be shown as soon as somebody waits for it. */
static BfyQuestion *
find_or_open (BfyPrompts *self, const BfyPromptsAsked *asked, gboolean *is_new, GError **error)
{
  BfyQuestion *question = bfy_question_find_alike (self, asked);

  *is_new = question == NULL;
  if (question == NULL)
    return bfy_question_open (self, asked, error);
  if (g_queue_get_length (&question->waiting) < BFY_PROMPT_WAITING_MAX)
    return question;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_APPROVAL_PENDING,
                       "Too many requests wait for the answer to this question; answer it "
                       "(bindify prompts --watch), then try again");

  return NULL;
}

void
bfy_waiter_ask_again (BfyWaiter *self)
{
  const BfyPromptsAsked asked = {
    .request = self->request, .binding = self->binding, .caller = self->caller, .wish = self->wish
  };
  BfyQuestion *question;
  gboolean is_new;
  GError *error = NULL;

  question = find_or_open (self->prompts, &asked, &is_new, &error);
  if (question == NULL)
    {
      bfy_waiter_end (self, error);
      return;
    }
  join (self, question);
  if (is_new)
    bfy_question_show (question);
}

void
bfy_prompts_ask_async (BfyPrompts *self,
                       const BfyPromptsAsked *asked,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  BfyQuestion *question = NULL;
  gboolean is_new = FALSE;
  GError *error = NULL;

  g_task_set_source_tag (task, (gpointer) bfy_prompts_ask_async);
  if (check_may_ask (self, asked, &error))
    question = find_or_open (self, asked, &is_new, &error);
  if (question == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  join (waiter_new (self, asked, task), question);
  if (is_new)
    bfy_question_show (question);
}

gboolean
bfy_prompts_ask_finish (BfyPrompts *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
