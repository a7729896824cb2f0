/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What an answer does. Only an explicit yes lets anything go on (behaviour 15.6): everything that
 * is not understood or does not fit any more leaves the question as it was. */

#include "agent/caller/caller.h"
#include "agent/grant/grants.h"
#include "agent/prompt/prompts-private.h"

#define CHANGED_TEXT "The program that asked is no longer what it was; nothing has been allowed"

/* Those whose process has become another one since it asked. FALSE when nobody is left for whom the
 * answer could count. */
static gboolean
drop_changed (BfyQuestion *question)
{
  GList *next;
  gboolean had_any = !g_queue_is_empty (&question->waiting);

  for (GList *link = question->waiting.head; link != NULL; link = next)
    {
      BfyWaiter *waiter = link->data;

      next = link->next;
      if (!bfy_caller_is_still (waiter->request, waiter->caller))
        bfy_waiter_end (waiter, g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED, CHANGED_TEXT));
    }

  return !had_any || !g_queue_is_empty (&question->waiting);
}

static void
note_quiet (BfyQuestion *question, BfyQuietHow how)
{
  if (bfy_quiet_note (question->prompts->quiet, question->payer, question->client, how,
                      bfy_agent_now_ms ()))
    bfy_question_record (question, "approval_quiet", "begun");
}

static gboolean
add_grant (BfyQuestion *question, BfyGrantScope scope, gboolean is_denial, GError **error)
{
  return bfy_grants_add (question->prompts->agent->grants, question->prompt->caller,
                         question->prompt->wish, scope, is_denial, error) != NULL;
}

/* The one that has waited longest for just what was shown; the others are asked for anew. */
static void
let_one_go_on (GPtrArray *waiting, const BfyWish *shown)
{
  guint i = 0;

  while (i < waiting->len &&
         !bfy_wish_is_same (((BfyWaiter *) g_ptr_array_index (waiting, i))->wish, shown))
    i++;
  if (i < waiting->len)
    bfy_waiter_release (g_ptr_array_remove_index (waiting, i));
  for (i = 0; i < waiting->len; i++)
    bfy_waiter_ask_again (g_ptr_array_index (waiting, i));
}

static void
let_all_go_on (GPtrArray *waiting)
{
  for (guint i = 0; i < waiting->len; i++)
    bfy_waiter_release (g_ptr_array_index (waiting, i));
}

static gboolean
allow (BfyQuestion *question, BfyGrantScope scope, GError **error)
{
  g_autoptr (BfyWish) shown = bfy_wish_ref (question->prompt->wish);
  g_autoptr (GPtrArray) waiting = NULL;

  if ((question->prompt->scopes & (1u << scope)) == 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
                   "This cannot be allowed %s; the question says for how long it can",
                   bfy_grant_scope_describe (scope));
      return FALSE;
    }
  if (!drop_changed (question))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, CHANGED_TEXT);
      bfy_question_refuse (question, "refused", BFY_ERROR_DENIED, CHANGED_TEXT);
      return FALSE;
    }
  if (!add_grant (question, scope, FALSE, error))
    return FALSE;

  note_quiet (question, BFY_QUIET_ALLOWED);
  waiting = bfy_question_close (question, "allowed");
  if (scope == BFY_GRANT_ONCE)
    let_one_go_on (waiting, shown);
  else
    let_all_go_on (waiting);

  return TRUE;
}

static gboolean
deny (BfyQuestion *question, GError **error)
{
  g_autoptr (GPtrArray) waiting = NULL;

  if (!add_grant (question, BFY_GRANT_ONCE, TRUE, error))
    return FALSE;

  note_quiet (question, BFY_QUIET_DENIED);
  waiting = bfy_question_close (question, "denied");
  for (guint i = 0; i < waiting->len; i++)
    bfy_waiter_end (g_ptr_array_index (waiting, i),
                    g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                         "A person has refused this; bindify grants shows what is "
                                         "remembered of it"));

  return TRUE;
}

static gboolean
dismiss (BfyQuestion *question)
{
  note_quiet (question, BFY_QUIET_DENIED);
  bfy_question_refuse (question, "dismissed", BFY_ERROR_APPROVAL_DISMISSED,
                       "The question whether to allow this was put away without an answer; try "
                       "again when somebody will answer it");

  return TRUE;
}

gboolean
bfy_prompts_answer (BfyPrompts *self,
                    const char *id,
                    BfyAnswer answer,
                    BfyGrantScope scope,
                    const char *answered_by,
                    GError **error)
{
  BfyQuestion *question = bfy_prompts_find_question (self, id);

  if (question == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "This question is not open any more: it was answered, withdrawn, or "
                           "its time is up; bindify prompts lists those that are");
      return FALSE;
    }
  if (self->is_screen_locked)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                           "Nothing is allowed while the screen is locked; unlock it first");
      return FALSE;
    }
  g_info ("A question of “%s” was answered by %s", question->client, answered_by);

  switch (answer)
    {
    case BFY_ANSWER_ALLOW:
      return allow (question, scope, error);
    case BFY_ANSWER_DENY:
      return deny (question, error);
    case BFY_ANSWER_DISMISS:
      return dismiss (question);
    }

  g_return_val_if_reached (FALSE);
}
