/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/boot-timer.h"
#include "agent/caller/caller.h"
#include "agent/caller/root.h"
#include "agent/prompt/link.h"
#include "agent/prompt/prompts-private.h"

#define LOOKED_UP_MAX 4 /* askers of one question, by their TCP connection */

/* Requests share a question only when they come from the same client. One that cannot be recognised
 * another time is the process that it is. */
static char *
dup_asker (const BfyCaller *caller)
{
  char *subject = bfy_caller_dup_subject (caller);

  if (subject != NULL || caller->pid == 0 || caller->started_at == 0)
    return subject;

  return g_strdup_printf ("process:%d:%" G_GUINT64_FORMAT, caller->pid, caller->started_at);
}

/* All that cannot be recognised are on one account: new processes cost nothing. */
char *
bfy_question_dup_payer (const BfyCaller *caller)
{
  char *subject = bfy_caller_dup_subject (caller);

  return subject != NULL ? subject : g_strdup ("unidentified");
}

/* Whether a yes to one is a yes to the other. */
static gboolean
means_same (const BfyWish *a, const BfyWish *b)
{
  if (a->reach != b->reach || a->kind != b->kind || a->access != b->access ||
      !g_str_equal (a->binding_id, b->binding_id) || !g_str_equal (a->method, b->method) ||
      !g_str_equal (a->rule, b->rule) || g_strcmp0 (a->name, b->name) != 0)
    return FALSE;

  return a->reach == BFY_WISH_ANY_ARGUMENTS || bfy_wish_is_same (a, b);
}

BfyQuestion *
bfy_question_find_alike (BfyPrompts *prompts, const BfyPromptsAsked *asked)
{
  g_autofree char *asker = dup_asker (asked->caller);

  for (guint i = 0; asker != NULL && i < prompts->questions->len; i++)
    {
      BfyQuestion *question = g_ptr_array_index (prompts->questions, i);

      if (g_strcmp0 (question->asker, asker) == 0 &&
          means_same (question->prompt->wish, asked->wish))
        return question;
    }

  return NULL;
}

void
bfy_question_record (BfyQuestion *self, const char *type, const char *category)
{
  const BfyPrompt *prompt = self->prompt;
  const BfyWaiter *oldest = g_queue_peek_head (&self->waiting);
  BfyEvent *event =
      bfy_agent_new_event (type, self->binding, oldest != NULL ? oldest->request : NULL);

  /* The program that is asked about, not the bridge that it came over. */
  g_free (event->client);
  g_free (event->client_id);
  event->client = g_strdup (self->client);
  event->client_id = g_strdup (prompt->caller->client_id);
  event->method = g_strdup (prompt->wish->method);
  event->tool = g_strdup (prompt->wish->name);
  event->category = g_strdup (category);
  event->detail = g_strdup (prompt->title);
  event->outcome = category == NULL ? BFY_OUTCOME_PENDING : BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (self->prompts->agent->store, event, TRUE);
}

static void
question_free (BfyQuestion *self)
{
  g_clear_handle_id (&self->life_id, g_source_remove);
  g_clear_handle_id (&self->changed_id, g_source_remove);
  bfy_prompt_unref (self->prompt);
  bfy_binding_unref (self->binding);
  g_array_unref (self->askers);
  g_free (self->asker);
  g_free (self->payer);
  g_free (self->client);
  g_free (self);
}

/* While the screen is locked nobody can have answered, and that is no reason for quiet. */
static void
count_unanswered (BfyQuestion *self)
{
  BfyPrompts *prompts = self->prompts;

  if (!prompts->is_screen_locked && bfy_prompters_are_there (prompts) &&
      bfy_quiet_note (prompts->quiet, self->payer, self->client, BFY_QUIET_TIMED_OUT,
                      bfy_agent_now_ms ()))
    bfy_question_record (self, "approval_quiet", "begun");
}

static gboolean
on_life_over (gpointer user_data)
{
  BfyQuestion *self = user_data;

  self->life_id = 0;
  bfy_question_record (self, "approval_closed", "timeout");
  count_unanswered (self);
  bfy_question_refuse (self, "timeout", BFY_ERROR_APPROVAL_TIMEOUT,
                       "Nobody has answered whether to allow this; try again while somebody can, "
                       "with bindify prompts --watch open");

  return G_SOURCE_REMOVE;
}

static gboolean
check_room (BfyPrompts *prompts, const char *payer, GError **error)
{
  guint n_open = 0;

  for (guint i = 0; i < prompts->questions->len; i++)
    n_open += g_str_equal (((const BfyQuestion *) g_ptr_array_index (prompts->questions, i))->payer,
                           payer);
  if (n_open >= BFY_PROMPTS_PER_CALLER_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_APPROVAL_PENDING,
                   "%u other questions of this client wait for an answer; answer them with bindify "
                   "prompts --watch, then try again",
                   n_open);
      return FALSE;
    }
  if (prompts->questions->len >= BFY_PROMPTS_MAX)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_APPROVAL_PENDING,
                           "Too many questions wait for an answer; answer them with bindify "
                           "prompts --watch, then try again");
      return FALSE;
    }

  return TRUE;
}

BfyQuestion *
bfy_question_open (BfyPrompts *prompts, const BfyPromptsAsked *asked, GError **error)
{
  g_autofree char *payer = bfy_question_dup_payer (asked->caller);
  BfyQuestion *self;

  if (!check_room (prompts, payer, error))
    return NULL;

  self = g_new0 (BfyQuestion, 1);
  self->prompts = prompts;
  self->prompt = bfy_prompts_make (prompts, asked);
  self->binding = bfy_binding_ref (asked->binding);
  self->asker = dup_asker (asked->caller);
  self->payer = g_steal_pointer (&payer);
  self->client = bfy_caller_dup_name (asked->caller);
  self->askers = g_array_new (FALSE, FALSE, sizeof (int));
  self->life_id = g_timeout_add (prompts->times.life_ms, on_life_over, self);
  g_ptr_array_add (prompts->questions, self);

  return self;
}

static void
note_process (BfyQuestion *self, int pid)
{
  BfyPrompts *prompts = self->prompts;

  if (pid <= 0)
    return;
  for (guint i = 0; i < self->askers->len; i++)
    if (g_array_index (self->askers, int, i) == pid)
      return;
  g_array_append_val (self->askers, pid);
  for (guint i = 0; i < prompts->links->len; i++)
    bfy_link_note_asker (g_ptr_array_index (prompts->links, i), self->prompt->id, pid);
}

/* Who is behind a client key takes a while to find out, so it is for the first few of a question.
 */
void
bfy_question_note_asker (BfyQuestion *self, BfyRequest *request, const BfyCaller *caller)
{
  int pid = caller->pid;

  if (pid == 0 && self->n_looked_up < LOOKED_UP_MAX)
    {
      self->n_looked_up++;
      pid = bfy_caller_find_tcp_pid (request);
    }
  note_process (self, pid);
  note_process (self, caller->program_pid);
  note_process (self, bfy_root_of (pid));
}

static gboolean
on_changed (gpointer user_data)
{
  BfyQuestion *self = user_data;

  self->changed_id = 0;
  if (self->n_told != self->prompt->n_waiting)
    bfy_prompters_tell (self->prompts, self->prompt, BFY_PROMPT_CHANGED, NULL);
  self->n_told = self->prompt->n_waiting;

  return G_SOURCE_REMOVE;
}

void
bfy_question_show (BfyQuestion *self)
{
  bfy_question_record (self, "approval_requested", NULL);
  self->n_told = self->prompt->n_waiting;
  bfy_prompters_tell (self->prompts, self->prompt, BFY_PROMPT_OPENED, NULL);
}

void
bfy_question_note_changed (BfyQuestion *self)
{
  self->prompt->n_waiting = g_queue_get_length (&self->waiting);
  if (self->changed_id == 0)
    self->changed_id = g_idle_add (on_changed, self);
}

static void
remember_askers (BfyQuestion *self, const char *how)
{
  static const char *const noes[] = { "denied", "dismissed", "timeout", NULL };

  for (guint i = 0; g_strv_contains (noes, how) && i < self->askers->len; i++)
    bfy_askers_add (self->prompts->refused, g_array_index (self->askers, int, i),
                    bfy_boot_timer_now_ms ());
}

GPtrArray *
bfy_question_close (BfyQuestion *self, const char *how)
{
  BfyPrompts *prompts = self->prompts;
  GPtrArray *waiting = g_ptr_array_new ();
  BfyWaiter *waiter;

  remember_askers (self, how);
  while ((waiter = g_queue_pop_head (&self->waiting)) != NULL)
    {
      waiter->question = NULL;
      g_ptr_array_add (waiting, waiter);
    }
  g_ptr_array_remove (prompts->questions, self);
  bfy_prompters_tell (prompts, self->prompt, BFY_PROMPT_CLOSED, how);
  question_free (self);

  return waiting;
}

void
bfy_question_refuse (BfyQuestion *self, const char *how, BfyErrorCode code, const char *message)
{
  g_autoptr (GPtrArray) waiting = NULL;

  if (!g_str_equal (how, "timeout"))
    bfy_question_record (self, "approval_closed", how);
  waiting = bfy_question_close (self, how);
  for (guint i = 0; i < waiting->len; i++)
    bfy_waiter_end (g_ptr_array_index (waiting, i), g_error_new_literal (BFY_ERROR, code, message));
}

void
bfy_question_withdraw (BfyQuestion *self)
{
  g_autoptr (GPtrArray) waiting = NULL;

  bfy_question_record (self, "approval_closed", "withdrawn");
  waiting = bfy_question_close (self, "withdrawn");
  for (guint i = 0; i < waiting->len; i++)
    bfy_waiter_release (g_ptr_array_index (waiting, i));
}
